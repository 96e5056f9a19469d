package record

import (
	"bytes"
	"io"
	"time"

	"github.com/Eyevinn/mp4ff/mp4"

	"github.com/gortmp/rtmp/publish"
)

// Ours: what is lost in a crash is at most a fragment.
const (
	fragmentTime  = 2 * time.Second
	fragmentBytes = 16 << 20
)

// roomBytes is what is kept free behind the index in front, for tracks and sample descriptions that come later. Ours:
// about 50 of them.
const roomBytes = 16 << 10

// A File is where an MP4 file is written; *os.File is one. It should be empty.
type File interface {
	io.WriterAt
	Truncate(size int64) error
}

// An MP4Writer writes MP4 that is whole at any time. It grows by fragments of two seconds, which are playable as they
// are if the program or the disk fails. Close adds the index of all samples, and makes one media data box of the
// fragments: then it is a file without fragments, for programs that seek or know no others.
//
// A changed configuration is a further sample description. The index takes about 20 bytes of memory per frame.
//
// ISO/IEC 14496-12.
type MP4Writer struct {
	f        File
	tracks   []*mp4Track
	based    bool
	base     time.Duration // DTS of the source that is 0 in the file; valid if based
	sequence uint32        // of the last fragment
	size     int64         // of the file, up to the last fragment
	room     int64         // for the index in front; 0 as long as there is none
	stale    bool          // the index in front lacks something
	held     int           // bytes of media that are not written yet
	first    time.Duration
	err      error // of the first write that failed
	closed   bool
}

var _ Writer = (*MP4Writer)(nil)

// NewMP4 returns a writer to f, which the caller closes after it.
func NewMP4(f File) *MP4Writer { return &MP4Writer{f: f} }

// AddTrack adds a track, at any time.
func (w *MP4Writer) AddTrack(t publish.Track) error {
	if _, err := entryName(&t); err != nil {
		return err
	}
	track := &mp4Track{Track: t, id: uint32(len(w.tracks) + 1), rate: videoRate}
	if !t.Video() && t.SampleRate > 0 {
		track.rate = int64(t.SampleRate)
	}
	w.tracks = append(w.tracks, track)
	return nil
}

// WritePacket writes p with the fragment that it belongs to, up to two seconds later.
func (w *MP4Writer) WritePacket(p *publish.Packet) error {
	if w.err != nil {
		return w.err
	}
	t := w.tracks[p.Track]
	if p.Config != nil && !bytes.Equal(p.Config, t.Config) {
		t.SetConfig(p.Config)
		t.described = false
	}
	q := *p
	if w.based && q.DTS < w.base {
		q.DTS, q.PTS = w.base, max(q.PTS, w.base)
	}
	if !t.admit(&t.Track, &q) {
		return nil
	}
	t.settle(q.DTS)
	if !t.described {
		if err := w.flush(); err != nil { // a fragment has one description for each track
			return err
		}
		entry, err := sampleEntry(&t.Track, q.Data)
		if err != nil {
			return err
		}
		t.entries = append(t.entries, entry)
		t.described, w.stale = true, true
	}
	if w.held == 0 {
		w.first = q.DTS
	}
	t.pending = &sample{dts: q.DTS, pts: q.PTS, key: q.Key, data: q.Data}
	w.held += len(q.Data)
	if w.held >= fragmentBytes || q.DTS-w.first >= fragmentTime {
		return w.flush()
	}
	return nil
}

// flush writes a fragment of the samples whose duration is known.
func (w *MP4Writer) flush() error {
	samples := 0
	w.held = 0
	for _, t := range w.tracks {
		samples += len(t.ready)
		if t.pending != nil {
			w.first = max(w.first, t.pending.dts)
			w.held += len(t.pending.data)
		}
	}
	if samples == 0 {
		return nil
	}
	if !w.based {
		w.based, w.base = true, w.earliest()
	}
	if w.stale {
		if err := w.writeFront(); err != nil {
			return w.fail(err)
		}
	}
	fragment := mp4.NewFragment()
	moof, mdat := &mp4.MoofBox{}, &mp4.MdatBox{}
	fragment.AddChild(moof)
	moof.AddChild(mp4.CreateMfhd(w.sequence + 1))
	for _, t := range w.tracks {
		if len(t.ready) > 0 {
			if err := moof.AddChild(t.fragment(w.base, mdat)); err != nil {
				return w.fail(err)
			}
		}
	}
	fragment.AddChild(mdat)
	var b bytes.Buffer
	b.Grow(int(fragment.Size()))
	if err := fragment.Encode(&b); err != nil {
		return w.fail(err)
	}
	if err := w.append(b.Bytes()); err != nil {
		return err
	}
	w.sequence++
	at := w.size - int64(mdat.DataLength())
	for _, t := range w.tracks {
		at = t.table.add(t, w.base, at)
	}
	return nil
}

// earliest returns the lowest DTS of all samples.
func (w *MP4Writer) earliest() time.Duration {
	least := w.first
	for _, t := range w.tracks {
		if t.pending != nil {
			least = min(least, t.pending.dts)
		}
		for i := range t.ready {
			least = min(least, t.ready[i].dts)
		}
	}
	return least
}

// append writes b at the end of the file, or leaves the file as it is.
func (w *MP4Writer) append(b []byte) error {
	if _, err := w.f.WriteAt(b, w.size); err != nil {
		return w.fail(err)
	}
	w.size += int64(len(b))
	return nil
}

// fail takes what was written of something unfinished off the file.
func (w *MP4Writer) fail(err error) error {
	if w.err == nil {
		w.err = err
	}
	if e := w.f.Truncate(w.size); e != nil && w.err == nil {
		w.err = e
	}
	return err
}

// hole is the length of the box behind ftyp that is to become the header of the media data.
const hole = 16

func ftyp() *mp4.FtypBox { return mp4.NewFtyp("isom", 0x200, []string{"isom", "iso6", "mp41"}) }

// writeFront writes all that comes before the first fragment, or writes the index there again. If there is no more room
// for it, the fragments that follow can be read only after Close.
func (w *MP4Writer) writeFront() error {
	moov := w.moov(true)
	if w.room == 0 {
		w.room = int64(moov.Size()) + roomBytes
	}
	w.stale = false
	rest := w.room - int64(moov.Size())
	if rest < 8 {
		return nil
	}
	var b bytes.Buffer
	for _, box := range []mp4.Box{ftyp(), mp4.NewFreeBox(make([]byte, hole-8)), moov, mp4.NewFreeBox(make([]byte, rest-8))} {
		if err := box.Encode(&b); err != nil {
			return err
		}
	}
	if _, err := w.f.WriteAt(b.Bytes(), 0); err != nil {
		return err
	}
	w.size = max(w.size, int64(b.Len()))
	return nil
}

// Close writes what is left and the index. If a write failed it gives up what is no whole fragment, tries the index all
// the same, and returns the error of that write. It leaves the file empty if there is not a single fragment.
func (w *MP4Writer) Close() error {
	if w.closed {
		return w.err
	}
	w.closed = true
	if w.err == nil {
		for _, t := range w.tracks {
			t.settleLast()
		}
		w.flush()
	}
	if w.sequence == 0 {
		if w.err == nil {
			w.err = ErrEmpty
		}
		if w.size > 0 {
			w.f.Truncate(0) // there is an error already
		}
		return w.err
	}
	media := w.size
	var b bytes.Buffer
	if err := w.moov(false).Encode(&b); err != nil {
		return w.fail(err)
	}
	if w.append(b.Bytes()) != nil {
		return w.err // a disk that is full: the fragments are what there is
	}
	start := int64(ftyp().Size())
	b.Reset()
	if err := mp4.EncodeHeaderWithSize("mdat", uint64(media-start), true, &b); err != nil {
		return w.fail(err)
	}
	if _, err := w.f.WriteAt(b.Bytes(), start); err != nil && w.err == nil {
		w.err = err
	}
	return w.err
}
