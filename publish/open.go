package publish

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/media"
)

// A SourceOptions holds options for Open and NewSource. Nil and the zero value mean the defaults.
type SourceOptions struct {
	// FrameRate is that of raw H.264 and H.265, in pictures per second. Zero means what the stream says, or 25 if it
	// says nothing.
	FrameRate float64

	// Partial accepts an input of which all video or all audio tracks have codecs that RTMP cannot carry, and leaves
	// them out. Without it such an input is an ErrCodec, so that nobody publishes a film without its sound unawares.
	Partial bool

	// Frames asks for the packets of an FLV file as those of all other formats are, with Data, by a *Demuxer. Without it
	// they are the messages of the file.
	Frames bool
}

// A refusal remembers which kinds of tracks were found and which of them were of no use.
type refusal struct {
	found [2]bool // audio, video
	err   [2]error
}

// note takes note of a track: err is why it cannot be published, or nil.
func (r *refusal) note(video bool, err error) {
	kind := 0
	if video {
		kind = 1
	}
	if err == nil {
		r.found[kind] = true
	} else if r.err[kind] == nil {
		r.err[kind] = err
	}
}

// verdict returns why the input cannot be published, or nil.
func (r *refusal) verdict(partial bool) error {
	if !r.found[0] && !r.found[1] {
		if err := r.err[1]; err != nil {
			return err
		}
		return r.err[0] // nil if there was nothing at all
	}
	for kind := range r.found {
		if !partial && !r.found[kind] && r.err[kind] != nil {
			return r.err[kind]
		}
	}
	return nil
}

// Open opens a file as a Source; "-" is standard input. The format is found by the content.
func Open(path string, o *SourceOptions) (Source, error) {
	f := os.Stdin
	if path != "-" {
		var err error
		if f, err = os.Open(path); err != nil {
			return nil, err
		}
	}
	s, err := NewSource(f, o)
	if err != nil {
		if path != "-" {
			f.Close()
		}
		return nil, err
	}
	if path == "-" {
		return s, nil
	}
	return &fileSource{s, f}, nil
}

// A fileSource closes the file with the source.
type fileSource struct {
	Source
	f *os.File
}

func (s *fileSource) Close() error {
	s.Source.Close()
	return s.f.Close()
}

func (s *fileSource) metadata() media.Metadata { return metadataOf(s.Source) }
func (s *fileSource) asIs() bool               { return isAsIs(s.Source) }

// metadataOf returns what s says about itself in the words of onMetaData, or nil.
func metadataOf(s Source) media.Metadata {
	if m, ok := s.(interface{ metadata() media.Metadata }); ok {
		return m.metadata()
	}
	return nil
}

// isAsIs reports whether the packets of s are complete messages, headers included.
func isAsIs(s Source) bool {
	a, ok := s.(interface{ asIs() bool })
	return ok && a.asIs()
}

// NewSource returns a Source that reads r: FLV, MP4 and MOV, fragmented MP4, MPEG-TS, H.264 and H.265 in Annex B form,
// or AAC in ADTS. It reads as much as it needs to know the tracks. If r can seek and is an io.ReaderAt, as a file is,
// that is used; else everything is read from front to back with a bounded buffer, so that an MP4 file of more than
// 64 MiB needs its index in front.
//
// It returns an ErrFormat for anything else, ErrEmpty if there is nothing at all, ErrNoTracks if there is nothing to
// publish, an ErrInput for a file that is damaged where it begins, and the errors of r.
func NewSource(r io.Reader, o *SourceOptions) (Source, error) {
	if o == nil {
		o = new(SourceOptions)
	}
	head, r, err := peek(r)
	if err != nil {
		return nil, err
	}
	if len(head) == 0 {
		return nil, ErrEmpty
	}
	switch detect(head) {
	case formatFLV:
		if !o.Frames {
			return newFLVSource(r)
		}
		d := NewDemuxer(flv.NewReader(r))
		if err := d.Probe(); err != nil {
			return nil, err
		}
		return d, nil
	case formatMP4:
		return newMP4Source(r, o.Partial)
	case formatTS:
		return newTSSource(r, o.Partial)
	case formatADTS:
		return newADTSSource(r)
	case formatH264:
		return newRawSource(r, avcCodec, o.FrameRate)
	case formatH265:
		return newRawSource(r, hevcCodec, o.FrameRate)
	}
	return nil, fmt.Errorf("%w: it begins with %q", ErrFormat, head[:min(len(head), 12)])
}

// peekSize is the number of bytes that tell a format. Ours: three MPEG-TS packets.
const peekSize = 3 * 188

// peek returns the beginning of r, and a reader that gives all of r. That is r itself if it can go back.
func peek(r io.Reader) ([]byte, io.Reader, error) {
	if s, ok := r.(io.Seeker); ok {
		if here, err := s.Seek(0, io.SeekCurrent); err == nil {
			head := make([]byte, peekSize)
			n, err := io.ReadFull(r, head)
			if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
				return nil, nil, err
			}
			_, err = s.Seek(here, io.SeekStart)
			return head[:n], r, err
		}
	}
	b := bufio.NewReaderSize(r, 64<<10)
	head, err := b.Peek(peekSize)
	if err == io.EOF {
		err = nil
	}
	return head, b, err
}

type format int

const (
	formatUnknown format = iota
	formatFLV
	formatMP4
	formatTS
	formatADTS
	formatH264
	formatH265
)

// detect returns the format of an input that begins with b.
func detect(b []byte) format {
	switch {
	case bytes.HasPrefix(b, []byte("FLV")):
		return formatFLV
	case len(b) >= 8 && isBoxType(string(b[4:8])):
		return formatMP4
	case isTS(b):
		return formatTS
	case hasStartCode(b):
		u := b[bytes.IndexByte(b, 1)+1:]
		switch {
		case len(u) < 2 || u[0]&0x80 != 0:
		case u[1] == 1 && (u[0] == 0x40 || u[0] == 0x42 || u[0] == 0x44 || u[0] == 0x46 || u[0] == 0x4e):
			return formatH265 // VPS, SPS, PPS, AUD or SEI of the base layer
		case u[0]&0x1f >= 1 && u[0]&0x1f <= 12:
			return formatH264
		}
	default:
		if n := adtsLength(b); n > 0 && (len(b) <= n+1 || b[n] == 0xff && b[n+1]&0xf6 == 0xf0) {
			return formatADTS
		}
	}
	return formatUnknown
}

func isBoxType(s string) bool {
	switch s {
	case "ftyp", "styp", "moov", "moof", "mdat", "free", "skip", "wide", "pnot", "sidx":
		return true
	}
	return false
}

// isTS reports whether b has sync bytes at the distance of packets.
func isTS(b []byte) bool {
	for i := 0; i < len(b) && i < peekSize; i += 188 {
		if b[i] != 0x47 {
			return false
		}
	}
	return len(b) >= 188
}
