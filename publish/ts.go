package publish

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/opus"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts/codecs"

	"github.com/gortmp/rtmp/media"
)

// tsRate is the clock of MPEG-TS in Hz.
const tsRate = 90000

// tsWindow is how far apart multiplexers put sound and picture of the same time. Ours: most stay below one second.
const tsWindow = 3 * time.Second

// tsProbe is how much is read to find the configurations of all tracks. Ours: two key frame intervals.
const tsProbe = 10 * time.Second

// A tsSource reads MPEG-TS. Packets before the first configuration of their track are dropped: a recording may begin
// anywhere.
//
// ISO/IEC 13818-1.
type tsSource struct {
	r      *mpegts.Reader
	tail   tsTail
	tracks []*tsTrack
	public []Track
	il     interleaver
	clock  mpegts.TimeDecoder // one for all, so that the tracks keep their distance
	err    error              // what ended the input
	ready  bool               // the tracks are known
}

type tsTrack struct {
	Track
	found  bool
	index  int // in public
	packer *nalPacker
	early  []*Packet // from before the tracks were known
}

func newTSSource(r io.Reader, partial bool) (Source, error) {
	s := &tsSource{tail: tsTail{r: r}, il: interleaver{window: tsWindow}}
	s.r = &mpegts.Reader{R: &s.tail}
	if err := guard("mpeg-ts", s.r.Initialize); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, &InputError{Format: "mpeg-ts", Reason: "no program map"}
		}
		return nil, err
	}
	var refused refusal
	for _, t := range s.r.Tracks() {
		switch t.Codec.(type) {
		case *codecs.KLV, *codecs.DVBSubtitle, *codecs.Unsupported:
			continue // neither sound nor picture, as far as is known
		}
		refused.note(t.Codec.IsVideo(), s.watch(t))
	}
	if err := refused.verdict(partial); err != nil {
		return nil, err
	}
	if err := s.probe(); err != nil {
		return nil, err
	}
	return s, nil
}

// watch makes a track of t.
func (s *tsSource) watch(t *mpegts.Track) error {
	track := new(tsTrack)
	switch c := t.Codec.(type) {
	case *codecs.H264:
		track.Codec, track.packer = media.AVC, newNALPacker(avcCodec)
		s.r.OnDataH264(t, func(pts, dts int64, au [][]byte) error { return s.video(track, pts, dts, au) })
	case *codecs.H265:
		track.Codec, track.packer = media.HEVC, newNALPacker(hevcCodec)
		s.r.OnDataH265(t, func(pts, dts int64, au [][]byte) error { return s.video(track, pts, dts, au) })
	case *codecs.MPEG4Audio:
		track.Codec = media.AAC
		config := c.Config
		asc, err := config.Marshal()
		if err != nil {
			return &CodecError{Codec: media.AAC, Reason: err.Error()}
		}
		s.find(track, asc)
		s.r.OnDataMPEG4Audio(t, func(pts int64, aus [][]byte) error {
			return s.audio(track, pts, aus, func([]byte) (int, int) {
				return mpeg4audio.SamplesPerAccessUnit, config.SampleRate
			})
		})
	case *codecs.MPEG1Audio:
		track.Codec = media.MP3
		s.r.OnDataMPEG1Audio(t, func(pts int64, frames [][]byte) error {
			return s.audio(track, pts, frames, mp3Samples)
		})
	case *codecs.Opus:
		channels := c.Desc.ChannelCount()
		track.Codec, track.SampleRate, track.Channels = media.Opus, 48000, channels
		s.find(track, simpleOpusHead(channels))
		s.r.OnDataOpus(t, func(pts int64, packets [][]byte) error {
			return s.audio(track, pts, packets, func(p []byte) (int, int) { return int(opus.PacketDuration2(p)), 48000 })
		})
	case *codecs.AC3:
		track.Codec, track.SampleRate, track.Channels = media.AC3, c.SampleRate, c.ChannelCount
		s.find(track, nil)
		s.dolby(t, track)
	case *codecs.EAC3:
		track.Codec, track.SampleRate, track.Channels = media.EAC3, c.SampleRate, c.ChannelCount
		s.find(track, nil)
		s.dolby(t, track)
	default:
		return &CodecError{Reason: fmt.Sprintf("RTMP cannot carry %T of MPEG-TS", t.Codec)}
	}
	s.tracks = append(s.tracks, track)
	return nil
}

// find notes that the configuration of t is known.
func (s *tsSource) find(t *tsTrack, config []byte) {
	t.found, t.Config = true, config
	t.describe()
}

// probe reads until the configurations of all tracks are known, or for tsProbe. Tracks without any are left out.
func (s *tsSource) probe() error {
	for !s.complete() && s.err == nil && s.il.newest < tsProbe {
		s.read()
	}
	for _, t := range s.tracks {
		if !t.found {
			continue
		}
		t.index = len(s.public)
		s.public = append(s.public, t.Track)
	}
	if len(s.public) == 0 {
		if s.err != nil && s.err != io.EOF {
			return s.err
		}
		return ErrNoTracks
	}
	s.ready = true
	s.il = interleaver{window: tsWindow, queues: make([][]*Packet, len(s.public))}
	for _, t := range s.tracks {
		for _, p := range t.early {
			if t.found {
				s.emit(t, p)
			}
		}
		t.early = nil
	}
	return nil
}

func (s *tsSource) complete() bool {
	for _, t := range s.tracks {
		if !t.found {
			return false
		}
	}
	return true
}

// read reads until there was something, and notes how the input ended.
func (s *tsSource) read() {
	err := guard("mpeg-ts", s.r.Read)
	if err == nil {
		return
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = s.tail.end()
	}
	s.err = err
	s.il.flush = true
}

// emit hands p to the interleaver, or keeps it until the tracks are known.
func (s *tsSource) emit(t *tsTrack, p *Packet) {
	if !s.ready {
		t.early = append(t.early, p)
		s.il.newest = max(s.il.newest, p.DTS)
		return
	}
	if !t.found {
		return
	}
	p.Track = t.index
	s.il.push(p)
}

func (s *tsSource) video(t *tsTrack, pts, dts int64, au [][]byte) error {
	u, err := t.packer.pack(au)
	if err != nil || u.data == nil {
		return err
	}
	if !t.found {
		if u.config == nil {
			return nil // decoding cannot begin yet
		}
		s.find(t, u.config)
		u.config = nil
	}
	at := s.clock.Decode(dts)
	const wrap = 1 << 33
	ahead := (pts - dts + wrap + wrap/2) % wrap
	s.emit(t, &Packet{
		DTS: ticks(at, tsRate), PTS: ticks(at+ahead-wrap/2, tsRate),
		Key: u.key, Disposable: !u.needed, Config: u.config, Data: u.data,
	})
	return nil
}

// audio emits the frames of one PES packet, of which only the first has a time; samples tells the length of a frame
// and the rate.
func (s *tsSource) audio(t *tsTrack, pts int64, frames [][]byte, samples func([]byte) (n, rate int)) error {
	at := ticks(s.clock.Decode(pts), tsRate)
	var passed int64
	for _, f := range frames {
		n, rate := samples(f)
		if !t.found && t.Codec == media.MP3 {
			clock, err := clockOf(media.MP3, f)
			if err != nil {
				return err
			}
			t.SampleRate, t.Channels = clock.rate, clock.channels
			s.find(t, nil)
		}
		d := at + ticks(passed, int64(rate))
		s.emit(t, &Packet{DTS: d, PTS: d, Duration: ticks(int64(n), int64(rate)), Key: true, Data: f})
		passed += int64(n)
	}
	return nil
}

// dolby takes AC-3 or E-AC-3, of which a PES packet may have several frames and pieces of frames. The callback is the
// one that gets the payload as it is.
func (s *tsSource) dolby(t *mpegts.Track, track *tsTrack) {
	var rest []byte
	s.r.OnDataMPEG1Video(t, func(pts int64, data []byte) error {
		carried := len(rest) > 0
		frames, left := splitDolby(append(rest, data...), track.Codec)
		rest = bytes.Clone(left)
		if len(frames) == 0 {
			return nil
		}
		if carried { // the time is that of the first frame that begins in this packet
			n, rate := dolbySamples(frames[0], track.Codec)
			pts -= int64(n) * tsRate / int64(max(rate, 1))
		}
		return s.audio(track, pts, frames, func(f []byte) (int, int) { return dolbySamples(f, track.Codec) })
	})
}

func (s *tsSource) Tracks() []Track { return s.public }

func (s *tsSource) Close() error { return nil }

func (s *tsSource) ReadPacket() (*Packet, error) {
	for {
		if p := s.il.pop(); p != nil {
			return p, nil
		}
		if s.err != nil {
			return nil, s.err
		}
		s.read()
	}
}

// tsPacket is the length of a packet in bytes, and tsSync its first byte.
const (
	tsPacket = 188
	tsSync   = 0x47
)

// A tsTail remembers how its input ends, because the reader of packets does not say whether the last one was whole.
type tsTail struct {
	r    io.Reader
	last [tsPacket]byte
}

func (t *tsTail) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if n >= tsPacket {
		copy(t.last[:], p[n-tsPacket:n])
	} else {
		copy(t.last[:], t.last[n:])
		copy(t.last[tsPacket-n:], p[:n])
	}
	return n, err
}

// end returns io.EOF if the input has ended with a whole packet, and io.ErrUnexpectedEOF if not.
func (t *tsTail) end() error {
	if t.last[0] != tsSync {
		return io.ErrUnexpectedEOF
	}
	return io.EOF
}
