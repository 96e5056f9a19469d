package publish

import (
	"io"
	"time"
)

// A feed gives the packets of a source as they are to be published: from a start offset on, again and again with
// rising times, with silent sound added.
type feed struct {
	open  func(again bool) (Source, error)
	src   Source
	o     *Options
	ahead []*Packet // read to find the start, to be returned next

	offset  time.Duration         // added to the times of the source
	end     time.Duration         // where the packet that comes last is over
	newest  time.Duration         // highest DTS
	inRound bool                  // there was a packet of this round
	last    map[int]time.Duration // DTS of the last packet of each track

	silence *silence
	held    *Packet // waits for the silence before it
}

// newFeed opens the source for the first time.
func newFeed(open func(again bool) (Source, error), o *Options) (*feed, error) {
	f := &feed{open: open, o: o, last: make(map[int]time.Duration)}
	var err error
	if f.src, err = open(false); err != nil {
		return nil, err
	}
	if o.Silence && !hasAudio(f.src.Tracks()) {
		f.silence = &silence{index: len(f.src.Tracks())}
	}
	if err := f.seek(); err != nil {
		f.src.Close()
		return nil, err
	}
	return f, nil
}

func hasAudio(tracks []Track) bool {
	for i := range tracks {
		if !tracks[i].Video() {
			return true
		}
	}
	return false
}

func (f *feed) tracks() []Track {
	tracks := f.src.Tracks()
	if f.silence != nil {
		tracks = append(tracks[:len(tracks):len(tracks)], silentTrack())
	}
	return tracks
}

// next returns the next packet, with the times of the whole feed.
func (f *feed) next() (*Packet, error) {
	p := f.held
	f.held = nil
	if p == nil {
		var err error
		if p, err = f.fromSource(); err != nil {
			return nil, err
		}
	}
	if f.silence == nil || isHeader(p) {
		return p, nil
	}
	if s := f.silence.until(p.DTS); s != nil {
		f.held = p
		return s, nil
	}
	return p, nil
}

// fromSource returns the next packet of the source, of the next round if this one is over.
func (f *feed) fromSource() (*Packet, error) {
	for {
		p, err := f.read()
		if err == io.EOF && f.o.Loop && f.inRound {
			if err := f.again(); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		f.place(p)
		return p, nil
	}
}

func (f *feed) read() (*Packet, error) {
	if len(f.ahead) > 0 {
		p := f.ahead[0]
		f.ahead = f.ahead[1:]
		return p, nil
	}
	return f.src.ReadPacket()
}

// Ours: sound and picture are interleaved within 10 seconds, and within a track times go back only if they begin anew.
const (
	jumpAhead = 10 * time.Second
	jumpBack  = time.Second
)

// place gives p its time in the feed. A source whose times jump, such as a recording that was put together of
// several, goes on without a gap.
func (f *feed) place(p *Packet) {
	if isHeader(p) || p.Track < 0 {
		p.DTS += f.offset
		p.PTS += f.offset
		return
	}
	if !f.inRound && f.end > 0 {
		f.offset = f.end - p.DTS
	} else if last, ok := f.last[p.Track]; f.inRound {
		at := p.DTS + f.offset
		if at > f.newest+jumpAhead || ok && at < last-jumpBack {
			f.offset = f.end - p.DTS
		}
	}
	p.DTS += f.offset
	p.PTS += f.offset

	d := p.Duration
	if last, ok := f.last[p.Track]; d == 0 && ok && p.DTS > last {
		d = p.DTS - last
	}
	f.last[p.Track] = p.DTS
	if !f.inRound {
		f.inRound, f.newest = true, p.DTS
	}
	f.newest = max(f.newest, p.DTS)
	f.end = max(f.end, p.DTS+d)
}

// again opens the source once more. Its first packet comes when the last one of this round is over.
func (f *feed) again() error {
	src, err := f.open(true)
	if err != nil {
		return err
	}
	f.src.Close()
	f.src = src
	f.inRound = false
	clear(f.last)
	return f.seek()
}

// maxAhead is how many bytes are kept to find the key frame to start with. Ours: a group of pictures is smaller.
const maxAhead = 128 << 20

// seek reads up to the packet at o.Start and keeps what comes from the last key frame before it on. Times are from
// the first packet of the source.
func (f *feed) seek() error {
	f.ahead = nil
	if f.o.Start <= 0 {
		return nil
	}
	video := false
	for _, t := range f.src.Tracks() {
		video = video || t.Video()
	}
	var headers []*Packet
	var first time.Duration
	begun, size := false, 0
	for {
		p, err := f.src.ReadPacket()
		if err == io.EOF {
			return ErrStart
		}
		if err != nil {
			return err
		}
		if isHeader(p) {
			headers = append(headers, p)
			continue
		}
		if !begun {
			begun, first = true, p.DTS
		}
		isStart := p.Key && p.Track >= 0 && (f.src.Tracks()[p.Track].Video() || !video)
		if p.DTS-first > f.o.Start && len(f.ahead) > 0 {
			f.ahead = append(headers, append(f.ahead, p)...)
			return nil
		}
		if isStart {
			f.ahead, size = nil, 0
		}
		if isStart || len(f.ahead) > 0 {
			f.ahead = append(f.ahead, p)
			if size += packetSize(p); size > maxAhead {
				f.ahead = nil // then at the next key frame
			}
		}
	}
}
