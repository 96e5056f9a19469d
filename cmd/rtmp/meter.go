package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// A meter counts the messages that are read through it.
type meter struct {
	src message.Reader

	mu     sync.Mutex // guards the fields below
	counts counts
	about  about
}

// counts are the figures of a span of time.
type counts struct {
	video, keys, audio, data, other int
	bytes                           uint64 // of payload
}

// about is what is known of the stream.
type about struct {
	video, audio  media.Codec
	width, height int
	first, last   message.Timestamp // of audio and video
	started       bool
}

func newMeter(src message.Reader) *meter { return &meter{src: src} }

// ReadMessage returns the next message of the source.
func (m *meter) ReadMessage() (*message.Message, error) {
	msg, err := m.src.ReadMessage()
	if err == nil {
		m.note(msg)
	}
	return msg, err
}

func (m *meter) note(msg *message.Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts.bytes += uint64(len(msg.Payload))
	switch {
	case msg.Type == message.TypeVideo:
		m.counts.video++
		if v, err := media.ParseVideo(msg.Payload); err == nil {
			m.about.video = v.Codec
			if v.IsKeyFrame() {
				m.counts.keys++
			}
		}
	case msg.Type == message.TypeAudio:
		m.counts.audio++
		if a, err := media.ParseAudio(msg.Payload); err == nil && !a.Silence {
			m.about.audio = a.Codec
		}
	case msg.Type.IsData():
		m.counts.data++
		m.about.learn(msg)
		return
	default:
		m.counts.other++
		return
	}
	if !m.about.started {
		m.about.started = true
		m.about.first = msg.Timestamp
	}
	m.about.last = msg.Timestamp
}

// learn takes the size of the picture from metadata.
func (a *about) learn(msg *message.Message) {
	body, err := message.Parse(msg)
	if err != nil {
		return
	}
	data, ok := body.(*message.Data)
	if !ok || data.Name() != "onMetaData" || len(data.Values) < 2 {
		return
	}
	meta, _ := amf0.AsObject(data.Values[1])
	if w, ok := meta.Number("width"); ok {
		a.width = int(w)
	}
	if h, ok := meta.Number("height"); ok {
		a.height = int(h)
	}
}

// take returns the counts since the last call, and what is known.
func (m *meter) take() (counts, about) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.counts
	m.counts = counts{}
	return c, m.about
}

// String names codecs and picture size: "H.264 640x360, AAC".
func (a about) String() string {
	var parts []string
	if a.video != 0 {
		v := codecName(a.video)
		if a.width > 0 && a.height > 0 {
			v += fmt.Sprintf(" %dx%d", a.width, a.height)
		}
		parts = append(parts, v)
	}
	if a.audio != 0 {
		parts = append(parts, codecName(a.audio))
	}
	if len(parts) == 0 {
		return "no audio or video yet"
	}
	return strings.Join(parts, ", ")
}

// position is how far the stream has got since its first audio or video.
func (a about) position() time.Duration { return a.last.Sub(a.first) }

// codecName returns the name that people use.
func codecName(c media.Codec) string {
	switch c {
	case media.AVC:
		return "H.264"
	case media.HEVC:
		return "H.265"
	case media.AV1:
		return "AV1"
	case media.VP9:
		return "VP9"
	case media.AAC:
		return "AAC"
	case media.MP3:
		return "MP3"
	}
	return c.String()
}
