package publish

import (
	"io"
	"math"
	"time"
)

// lookahead is how many access units of a raw stream are read in advance, to see how far pictures are out of order.
// Ours: the standards allow 16.
const lookahead = 32

// A rawSource reads H.264 or H.265 as it comes from an encoder, without a container. There are no times in it: the
// pictures are a frame period apart, and their order is found by the picture order count.
type rawSource struct {
	r      *annexBReader
	packer *nalPacker
	order  orderer
	track  Track
	period float64 // seconds per picture

	queue  []rawUnit
	step   int // by which the order count rises from picture to picture
	delay  int // pictures by which decoding is ahead of presentation
	base   int // number of the first picture of the sequence, in the order of presentation
	number int // of the next picture
	err    error
}

// A rawUnit is an access unit with its order count.
type rawUnit struct {
	unit
	order int
	reset bool // counting begins again
}

// An orderer knows how pictures are ordered.
type orderer interface {
	// count returns the picture order count of an access unit and whether counting begins with it.
	count(au [][]byte) (order int, reset bool, err error)
}

func newRawSource(r io.Reader, c *nalCodec, frameRate float64) (Source, error) {
	s := &rawSource{r: &annexBReader{r: r, c: c}, packer: newNALPacker(c), order: c.orderer(), step: 2}
	s.track.Codec = c.codec
	s.fill()
	if len(s.queue) == 0 {
		if s.err != nil && s.err != io.EOF {
			return nil, s.err
		}
		return nil, ErrNoTracks
	}
	s.track.FrameRate = frameRate
	s.track.Config, s.queue[0].config = s.queue[0].config, nil
	s.track.describe()
	if s.track.FrameRate <= 0 || math.IsInf(s.track.FrameRate, 0) || math.IsNaN(s.track.FrameRate) {
		s.track.FrameRate = 25
	}
	s.period = 1 / s.track.FrameRate

	base := 0
	for i, u := range s.queue {
		if u.order%2 != 0 {
			s.step = 1
		}
		if u.reset {
			base = i
		}
	}
	base = 0
	for i, u := range s.queue {
		if u.reset {
			base = i
		}
		s.delay = max(s.delay, i-base-u.order/s.step)
	}
	return s, nil
}

// fill reads access units until lookahead of them are in the queue. What comes before the first key frame with its
// parameter sets is dropped.
func (s *rawSource) fill() {
	for s.err == nil && len(s.queue) < lookahead {
		au, err := s.r.next()
		if err != nil {
			s.err = err
			return
		}
		u, err := s.packer.pack(au)
		if err != nil {
			s.err = err
			return
		}
		if u.data == nil || s.packer.config == nil || len(s.queue) == 0 && s.number == 0 && !u.key {
			continue
		}
		raw := rawUnit{unit: u}
		err = guard(s.track.Codec.String(), func() (err error) {
			raw.order, raw.reset, err = s.order.count(au)
			return err
		})
		if err != nil {
			s.err = err
			return
		}
		if len(s.queue) == 0 && s.number == 0 && u.config == nil {
			raw.config = s.packer.config // it came with an earlier unit
		}
		s.queue = append(s.queue, raw)
	}
}

func (s *rawSource) Tracks() []Track { return []Track{s.track} }

func (s *rawSource) Close() error { return nil }

func (s *rawSource) ReadPacket() (*Packet, error) {
	s.fill()
	if len(s.queue) == 0 {
		return nil, s.err
	}
	u := s.queue[0]
	s.queue[0] = rawUnit{}
	s.queue = s.queue[1:]
	if u.reset {
		s.base = s.number
	}
	shown := max(s.base+u.order/s.step+s.delay, s.number)
	p := &Packet{
		DTS: s.at(s.number), PTS: s.at(shown), Duration: s.at(1),
		Key: u.key, Disposable: !u.needed, Config: u.config, Data: u.data,
	}
	s.number++
	return p, nil
}

func (s *rawSource) at(n int) time.Duration {
	return time.Duration(math.Round(float64(n) * s.period * float64(time.Second)))
}
