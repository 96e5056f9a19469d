package amf0

import (
	"bytes"
	"testing"
)

// The four lists, and their sizes, on which other implementations have been measured.
var workloads = []struct {
	name   string
	size   int // bytes
	values []any
}{
	{"connect", 295, []any{"connect", 1.0, Object{
		{Name: "app", Value: "live"},
		{Name: "type", Value: "nonprivate"},
		{Name: "flashVer", Value: "FMLE/3.0 (compatible; FMSc/1.0)"},
		{Name: "swfUrl", Value: "rtmp://example.com/live/"},
		{Name: "tcUrl", Value: "rtmp://example.com:1935/live"},
		{Name: "fpad", Value: false},
		{Name: "capabilities", Value: 15.0},
		{Name: "audioCodecs", Value: 4071.0},
		{Name: "videoCodecs", Value: 252.0},
		{Name: "videoFunction", Value: 1.0},
		{Name: "objectEncoding", Value: 0.0},
	}}},
	{"metadata", 293, []any{"@setDataFrame", "onMetaData", Object{
		{Name: "width", Value: 1920.0},
		{Name: "height", Value: 1080.0},
		{Name: "videocodecid", Value: 7.0},
		{Name: "framerate", Value: 30.0},
		{Name: "videodatarate", Value: 4500.0},
		{Name: "audiocodecid", Value: 10.0},
		{Name: "audiodatarate", Value: 160.0},
		{Name: "audiosamplerate", Value: 48000.0},
		{Name: "audiochannels", Value: 2.0},
		{Name: "stereo", Value: true},
		{Name: "encoder", Value: "obs-output module (libobs version 29.1.3)"},
	}}},
	{"createStream", 25, []any{"createStream", 4.0, nil}},
	{"numbers", 9005, []any{numbers(1000)}},
}

func numbers(n int) StrictArray {
	list := make(StrictArray, n)
	for i := range list {
		list[i] = float64(i) + 0.5
	}
	return list
}

func BenchmarkAppend(b *testing.B) {
	for _, w := range workloads {
		b.Run(w.name, func(b *testing.B) {
			buf, err := Append(nil, w.values...)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(buf)))
			b.ReportAllocs()
			for b.Loop() {
				if buf, err = Append(buf[:0], w.values...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Encoding into a fresh buffer each time, as the figures of other implementations are made.
func BenchmarkAppendFresh(b *testing.B) {
	for _, w := range workloads {
		b.Run(w.name, func(b *testing.B) {
			b.SetBytes(int64(w.size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Append(nil, w.values...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseAll(b *testing.B) {
	for _, w := range workloads {
		b.Run(w.name, func(b *testing.B) {
			in, err := Append(nil, w.values...)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseAll(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestWorkloads(t *testing.T) {
	for _, w := range workloads {
		b, err := Append(nil, w.values...)
		if err != nil || len(b) != w.size {
			t.Errorf("%s: %d bytes, error %v, want %d bytes", w.name, len(b), err, w.size)
		}
		values, err := ParseAll(b)
		if err != nil {
			t.Errorf("%s: ParseAll: %v", w.name, err)
			continue
		}
		again, err := Append(nil, values...)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%s: encoded, decoded and encoded: %x, error %v, want %x", w.name, again, err, b)
		}
	}
}
