package publish

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// flvProbe is how much of an FLV file is read to find its tracks, if it has not both sound and picture. Ours.
const (
	flvProbe      = 2 * time.Second
	flvProbeBytes = 16 << 20
)

// An flvSource reads FLV. Its messages go to RTMP as they are, but for the metadata, and empty sequence headers of
// codecs that need one, which some programs write before the right one: they say nothing, and there are decoders that
// stumble over them.
type flvSource struct {
	r      *flv.Reader
	tracks []Track
	index  map[flvTrack]int
	queue  []*message.Message // read while probing
	err    error
	clock  unroller
	meta   media.Metadata
}

// An flvTrack tells the tracks of a file apart.
type flvTrack struct {
	kind message.Type
	id   uint8
}

func newFLVSource(r io.Reader) (Source, error) {
	s := &flvSource{r: flv.NewReader(r), index: make(map[flvTrack]int)}
	var first, now message.Timestamp
	size, coded, sound, picture := 0, false, false, false
	for s.err == nil && size < flvProbeBytes && (!coded || now.Sub(first) < flvProbe) && !(sound && picture && coded) {
		m, err := s.r.ReadMessage()
		if err != nil {
			s.err = err
			break
		}
		s.queue = append(s.queue, m)
		size += len(m.Payload)
		isCoded := s.note(m)
		if isCoded && !coded {
			coded, first = true, m.Timestamp
		}
		now = m.Timestamp
		for k := range s.index {
			sound = sound || k.kind == message.TypeAudio
			picture = picture || k.kind == message.TypeVideo
		}
	}
	if len(s.tracks) == 0 {
		if s.err != nil && !errors.Is(s.err, io.EOF) {
			return nil, s.err
		}
		return nil, ErrNoTracks
	}
	s.fromMetadata()
	return s, nil
}

// note learns of the tracks of m, and reports whether m holds coded frames.
func (s *flvSource) note(m *message.Message) (coded bool) {
	switch m.Type {
	case message.TypeVideo:
		v, err := media.ParseVideo(m.Payload)
		if err != nil || v.IsCommand() {
			return false
		}
		for tracks := v.Tracks(); tracks.Next(); {
			t := tracks.Track()
			s.noteTrack(flvTrack{m.Type, t.ID}, t.Codec, t.Body, v.IsSequenceHeader())
		}
		return v.IsCoded()
	case message.TypeAudio:
		a, err := media.ParseAudio(m.Payload)
		if err != nil || a.Silence {
			return false
		}
		for tracks := a.Tracks(); tracks.Next(); {
			t := tracks.Track()
			i := s.noteTrack(flvTrack{m.Type, t.ID}, t.Codec, t.Body, a.IsSequenceHeader() && a.PacketType == media.AudioSequenceStart)
			if !a.Enhanced && t.Codec != media.AAC {
				s.tracks[i].SampleRate, s.tracks[i].Channels = a.Flags.Rate(), a.Flags.Channels()
			}
		}
		return a.IsCoded()
	}
	return false
}

func (s *flvSource) noteTrack(k flvTrack, c media.Codec, body []byte, header bool) int {
	i, ok := s.index[k]
	if !ok {
		i = len(s.tracks)
		s.index[k] = i
		s.tracks = append(s.tracks, Track{Codec: c})
	}
	t := &s.tracks[i]
	if header && len(body) > 0 && t.Config == nil {
		t.Codec, t.Config = c, body
		t.describe()
	}
	return i
}

// metadata returns what the file says about itself, apart from what is about the file and not about the stream.
func (s *flvSource) metadata() media.Metadata { return s.meta }

// asIs says that the messages of this source are complete.
func (s *flvSource) asIs() bool { return true }

// aboutFile are the names in onMetaData that mean nothing to whoever gets a stream.
var aboutFile = []string{
	"duration", "filesize", "fileSize", "keyframes", "hasKeyframes", "canSeekToEnd", "lasttimestamp",
	"lastkeyframetimestamp", "lastkeyframelocation", "datasize", "videosize", "audiosize",
}

// aboutStream returns what of md is not about the file.
func aboutStream(md media.Metadata) media.Metadata {
	return slices.DeleteFunc(slices.Clone(md), func(p amf0.Property) bool { return slices.Contains(aboutFile, p.Name) })
}

// fromMetadata fills what is not known of the first tracks from onMetaData.
func (s *flvSource) fromMetadata() {
	for _, m := range s.queue {
		if m.Type != message.TypeData {
			continue
		}
		md, err := media.ParseMetadata(m.Payload)
		if err != nil {
			continue
		}
		for _, p := range aboutStream(md) {
			s.meta.Set(p.Name, p.Value)
		}
		for k, i := range s.index {
			s.tracks[i].learn(md, k.id)
		}
	}
}

// learn fills what t does not know of itself from onMetaData, where the top level is about the track with the id 0.
func (t *Track) learn(md media.Metadata, id uint8) {
	number := func(name string) float64 { n, _ := md.Number(name); return n }
	t.Duration = seconds(number("duration"))
	switch {
	case id != 0:
	case t.Video():
		t.setVideo(t.Width, t.Height, number("framerate"))
		if t.Width == 0 {
			t.Width, t.Height = int(number("width")), int(number("height"))
		}
		t.Bitrate = int(number("videodatarate") * 1000)
	default:
		t.Bitrate = int(number("audiodatarate") * 1000)
	}
}

// seconds returns n seconds, or zero if that is no duration.
func seconds(n float64) time.Duration {
	if !(n > 0 && n < 1e9) {
		return 0
	}
	return time.Duration(n * float64(time.Second))
}

func (s *flvSource) Tracks() []Track { return s.tracks }

func (s *flvSource) Close() error { return nil }

func (s *flvSource) ReadPacket() (*Packet, error) {
	for {
		var m *message.Message
		probed := len(s.queue) > 0
		switch {
		case probed:
			m, s.queue[0] = s.queue[0], nil
			s.queue = s.queue[1:]
		case s.err != nil:
			return nil, s.err
		default:
			m, s.err = s.r.ReadMessage()
			if s.err != nil {
				return nil, s.err
			}
		}
		if p := s.packet(m, probed); p != nil {
			return p, nil
		}
	}
}

// packet makes a packet of m, or returns nil for what is not passed on: empty headers, and metadata that were probed,
// which the publisher writes anew.
func (s *flvSource) packet(m *message.Message, probed bool) *Packet {
	at := time.Duration(s.clock.unroll(m.Timestamp)) * time.Millisecond
	p := &Packet{Track: -1, DTS: at, PTS: at, Message: m}
	switch m.Type {
	case message.TypeVideo:
		v, err := media.ParseVideo(m.Payload)
		if err != nil {
			return p
		}
		if v.PacketType == media.VideoSequenceStart && !v.IsCommand() && !v.IsSequenceHeader() {
			return nil
		}
		p.PTS += time.Duration(v.Composition) * time.Millisecond
		p.Key = v.IsKeyFrame()
		p.Disposable = v.FrameType == media.DisposableFrame
		if tracks := v.Tracks(); tracks.Next() {
			p.Track = s.lookup(flvTrack{m.Type, tracks.Track().ID})
		}
	case message.TypeAudio:
		a, err := media.ParseAudio(m.Payload)
		if err != nil {
			return p
		}
		if a.PacketType == media.AudioSequenceStart && !a.Silence && !a.IsSequenceHeader() {
			return nil
		}
		p.Key = a.IsCoded()
		if tracks := a.Tracks(); tracks.Next() {
			p.Track = s.lookup(flvTrack{m.Type, tracks.Track().ID})
		}
	default:
		md, err := media.ParseMetadata(m.Payload)
		switch {
		case err != nil:
			return p
		case probed:
			return nil
		}
		payload, err := media.AppendMetadata(nil, aboutStream(md))
		if err != nil {
			return nil
		}
		p.Message = &message.Message{Type: m.Type, Timestamp: m.Timestamp, Payload: payload}
	}
	return p
}

func (s *flvSource) lookup(k flvTrack) int {
	if i, ok := s.index[k]; ok {
		return i
	}
	return -1
}

// An unroller makes a timeline without wraps of timestamps.
type unroller struct {
	begun bool
	last  message.Timestamp
	now   int64 // milliseconds
}

func (u *unroller) unroll(t message.Timestamp) int64 {
	if !u.begun {
		u.begun, u.now = true, int64(t)
	} else {
		u.now += int64(int32(t - u.last))
	}
	u.last = t
	return u.now
}
