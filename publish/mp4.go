package publish

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"github.com/Eyevinn/mp4ff/bits"
	"github.com/Eyevinn/mp4ff/mp4"
)

// Ours: an index of 256 MiB is that of a film of months. A moof is the index of a few seconds.
const (
	maxMoov = 256 << 20
	maxMoof = 32 << 20
)

// mp4Window is how far apart the fragments of different tracks may be. Ours: fragments last 2 to 10 seconds.
const mp4Window = 12 * time.Second

// An mp4Source reads MP4 and MOV files, with sample tables and with fragments, of which one file may have both.
//
// ISO/IEC 14496-12.
type mp4Source struct {
	r      io.ReaderAt
	pos    int64 // of the next box
	tracks []*mp4Track
	public []Track

	hasFragments bool // says the index
	fragmented   bool // there was one
	il           interleaver
}

// An mp4Track is a track with its next samples.
type mp4Track struct {
	index     int
	id        uint32
	timescale int64
	shift     time.Duration // what the edit list adds to media time
	trex      *mp4.TrexBox
	next      int64 // decode time after the last sample of the last fragment
	table     *sampleTable
	packer    *nalPacker // if the parameter sets are in the samples and not in the index
	queue     []sample
}

// A sample says where a frame is and when.
type sample struct {
	offset   int64
	size     int
	dts      int64 // in the timescale of the track
	offsetCT int64 // composition time
	duration int64
	key      bool
}

func newMP4Source(r io.Reader, partial bool) (Source, error) {
	at, _ := randomAccess(r)
	s := &mp4Source{r: at, il: interleaver{window: mp4Window}}
	for len(s.tracks) == 0 {
		box, _, err := s.readBox()
		switch {
		case err == io.EOF:
			return nil, &InputError{Format: "mp4", Reason: "there is no index (moov)"}
		case err != nil:
			return nil, err
		}
		if moov, ok := box.(*mp4.MoovBox); ok {
			if err := guard("mp4", func() error { return s.readMoov(moov, partial) }); err != nil {
				return nil, err
			}
			if len(s.tracks) == 0 {
				return nil, ErrNoTracks
			}
		}
	}
	s.il.queues = make([][]*Packet, len(s.tracks))
	return s, nil
}

// readBox reads on to the next moov or moof box and returns it, and where in the input it begins.
func (s *mp4Source) readBox() (box mp4.Box, start int64, err error) {
	for {
		start = s.pos
		head := make([]byte, 16)
		n, err := s.r.ReadAt(head, start)
		if n < 8 {
			if err == nil {
				err = io.EOF
			}
			return nil, 0, err
		}
		if binary.BigEndian.Uint32(head) == 0 { // to the end of the file
			return nil, 0, io.EOF
		}
		hdr, err := mp4.DecodeHeader(bytes.NewReader(head[:n]))
		if err != nil {
			return nil, 0, &InputError{Format: "mp4", Reason: err.Error()}
		}
		if hdr.Size < uint64(hdr.Hdrlen) || hdr.Size > 1<<62 {
			return nil, 0, &InputError{Format: "mp4", Reason: fmt.Sprintf("box %q of %d bytes", hdr.Name, hdr.Size)}
		}
		s.pos += int64(hdr.Size)
		limit := uint64(maxMoof)
		switch hdr.Name {
		case "moov":
			limit = maxMoov
		case "moof":
		default:
			continue
		}
		if hdr.Size > limit {
			return nil, 0, &InputError{Format: "mp4", Reason: fmt.Sprintf("box %q of %d bytes", hdr.Name, hdr.Size)}
		}
		data, err := readAt(s.r, start, int(hdr.Size))
		if err != nil {
			return nil, 0, err
		}
		if hdr.Name == "moov" {
			plainMoov(data)
		}
		err = guard("mp4", func() (err error) {
			box, err = mp4.DecodeBoxSR(uint64(start), bits.NewFixedSliceReader(data))
			return err
		})
		if err != nil {
			return nil, 0, &InputError{Format: "mp4", Reason: err.Error()}
		}
		return box, start, nil
	}
}

func (s *mp4Source) Tracks() []Track { return s.public }

func (s *mp4Source) Close() error { return nil }

// ReadPacket merges what is in sample tables exactly, and what is in fragments within mp4Window.
func (s *mp4Source) ReadPacket() (*Packet, error) {
	for {
		if t := s.first(); t != nil {
			p, err := s.read(t)
			if err != nil {
				return nil, err
			}
			if !s.fragmented {
				return p, nil
			}
			s.il.push(p)
		} else if s.il.flush || !s.hasFragments {
			if p := s.il.pop(); p != nil {
				return p, nil
			}
			return nil, io.EOF
		} else if err := s.nextFragment(); err == io.EOF {
			s.il.flush = true
		} else if err != nil {
			return nil, err
		}
		if p := s.il.pop(); p != nil {
			return p, nil
		}
	}
}

// first returns the track with the lowest DTS among the samples that are known, or nil.
func (s *mp4Source) first() *mp4Track {
	var best *mp4Track
	var bestDTS time.Duration
	for _, t := range s.tracks {
		if len(t.queue) == 0 && t.table != nil {
			if next, ok := t.table.next(); ok {
				t.queue = append(t.queue[:0], next)
			} else {
				t.table = nil
			}
		}
		if len(t.queue) == 0 {
			continue
		}
		if dts := t.time(t.queue[0].dts); best == nil || dts < bestDTS {
			best, bestDTS = t, dts
		}
	}
	return best
}

func (t *mp4Track) time(n int64) time.Duration { return ticks(n, t.timescale) + t.shift }

// read returns the first sample in the queue of t as a packet.
func (s *mp4Source) read(t *mp4Track) (*Packet, error) {
	sm := t.queue[0]
	t.queue = t.queue[1:]
	data, err := readAt(s.r, sm.offset, sm.size)
	if err != nil {
		return nil, err
	}
	p := &Packet{
		Track: t.index, Key: sm.key, Data: data,
		DTS: t.time(sm.dts), PTS: t.time(sm.dts + sm.offsetCT), Duration: ticks(sm.duration, t.timescale),
	}
	if t.packer != nil {
		units, _ := splitLengths(data, 4)
		u, err := t.packer.pack(units)
		if err != nil {
			return nil, err
		}
		p.Data, p.Config = u.data, u.config
	}
	return p, nil
}

// nextFragment reads the next moof and fills the queues. It returns io.EOF after the last.
func (s *mp4Source) nextFragment() error {
	box, start, err := s.readBox()
	if err != nil {
		return err
	}
	moof, ok := box.(*mp4.MoofBox)
	if !ok {
		return nil // a second moov
	}
	s.fragmented = true
	return guard("mp4", func() error { return s.readMoof(moof, start) })
}
