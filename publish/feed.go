package publish

import (
	"cmp"
	"io"
	"slices"
	"time"
)

// A feed gives the packets of a source as they are to be published: from a start offset on, again and again with
// rising times, with silent sound added.
type feed struct {
	open  func(again bool) (Source, error)
	src   Source
	o     *Options
	ahead []*Packet // read to find the start, to be returned next

	offset  time.Duration // added to the times of the source
	seam    time.Duration // where this round begins
	rounds  int           // that are over
	inRound bool          // there was a frame of this round
	newest  time.Duration // highest DTS of this round
	last    map[int]*tail // by track

	silence *silence
	held    *Packet // waits for the silence before it
}

// A tail is the last frame of a track in this round.
type tail struct {
	dts      time.Duration
	duration time.Duration
}

// newFeed opens the source for the first time.
func newFeed(open func(again bool) (Source, error), o *Options) (*feed, error) {
	f := &feed{open: open, o: o, last: make(map[int]*tail)}
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
		if f.o.Loop && isEnd(p) {
			continue // there is none
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

// defaultDuration is that of the only frame of a track which does not say it. Ours: a picture at 25 a second.
const defaultDuration = 40 * time.Millisecond

// place gives p its time in the feed. A source whose times jump, such as a recording that was put together of
// several, goes on without a gap.
func (f *feed) place(p *Packet) {
	if !isFrame(p) {
		at := p.DTS + f.offset
		switch {
		case f.rounds > 0 && !f.inRound:
			at = f.seam
		case f.inRound && (at > f.newest+jumpAhead || at < f.newest-jumpAhead):
			at = f.newest
		}
		p.DTS, p.PTS = at, at
		return
	}
	last := f.last[p.Track]
	switch at := p.DTS + f.offset; {
	case !f.inRound && f.rounds > 0:
		f.offset = f.seam - p.DTS
	case f.inRound && (at > f.newest+jumpAhead || last != nil && at < last.dts-jumpBack):
		f.offset = f.end() - p.DTS
	}
	p.DTS += f.offset
	p.PTS += f.offset

	now := tail{p.DTS, p.Duration}
	switch {
	case last == nil:
		if f.rounds > 0 && p.Message == nil && p.Config == nil {
			p.Config = f.src.Tracks()[p.Track].Config // it may have changed since the round before began
		}
		now.duration = cmp.Or(now.duration, defaultDuration)
	case now.duration == 0 && now.dts > last.dts:
		now.duration = now.dts - last.dts
	case now.duration == 0:
		now.duration = last.duration
	}
	f.last[p.Track] = &now
	if !f.inRound {
		f.inRound, f.newest = true, p.DTS
	}
	f.newest = max(f.newest, p.DTS)
}

// end returns where the last frame of the track that lasts longest is over. It is what a round takes: the other tracks
// have a gap there, of what they are shorter.
func (f *feed) end() time.Duration {
	var end time.Duration
	first := true
	for _, t := range f.last {
		if at := t.dts + t.duration; first || at > end {
			end, first = at, false
		}
	}
	return end
}

// again opens the source once more. Its first frame comes when the last one of this round is over.
func (f *feed) again() error {
	src, err := f.open(true)
	if err != nil {
		return err
	}
	same := slices.EqualFunc(f.src.Tracks(), src.Tracks(), func(a, b Track) bool { return a.Codec == b.Codec })
	f.src.Close()
	f.src = src
	if !same {
		return ErrChanged
	}
	f.seam = f.end()
	f.rounds++
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
