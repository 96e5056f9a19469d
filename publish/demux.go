package publish

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// A Demuxer takes the coded frames out of messages: it is the inverse of a Publisher. As a Source it differs from the
// files in one thing: a track that begins late, or a codec that takes the place of another, is added to Tracks.
//
// Frames that cannot be decoded because the configuration of their track has not come yet are dropped. The timeline has
// no wraps. When a publisher begins anew with other timestamps, it goes on where it was.
type Demuxer struct {
	r       message.Reader
	streams map[flvTrack]*stream
	tracks  []Track
	ids     []flvTrack // of tracks
	queue   []*Packet
	size    int // bytes that were read
	err     error
	meta    media.Metadata

	clock  unroller
	offset time.Duration // added to the times of a publisher that has begun anew
	begun  bool
	first  time.Duration // of all frames; valid if begun
	newest time.Duration
}

// A stream is what has the same id on the wire.
type stream struct {
	Track
	index  int    // in Demuxer.tracks; -1 before the first frame that can be decoded
	config []byte // that the next packet brings along
	begun  bool
	last   time.Duration // DTS of the last frame; valid if begun
}

// When the timestamps of a track fall by more than restart, or rise by more than hole, a publisher has begun anew. Ours:
// smaller steps back are disorder, smaller holes are times without media.
const (
	restart = time.Second
	hole    = time.Hour
)

// NewDemuxer returns a Demuxer that reads r, for example an rtmp.Player.
func NewDemuxer(r message.Reader) *Demuxer {
	return &Demuxer{r: r, streams: make(map[flvTrack]*stream)}
}

// Probe reads until there is sound and picture and the configuration of all tracks that were announced, or two seconds
// of one of them. It returns ErrNoTracks if there is none when r ends, and the errors of r if that comes first.
func (d *Demuxer) Probe() error {
	for d.err == nil && !d.complete() {
		d.read()
	}
	if len(d.tracks) > 0 {
		d.sort()
		return nil
	}
	if d.err == nil || errors.Is(d.err, io.EOF) {
		return ErrNoTracks
	}
	return d.err
}

// sort puts the tracks into the order of their ids, those of video first.
func (d *Demuxer) sort() {
	order := make([]int, len(d.tracks)) // from new to old
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(-cmp.Compare(d.ids[a].kind, d.ids[b].kind), cmp.Compare(d.ids[a].id, d.ids[b].id)) // video is 9, audio 8
	})
	moved := make([]int, len(order)) // from old to new
	tracks := make([]Track, len(order))
	for i, old := range order {
		moved[old], tracks[i] = i, d.tracks[old]
	}
	d.tracks = tracks
	for _, s := range d.streams {
		if s.index >= 0 {
			s.index = moved[s.index]
		}
	}
	for _, p := range d.queue {
		p.Track = moved[p.Track]
	}
}

func (d *Demuxer) complete() bool {
	if d.size >= flvProbeBytes || d.newest-d.first >= flvProbe {
		return true
	}
	var sound, picture bool
	for k, s := range d.streams {
		if s.index < 0 {
			return false
		}
		sound = sound || k.kind == message.TypeAudio
		picture = picture || k.kind == message.TypeVideo
	}
	return sound && picture
}

// Tracks returns the tracks of which there were frames: those that Probe has found in the order of their ids, video
// first, then later ones as they begin. Their number may grow with a call to ReadPacket.
func (d *Demuxer) Tracks() []Track { return d.tracks }

// Close does nothing: the reader is not the Demuxer's.
func (d *Demuxer) Close() error { return nil }

func (d *Demuxer) metadata() media.Metadata { return d.meta }

// ReadPacket returns the next packet, owned. All have a track and Data. Its errors are those of the reader.
func (d *Demuxer) ReadPacket() (*Packet, error) {
	for len(d.queue) == 0 {
		if d.err != nil {
			return nil, d.err
		}
		d.read()
	}
	p := d.queue[0]
	d.queue[0] = nil
	d.queue = d.queue[1:]
	return p, nil
}

// read reads a message. What cannot be parsed is skipped: that is between the publisher and its server.
func (d *Demuxer) read() {
	m, err := d.r.ReadMessage()
	if err != nil {
		d.err = err
		return
	}
	if m.Type != message.TypeAggregate {
		d.take(m)
		return
	}
	if body, err := message.Parse(m); err == nil {
		for _, part := range body.(*message.Aggregate).Messages {
			d.take(part)
		}
	}
}

func (d *Demuxer) take(m *message.Message) {
	d.size += len(m.Payload)
	switch {
	case m.Type == message.TypeVideo:
		v, err := media.ParseVideo(m.Payload)
		if err != nil || v.IsCommand() {
			return
		}
		for tracks := v.Tracks(); tracks.Next(); {
			t := tracks.Track()
			switch {
			case v.IsSequenceHeader():
				d.configure(m.Type, t)
			case v.IsCoded():
				d.frame(m, t, v.Nanos, Packet{Key: v.IsKeyFrame(), Disposable: v.FrameType == media.DisposableFrame})
			}
		}
	case m.Type == message.TypeAudio:
		a, err := media.ParseAudio(m.Payload)
		if err != nil || a.Silence {
			return
		}
		for tracks := a.Tracks(); tracks.Next(); {
			t := tracks.Track()
			switch {
			case a.PacketType == media.AudioSequenceStart:
				d.configure(m.Type, t)
			case a.IsCoded():
				if s := d.stream(m.Type, t); !a.Enhanced && s.SampleRate == 0 {
					s.SampleRate, s.Channels = a.Flags.Rate(), a.Flags.Channels()
				}
				d.frame(m, t, a.Nanos, Packet{Key: true})
			}
		}
	case m.Type.IsData():
		if md, err := media.ParseMetadata(m.Payload); err == nil {
			d.meta = md
		}
	}
}

// stream returns what has the id of t, as new if the codec is another one.
func (d *Demuxer) stream(kind message.Type, t media.Track) *stream {
	k := flvTrack{kind, t.ID}
	s := d.streams[k]
	switch {
	case s == nil:
		s = &stream{Track: Track{Codec: t.Codec}, index: -1}
		d.streams[k] = s
	case s.Codec != t.Codec:
		*s = stream{Track: Track{Codec: t.Codec}, index: -1, begun: s.begun, last: s.last}
	}
	return s
}

// configure takes a sequence header.
func (d *Demuxer) configure(kind message.Type, t media.Track) {
	s := d.stream(kind, t)
	if len(t.Body) == 0 || slices.Equal(t.Body, s.Config) {
		return
	}
	s.SetConfig(t.Body)
	s.config = t.Body
}

// frame completes p, a packet of the coded frame t of m.
func (d *Demuxer) frame(m *message.Message, t media.Track, nanos uint32, p Packet) {
	s := d.stream(m.Type, t)
	if len(t.Body) == 0 {
		return
	}
	if s.index < 0 {
		if !s.settle(t.Body) {
			return
		}
		s.learn(d.meta, t.ID)
		s.index, s.config = len(d.tracks), nil
		d.tracks = append(d.tracks, s.Track)
		d.ids = append(d.ids, flvTrack{m.Type, t.ID})
	}
	p.Track = s.index
	p.DTS = d.place(s, m.Timestamp) + time.Duration(nanos)
	p.PTS = p.DTS + time.Duration(t.Composition)*time.Millisecond
	p.Config, s.config = s.config, nil
	p.Data = t.Body
	d.queue = append(d.queue, &p)
}

// place returns the DTS of a frame of s with the timestamp t.
func (d *Demuxer) place(s *stream, t message.Timestamp) time.Duration {
	at := time.Duration(d.clock.unroll(t))*time.Millisecond + d.offset
	if s.begun && (at < s.last-restart || at > s.last+hole) {
		const step = 20 * time.Millisecond // ours: about a frame
		d.offset += d.newest + step - at
		at = d.newest + step
	}
	if !d.begun {
		d.begun, d.first, d.newest = true, at, at
	}
	d.newest = max(d.newest, at)
	s.begun, s.last = true, at
	return at
}

// settle completes what is known of s with its first frame. It reports false if that is not enough to decode it.
func (s *stream) settle(frame []byte) bool {
	switch s.Codec {
	case media.AVC, media.HEVC, media.VVC, media.AAC, media.FLAC:
		return s.Config != nil
	case media.AV1, media.VP9:
		pack := packAV1
		if s.Codec == media.VP9 {
			pack = packVP9
		}
		u, err := pack(frame)
		if err == nil && s.Config == nil && u.config != nil {
			s.SetConfig(u.config)
		}
		if err == nil {
			s.setVideo(u.width, u.height, 0)
		}
		return s.Config != nil
	case media.Opus:
		if s.Config == nil {
			s.SetConfig(opusHeadOf(frame))
		}
	case media.AC3, media.EAC3, media.MP3:
		clock, err := clockOf(s.Codec, frame)
		if err != nil {
			return false
		}
		s.SampleRate, s.Channels = clock.rate, clock.channels
	}
	return true
}
