package publish

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/rtmptest"
)

func TestDetect(t *testing.T) {
	ts := make([]byte, 3*188)
	ts[0], ts[188], ts[376] = 0x47, 0x47, 0x47
	tests := []struct {
		name string
		in   []byte
		want format
	}{
		{"flv", []byte("FLV\x01\x05\x00\x00\x00\x09"), formatFLV},
		{"mp4", []byte("\x00\x00\x00\x20ftypisom"), formatMP4},
		{"mov without ftyp", []byte("\x00\x00\x00\x08wide\x00\x00"), formatMP4},
		{"segment", []byte("\x00\x00\x00\x18stypmsdh"), formatMP4},
		{"ts", ts, formatTS},
		{"one packet of ts", ts[:188], formatTS},
		{"adts", adtsFile(3), formatADTS},
		{"one frame of adts", adtsFile(1), formatADTS},
		{"h264", annexB(testSPS), formatH264},
		{"h264 from a delimiter on", annexB([]byte{9, 0xf0}), formatH264},
		{"h265", annexB([]byte{0x40, 1, 0x0c}), formatH265},
		{"h265 from a delimiter on", annexB([]byte{0x46, 1, 0x50}), formatH265},
		{"text", []byte("hello world, this is no video"), formatUnknown},
		{"matroska", []byte("\x1a\x45\xdf\xa3\x93\x42\x82\x88"), formatUnknown},
		{"nothing", nil, formatUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := detect(tt.in); got != tt.want {
				t.Errorf("detect(%x) = %d, want %d", tt.in[:min(len(tt.in), 16)], got, tt.want)
			}
		})
	}
}

func TestNewSourceErrors(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name string
		r    io.Reader
		want error
	}{
		{"empty", bytes.NewReader(nil), ErrEmpty},
		{"an empty pipe", iotest.OneByteReader(bytes.NewReader(nil)), ErrEmpty},
		{"text", bytes.NewReader([]byte("hello world")), ErrFormat},
		{"a reader that fails", iotest.ErrReader(broken), broken},
		{"flv without tags", bytes.NewReader([]byte("FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00")), ErrNoTracks},
		{"mp4 without index", bytes.NewReader([]byte("\x00\x00\x00\x08ftyp\x00\x00\x00\x08free")), ErrInput},
		{"mp4 with a box of size 3", bytes.NewReader([]byte("\x00\x00\x00\x08ftyp\x00\x00\x00\x03free")), ErrInput},
		{"ts without a program", bytes.NewReader(bytes.Repeat(append([]byte{0x47, 0x1f, 0xff, 0x10}, make([]byte, 184)...), 9)), ErrInput},
		{"h264 without parameter sets", bytes.NewReader(annexB([]byte{0x65, 0x88, 1})), ErrNoTracks},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := NewSource(tt.r, nil); !errors.Is(err, tt.want) {
				t.Errorf("NewSource error = %v, want %v", err, tt.want)
			}
		})
	}
}

// A file and a pipe of the same bytes give the same packets.
func TestSourceFromPipe(t *testing.T) {
	whole := file(t, &rtmptest.Source{Duration: 2 * time.Second})
	fromFile := drainSource(t, whole)
	whole.Seek(0, io.SeekStart)
	fromPipe := drainSource(t, iotest.HalfReader(whole))
	if len(fromFile) < 100 {
		t.Fatalf("%d packets", len(fromFile))
	}
	if diff := cmp.Diff(fromFile, fromPipe); diff != "" {
		t.Errorf("packets (-file +pipe):\n%s", diff)
	}
}

// drainSource returns all packets of r.
func drainSource(t *testing.T, r io.Reader) []*Packet {
	t.Helper()
	s, err := NewSource(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	var list []*Packet
	for {
		p, err := s.ReadPacket()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

func TestWindow(t *testing.T) {
	data := make([]byte, 1<<20)
	for i := range data {
		data[i] = byte(i * 7)
	}
	w := &window{r: iotest.HalfReader(bytes.NewReader(data)), limit: 100_000}
	read := func(off int64, n int) error {
		t.Helper()
		b := make([]byte, n)
		got, err := w.ReadAt(b, off)
		if want := data[off:min(off+int64(got), int64(len(data)))]; !bytes.Equal(b[:got], want) {
			t.Fatalf("ReadAt(%d bytes, %d): wrong bytes", n, off)
		}
		if err == nil && got < n {
			t.Fatalf("ReadAt(%d bytes, %d) = %d without error", n, off, got)
		}
		return err
	}
	for _, off := range []int64{0, 50_000, 10, 300_000, 250_000} {
		if err := read(off, 1000); err != nil {
			t.Errorf("ReadAt(%d) error = %v", off, err)
		}
	}
	var gone *SeekError
	if err := read(5000, 10); !errors.As(err, &gone) || !errors.Is(err, ErrSeek) || gone.Want != 5000 {
		t.Errorf("ReadAt of what is gone: error = %v, want a *SeekError", err)
	}
	if err := read(int64(len(data))-10, 20); err != io.EOF {
		t.Errorf("ReadAt over the end: error = %v, want io.EOF", err)
	}
	if len(w.buf) > 2*w.limit+64<<10 {
		t.Errorf("the window holds %d bytes, its limit is %d", len(w.buf), w.limit)
	}
}

func TestSplitAnnexB(t *testing.T) {
	tests := []struct {
		name string
		in   []byte
		want [][]byte
	}{
		{"empty", nil, nil},
		{"no start code", []byte{1, 2, 3}, nil},
		{"short and long codes", []byte{0, 0, 1, 5, 6, 0, 0, 0, 1, 7, 8, 0, 0, 1, 9}, [][]byte{{5, 6}, {7, 8}, {9}}},
		{"zeros at the end", []byte{0, 0, 0, 1, 5, 0, 0, 0, 0}, [][]byte{{5}}},
		{"an empty unit", []byte{0, 0, 1, 0, 0, 1, 5}, [][]byte{{5}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, splitAnnexB(tt.in)); diff != "" {
				t.Errorf("splitAnnexB(%x) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

// A sound description of QuickTime has its decoder configuration in a box "wave".
func TestPlainEntry(t *testing.T) {
	box := func(name string, body ...[]byte) []byte {
		b := append(make([]byte, 4), name...)
		for _, p := range body {
			b = append(b, p...)
		}
		binary.BigEndian.PutUint32(b, uint32(len(b)))
		return b
	}
	esds := box("esds", []byte{1, 2, 3})
	fields := make([]byte, 28)
	fields[9] = 1 // version
	entry := box("mp4a", fields, make([]byte, 16), box("wave", box("frma", []byte("mp4a")), esds), box("chan", []byte{9}))
	before := len(entry)
	plainEntry("mp4a", entry)
	if len(entry) != before {
		t.Fatalf("length %d, want %d", len(entry), before)
	}
	var names []string
	eachBox(entry, 36, func(name string, b []byte) {
		names = append(names, name)
		if name == "esds" && !bytes.Equal(b, esds) {
			t.Errorf("esds is %x, want %x", b, esds)
		}
	})
	if want := []string{"esds", "chan", "free"}; !slices.Equal(names, want) {
		t.Errorf("boxes %q, want %q", names, want)
	}
}

// Whatever the bytes, a source ends with an error and gives packets whose sizes the input has paid for.
func FuzzSource(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x08ftyp\x00\x00\x00\x08moov"))
	f.Add(adtsFile(3))
	f.Add(annexB([]byte{9, 0xf0}, testSPS, testPPS, []byte{0x65, 0x88, 0x84, 0, 1}, []byte{0x41, 0x9a, 1}))
	f.Add([]byte("FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00\x08\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x2f\x00\x00\x00\x00\x0d"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := NewSource(iotest.HalfReader(bytes.NewReader(b)), nil)
		if err != nil {
			return
		}
		total := 0
		for range 10_000 {
			p, err := s.ReadPacket()
			if err != nil {
				return
			}
			total += len(p.Data)
			if p.Track >= len(s.Tracks()) {
				t.Fatalf("packet of track %d, there are %d", p.Track, len(s.Tracks()))
			}
		}
		if total > 0 && len(b) < 1000 {
			t.Fatalf("10,000 packets of %d bytes in all from %d bytes", total, len(b))
		}
	})
}
