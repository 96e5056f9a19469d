package publish

import (
	"bytes"
	"time"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// A muxer makes messages of packets.
type muxer struct {
	tracks []muxTrack
	videos int // tracks of each kind
	audios int

	legacyHEVC bool
	duration   time.Duration  // of the whole, for the metadata; zero if it has no end
	given      media.Metadata // what else the source says about itself

	passed map[slot][]byte // headers of a file that went out as they are

	based bool
	base  time.Duration // DTS of the source that is 0 on the wire
	now   time.Duration // highest time on the wire
}

// A muxTrack is a track with its id on the wire.
type muxTrack struct {
	Track
	id   uint8
	last time.Duration // time of the last packet
	asIs bool          // its messages come from a file, headers and end included
}

// next is the id of a track that follows the others of its kind.
const next = -1

// add adds a track and returns its index. The track of a kind with the id 0 goes without a multitrack header.
func (m *muxer) add(t Track, id int) int {
	count := &m.audios
	if t.Video() {
		count = &m.videos
	}
	if id == next {
		id = *count
	}
	*count++
	m.tracks = append(m.tracks, muxTrack{Track: t, id: uint8(id)})
	return len(m.tracks) - 1
}

// headers returns the metadata and the sequence headers of all tracks, for the time at.
func (m *muxer) headers(at time.Duration) ([]frame, error) {
	meta, err := m.metadata(at)
	if err != nil {
		return nil, err
	}
	frames := []frame{meta}
	for i := range m.tracks {
		f, ok, err := m.tracks[i].configFrame(m.legacyHEVC, at)
		if err != nil {
			return nil, err
		}
		if ok {
			frames = append(frames, f)
		}
	}
	return frames, nil
}

// configFrame returns the sequence header of t. It reports false if there is none to send.
func (t *muxTrack) configFrame(legacyHEVC bool, at time.Duration) (frame, bool, error) {
	f := frame{header: true, track: t.id, at: at}
	if t.asIs {
		return f, false, nil
	}
	if len(t.Config) == 0 && (t.Codec != media.AC3 && t.Codec != media.EAC3) {
		return f, false, nil // MP3 and others need none
	}
	var payload []byte
	var err error
	kind := message.TypeAudio
	if t.Video() {
		kind = message.TypeVideo
		v := t.video(legacyHEVC)
		v.FrameType, v.PacketType = media.KeyFrame, media.VideoSequenceStart
		payload, err = media.AppendVideoHeader(nil, v)
	} else {
		a := t.audio()
		if !a.Enhanced && t.Codec != media.AAC {
			return f, false, nil
		}
		a.PacketType = media.AudioSequenceStart
		payload, err = media.AppendAudioHeader(nil, a)
	}
	f.slot = slot{kind, t.id, slotConfig}
	f.message = newMessage(kind, at, append(payload, t.Config...))
	return f, true, err
}

// video returns what is the same in all video headers of t: the classic form for H.264 in track 0, else the enhanced.
func (t *muxTrack) video(legacyHEVC bool) media.Video {
	v := media.Video{Codec: t.Codec, Enhanced: true, FrameType: media.InterFrame}
	if t.id != 0 {
		v.Multitrack, v.Track = media.OneTrack, t.id
		return v
	}
	if _, named := t.Codec.FourCC(); !named || t.Codec == media.AVC || t.Codec == media.HEVC && legacyHEVC {
		v.Enhanced = false
	}
	return v
}

// audio is video for audio headers: AAC and MP3 of track 0 have the classic form.
func (t *muxTrack) audio() media.Audio {
	a := media.Audio{Codec: t.Codec, Enhanced: true, PacketType: media.AudioCodedFrames}
	if t.id != 0 {
		a.Multitrack, a.Track = media.OneTrack, t.id
		return a
	}
	switch t.Codec {
	case media.AAC:
		a.Enhanced, a.Flags = false, media.AACFlags
	case media.MP3:
		a.Enhanced, a.Flags = false, soundFlags(t.SampleRate, t.Channels)
	}
	return a
}

// soundFlags returns the flags that come nearest. MP3 at 48 kHz has those of 44.1 kHz, as everybody writes it.
func soundFlags(rate, channels int) media.SoundFlags {
	f := media.SoundFlags(2) // 16 bits
	if channels > 1 {
		f |= 1
	}
	switch {
	case rate >= 44100:
		f |= 3 << 2
	case rate >= 22050:
		f |= 2 << 2
	case rate >= 11025:
		f |= 1 << 2
	}
	return f
}

// packet returns the messages for p: a sequence header, if it has changed, and the frame.
func (m *muxer) packet(p *Packet) ([]frame, error) {
	if p.Message != nil {
		f := m.pass(p)
		if f.header && bytes.Equal(m.passed[f.slot], f.message.Payload) {
			return nil, nil
		}
		if f.header {
			if m.passed == nil {
				m.passed = make(map[slot][]byte)
			}
			m.passed[f.slot] = f.message.Payload
		}
		return []frame{f}, nil
	}
	t := &m.tracks[p.Track]
	dts := m.time(p.DTS, t)
	var frames []frame
	if p.Config != nil && !bytes.Equal(p.Config, t.Config) {
		t.Config = p.Config
		width, height := t.Width, t.Height
		t.describe()
		if width != t.Width || height != t.Height {
			meta, err := m.metadata(dts)
			if err != nil {
				return nil, err
			}
			frames = append(frames, meta)
		}
		f, ok, err := t.configFrame(m.legacyHEVC, dts)
		if err != nil {
			return nil, err
		}
		if ok {
			frames = append(frames, f)
		}
	}
	f := frame{coded: true, key: p.Key, track: t.id, at: dts}
	var payload []byte
	var err error
	kind := message.TypeAudio
	if t.Video() {
		kind = message.TypeVideo
		v := t.video(m.legacyHEVC)
		v.PacketType = media.VideoCodedFrames
		if p.Key {
			v.FrameType = media.KeyFrame
		}
		if reorders(t.Codec) {
			v.Composition = int32((m.onWire(p.PTS) - dts) / time.Millisecond)
			if v.Composition == 0 && v.Enhanced {
				v.PacketType = media.VideoCodedFramesX
			}
		}
		f.lesser = t.lesser(p, p.Data)
		payload, err = media.AppendVideoHeader(make([]byte, 0, len(p.Data)+16), v)
	} else {
		payload, err = media.AppendAudioHeader(make([]byte, 0, len(p.Data)+16), t.audio())
	}
	f.message = newMessage(kind, dts, append(payload, p.Data...))
	return append(frames, f), err
}

// pass returns the message that p brings along, with the time of the wire.
func (m *muxer) pass(p *Packet) frame {
	kind := p.Message.Type
	var f frame
	f.slot.kind = kind
	var body []byte
	switch kind {
	case message.TypeVideo:
		if v, err := media.ParseVideo(p.Message.Payload); err == nil && !v.IsCommand() {
			f.track, f.coded, f.key, body = v.Track, v.IsCoded(), v.IsKeyFrame(), v.Body
			switch {
			case v.IsMetadata():
				f.header, f.slot.what = true, slotColor
			case v.IsSequenceHeader():
				f.header, f.slot.what = true, slotConfig
			}
		}
	case message.TypeAudio:
		if a, err := media.ParseAudio(p.Message.Payload); err == nil {
			f.track, f.coded, f.key = a.Track, a.IsCoded(), true
			switch {
			case a.IsMultichannelConfig():
				f.header, f.slot.what = true, slotChannels
			case a.IsSequenceHeader():
				f.header, f.slot.what = true, slotConfig
			}
		}
	default:
		f.header = media.IsMetadata(p.Message.Payload) // slotMetadata
	}
	f.slot.track = f.track
	f.at = m.now // of headers, which in many files have the time 0, and of data before the first frame
	if p.Track >= 0 && f.coded {
		t := &m.tracks[p.Track]
		f.at = m.time(p.DTS, t)
		if kind == message.TypeVideo {
			f.lesser = t.lesser(p, body)
		}
	} else if !f.header && m.based {
		f.at = max(0, m.onWire(p.DTS))
	}
	f.message = newMessage(kind, f.at, p.Message.Payload)
	return f
}

// time returns the time of a packet of t on the wire: in whole milliseconds, at least 0 and that of the packet before.
// The first packet is at 0.
func (m *muxer) time(dts time.Duration, t *muxTrack) time.Duration {
	if !m.based {
		m.based, m.base = true, dts
	}
	at := max(0, m.onWire(dts), t.last)
	t.last = at
	m.now = max(m.now, at)
	return at
}

// onWire returns a time of the source as one of the wire, in whole milliseconds. It may be negative.
func (m *muxer) onWire(d time.Duration) time.Duration { return (d - m.base).Round(time.Millisecond) }

// end returns the messages that end the video tracks.
func (m *muxer) end() []frame {
	var frames []frame
	for i := range m.tracks {
		t := &m.tracks[i]
		if t.asIs || !t.Video() || !reorders(t.Codec) {
			continue // of the others, not all receivers know an end
		}
		v := t.video(m.legacyHEVC)
		v.FrameType, v.PacketType = media.KeyFrame, media.VideoSequenceEnd
		if payload, err := media.AppendVideoHeader(nil, v); err == nil {
			frames = append(frames, frame{track: t.id, at: m.now, message: newMessage(message.TypeVideo, m.now, payload)})
		}
	}
	return frames
}

func newMessage(kind message.Type, at time.Duration, payload []byte) *message.Message {
	return &message.Message{Type: kind, Timestamp: timestamp(at), Payload: payload}
}

// timestamp returns at as it is on the wire, where it wraps.
func timestamp(at time.Duration) message.Timestamp {
	return message.Timestamp(uint64(at / time.Millisecond))
}
