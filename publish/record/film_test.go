package record

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/Eyevinn/mp4ff/mp4"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/publish"
)

const ms = time.Millisecond

// A disk is a file in memory that can hold only so many bytes.
type disk struct {
	b     []byte
	limit int
}

func (d *disk) WriteAt(p []byte, at int64) (int, error) {
	var err error
	end := int(at) + len(p)
	if end > d.limit {
		p, err = p[:max(d.limit-int(at), 0)], fmt.Errorf("write: %w", syscall.ENOSPC)
		end = int(at) + len(p)
	}
	if len(p) > 0 {
		if end > len(d.b) {
			d.b = append(d.b, make([]byte, end-len(d.b))...)
		}
		copy(d.b[at:], p)
	}
	return len(p), err
}

func (d *disk) Write(p []byte) (int, error) { return d.WriteAt(p, int64(len(d.b))) }

func (d *disk) Truncate(size int64) error { d.b = d.b[:size]; return nil }

const unlimited = 1 << 30

var (
	// avcC as libx264 makes them for 160x90 and 320x180.
	avcSmall = unhex("0164000bffe100196764000bacd9428df93011000003000100000300320f14299601000668ebe3cb22c0fdf8f800")
	avcLarge = unhex("0164000cffe1001a6764000cacd941419f9f011000000300100000030320f142996001000668ebe3cb22c0fdf8f800")
	asc48    = []byte{0x11, 0x90}
	asc44    = []byte{0x12, 0x10}
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// A film is what a script of packets is made of: a key frame each second and 25 pictures, sound every 21 or 22 ms.
func film(d time.Duration) (tracks []publish.Track, packets []*publish.Packet) {
	tracks = []publish.Track{
		{Codec: media.AVC, Config: avcSmall, Width: 160, Height: 90},
		{Codec: media.AAC, Config: asc48, SampleRate: 48000, Channels: 2},
	}
	for i := range int64(d / (40 * ms)) {
		at := time.Duration(i) * 40 * ms
		data := append([]byte{0, 0, 0, 40, 0x41}, bytes.Repeat([]byte{byte(i)}, 39)...)
		if i%25 == 0 {
			data[4] = 0x65
		}
		packets = append(packets, &publish.Packet{Track: 0, DTS: at, PTS: at + 40*ms, Key: i%25 == 0, Data: data})
	}
	for i := range int64(d) * 48000 / 1024 / int64(time.Second) {
		at := time.Duration(i*1024*1000/48000) * ms
		packets = append(packets, &publish.Packet{Track: 1, DTS: at, PTS: at, Key: true, Data: []byte{0x21, byte(i), byte(i >> 8)}})
	}
	slices.SortStableFunc(packets, func(a, b *publish.Packet) int { return int(a.DTS - b.DTS) })
	return tracks, packets
}

// writeAll writes packets to w and returns the error of the first call that fails.
func writeAll(t *testing.T, w Writer, tracks []publish.Track, packets []*publish.Packet) error {
	t.Helper()
	for _, tr := range tracks {
		if err := w.AddTrack(tr); err != nil {
			t.Fatalf("AddTrack(%v) error = %v", tr.Codec, err)
		}
	}
	for _, p := range packets {
		if err := w.WritePacket(p); err != nil {
			return err
		}
	}
	return nil
}

// A frame is what a test compares of a packet.
type frame struct {
	Track    int
	DTS, PTS time.Duration
	Key      bool
	Data     string
}

func frames(packets []*publish.Packet) (list []frame) {
	for _, p := range packets {
		list = append(list, frame{p.Track, p.DTS, p.PTS, p.Key, fmt.Sprintf("%x", p.Data)})
	}
	slices.SortStableFunc(list, func(a, b frame) int { return a.Track - b.Track })
	return list
}

// read returns the frames of an MP4 file, by track, with times rounded to milliseconds.
func read(t *testing.T, file []byte) (tracks []publish.Track, list []*publish.Packet) {
	t.Helper()
	src, err := publish.NewSource(bytes.NewReader(file), nil)
	if err != nil {
		t.Fatalf("NewSource of %d bytes: %v", len(file), err)
	}
	for {
		p, err := src.ReadPacket()
		if err == io.EOF {
			return src.Tracks(), list
		}
		if err != nil {
			t.Fatalf("after %d packets: %v", len(list), err)
		}
		p.DTS, p.PTS = p.DTS.Round(ms), p.PTS.Round(ms)
		list = append(list, p)
	}
}

func boxes(t *testing.T, file []byte) (names []string) {
	t.Helper()
	for r := bytes.NewReader(file); r.Len() > 0; {
		at := int64(len(file) - r.Len())
		h, err := mp4.DecodeHeader(r)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
		if _, err := r.Seek(at+int64(h.Size), io.SeekStart); err != nil || at+int64(h.Size) > int64(len(file)) {
			t.Fatalf("box %q of %d bytes is cut", h.Name, h.Size)
		}
	}
	return names
}
