package record

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/publish"
)

var (
	// ErrFormat reports a track that a container cannot hold. A *FormatError says which and why.
	ErrFormat = errors.New("record: the container cannot hold it")

	// ErrEmpty reports a recording without any frame. Nothing was written.
	ErrEmpty = errors.New("record: no frame that can be decoded")
)

// A FormatError gives the details of an ErrFormat.
type FormatError struct {
	Format Format
	Codec  media.Codec
	Reason string // in addition; may be empty
}

// Error names the container and the codec.
func (e *FormatError) Error() string {
	text := fmt.Sprintf("record: %v cannot hold %v", e.Format, e.Codec)
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

// Unwrap returns ErrFormat.
func (e *FormatError) Unwrap() error { return ErrFormat }

// A Format is a container.
type Format int

// The containers.
const (
	MP4 Format = iota
	TS         // MPEG-TS
)

// String returns the usual name.
func (f Format) String() string {
	if f == TS {
		return "MPEG-TS"
	}
	return "MP4"
}

// Check returns a *FormatError if f cannot hold one of tracks.
func (f Format) Check(tracks []publish.Track) error {
	for i := range tracks {
		var err error
		if f == TS {
			_, err = newTSTrack(&tracks[i])
		} else {
			_, err = entryName(&tracks[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A Writer writes a file.
type Writer interface {
	// AddTrack adds a track, which gets the next index. It returns a *FormatError, and adds nothing, if the container
	// cannot hold it, or cannot hold it any more.
	AddTrack(t publish.Track) error

	// WritePacket writes p, whose Track is the index of one that was added. The data of p are kept. Pictures before
	// the first key frame of their track are left out. Errors of the destination are final.
	WritePacket(p *publish.Packet) error

	// Close completes the file, as far as an earlier error lets it. It returns ErrEmpty if there was no frame. It does
	// not close the destination.
	Close() error
}

// Copy writes all tracks and packets of src to w, until src ends. A track that begins late and cannot be added is left
// out, and skipped called with it and the reason; skipped may be nil. The error is that of src, unless it is io.EOF, or
// that of w. Copy does not close w.
func Copy(w Writer, src publish.Source, skipped func(publish.Track, error)) error {
	var index []int // in w, by index in src; -1 for those left out
	added := 0
	add := func() error {
		for _, t := range src.Tracks()[len(index):] {
			err := w.AddTrack(t)
			switch {
			case err == nil:
				index = append(index, added)
				added++
				continue
			case !errors.Is(err, ErrFormat):
				return err
			}
			index = append(index, -1)
			if skipped != nil {
				skipped(t, err)
			}
		}
		return nil
	}
	for {
		if err := add(); err != nil {
			return err
		}
		p, err := src.ReadPacket()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := add(); err != nil {
			return err
		}
		if p.Track < 0 || index[p.Track] < 0 {
			continue
		}
		placed := *p
		placed.Track = index[p.Track]
		if err := w.WritePacket(&placed); err != nil {
			return err
		}
	}
}

// A timeline is what the packets of a track have to keep to in any container.
type timeline struct {
	begun bool
	last  time.Duration // DTS; valid if begun
}

// admit reports whether p of t belongs into the file: not before the first key frame. It sees to it that the DTS of t
// rise, by 1 ms at least.
func (l *timeline) admit(t *publish.Track, p *publish.Packet) bool {
	if !l.begun {
		if t.Video() && !p.Key || len(p.Data) == 0 {
			return false
		}
		l.begun, l.last = true, p.DTS
		return true
	}
	if least := l.last + time.Millisecond; p.DTS < least {
		p.DTS = least
		if !t.Video() {
			p.PTS = least
		}
	}
	l.last = p.DTS
	return len(p.Data) > 0
}

// ticks returns d in ticks of a clock of rate Hz, rounded, for d of either sign and as long as the stream may be.
func ticks(d time.Duration, rate int64) int64 {
	whole, rest := int64(d/time.Second), int64(d%time.Second)
	half := int64(time.Second / 2)
	if rest < 0 {
		half = -half
	}
	return whole*rate + (rest*rate+half)/int64(time.Second)
}
