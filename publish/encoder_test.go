package publish

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// capture publishes what f writes and returns what the server got, apart from data messages.
func capture(t *testing.T, f func(p *Publisher)) []*message.Message {
	t.Helper()
	var list []*message.Message
	bubble(t, func(t *testing.T, in *ingest) {
		// All is written at the same time, however far apart the times of the frames are.
		p := To(t.Context(), testURL, in.options(&Options{DropLesser: -1, DropVideo: -1, DropAll: -1}))
		if err := p.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		f(p)
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		for _, a := range in.all()[0].arrivals {
			if a.m.Type != message.TypeData {
				list = append(list, a.m)
			}
		}
	})
	return list
}

// A wire is a message as it is compared.
type wire struct {
	Type message.Type
	At   message.Timestamp
	Body string // hex
}

func wires(list []*message.Message) []wire {
	var w []wire
	for _, m := range list {
		w = append(w, wire{m.Type, m.Timestamp, hexString(m.Payload)})
	}
	return w
}

func hexString(b []byte) string {
	const digits = "0123456789abcdef"
	var s []byte
	for _, c := range b {
		s = append(s, digits[c>>4], digits[c&15])
	}
	return string(s)
}

// configOf returns the bodies of the sequence headers among list.
func configsOf(t *testing.T, list []*message.Message) (configs [][]byte) {
	t.Helper()
	for _, m := range list {
		if v, err := media.ParseVideo(m.Payload); m.Type == message.TypeVideo && err == nil && v.IsSequenceHeader() {
			configs = append(configs, v.Body)
		}
		if a, err := media.ParseAudio(m.Payload); m.Type == message.TypeAudio && err == nil && a.IsSequenceHeader() {
			configs = append(configs, a.Body)
		}
	}
	return configs
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// Annex B becomes length-prefixed, parameter sets become avcC, the composition time is PTS minus DTS.
func TestWriteH264(t *testing.T) {
	key := []byte{0x65, 0x88, 1}
	sei := []byte{0x06, 5, 1, 0xff, 0x80}
	got := capture(t, func(p *Publisher) {
		must(t, p.WriteH264DTS(1000*time.Millisecond, 1000*time.Millisecond, annexB([]byte{0x41, 0x9a, 9}))) // too early
		must(t, p.WriteH264DTS(1080*time.Millisecond, 1040*time.Millisecond, annexB([]byte{9, 0xf0}, testSPS, testPPS, sei, key)))
		must(t, p.WriteH264DTS(1081*time.Millisecond, 1080*time.Millisecond, annexB([]byte{0x01, 0x9a, 2}, []byte{0x0c, 0xff})))
		must(t, p.WriteH264DTS(1110*time.Millisecond, 1120*time.Millisecond, annexB([]byte{0x41, 0x9a, 3})))
	})
	avcC := "0164000cffe1001a" + hexString(testSPS) + "010006" + hexString(testPPS) + "fdf8f800"
	want := []wire{
		{message.TypeVideo, 0, "1700000000" + avcC},
		{message.TypeVideo, 0, "1701000028" + "00000005" + hexString(sei) + "00000003" + hexString(key)},
		{message.TypeVideo, 40, "2701000001" + "00000003019a02"},
		{message.TypeVideo, 80, "2701fffff6" + "00000003419a03"},
		{message.TypeVideo, 80, "1702000000"},
	}
	if diff := cmp.Diff(want, wires(got)); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// Another SPS sends a new sequence header in front of its key frame; the same one again does not.
func TestWriteH264NewParameters(t *testing.T) {
	other := bytes.Clone(testSPS)
	other[3] = 0x1f // level 3.1
	key := []byte{0x65, 0x88, 1}
	got := capture(t, func(p *Publisher) {
		for i, sps := range [][]byte{testSPS, testSPS, other, other} {
			at := time.Duration(i) * time.Second
			must(t, p.WriteH264DTS(at, at, annexB(sps, testPPS, key)))
		}
	})
	configs := configsOf(t, got)
	if len(configs) != 2 || configs[0][3] != 0x0c || configs[1][3] != 0x1f {
		t.Errorf("sequence headers %x, want one of level 1.2 and one of level 3.1", configs)
	}
	if at := got[3].Timestamp; at != 2000 {
		t.Errorf("the second sequence header is at %d, want 2000: %v", at, wires(got))
	}
}

// A new configuration of the sound sends a new sequence header, the same one does not.
func TestWriteAACNewConfig(t *testing.T) {
	mono := []byte{0x11, 0x88}
	got := capture(t, func(p *Publisher) {
		for i, config := range [][]byte{silentConfig, silentConfig, mono, mono} {
			must(t, p.SetConfig(media.AAC, config))
			must(t, p.WriteAAC(time.Duration(i)*20*time.Millisecond, silentFrame))
		}
	})
	if diff := cmp.Diff([][]byte{silentConfig, mono}, configsOf(t, got)); diff != "" {
		t.Errorf("sequence headers (-want +got):\n%s", diff)
	}
}

// Without DTS, pictures in the order of presentation get that of their PTS, and the times rise anyway.
func TestWriteH264WithoutDTS(t *testing.T) {
	got := capture(t, func(p *Publisher) {
		for i := range 5 {
			nal := []byte{0x41, 0x9a, 1}
			au := annexB(nal)
			if i == 0 {
				au = annexB(testSPS, testPPS, []byte{0x65, 0x88, 0x84, 0, 1})
			}
			must(t, p.WriteH264(time.Duration(i)*40*time.Millisecond, au))
		}
	})
	last := message.Timestamp(0)
	for _, m := range got {
		if m.Timestamp.Before(last) {
			t.Errorf("time %d after %d", m.Timestamp, last)
		}
		last = m.Timestamp
	}
}

func TestWriteErrors(t *testing.T) {
	capture(t, func(p *Publisher) {
		for name, err := range map[string]error{
			"H.264 without start code": p.WriteH264(0, []byte{0, 0, 0, 9, 0x65}),
			"raw AAC without config":   p.WriteAAC(0, silentFrame),
			"FLAC without config":      p.WriteFLAC(0, []byte{0xff, 0xf8}),
			"MP3 that is none":         p.WriteMP3(0, []byte{1, 2, 3, 4}),
			"AC-3 that is none":        p.WriteAC3(0, []byte{1, 2, 3, 4, 5, 6, 7, 8}),
			"E-AC-3 that is none":      p.WriteEAC3(0, []byte{1, 2}),
			"AV1 that is none":         p.WriteAV1(0, []byte{0xff, 0xff}),
			"VP9 that is none":         p.WriteVP9(0, nil),
			"empty Opus":               p.WriteOpus(0, nil),
		} {
			var bad *CodecError
			if !errors.As(err, &bad) || !errors.Is(err, ErrCodec) {
				t.Errorf("%s: error = %v, want a *CodecError", name, err)
			}
		}
		must(t, p.WriteOpus(0, []byte{0xfc, 1}))
		if err := p.WriteAAC(0, adtsFile(1)); !errors.Is(err, ErrCodec) {
			t.Errorf("AAC in a track of Opus: error = %v, want an ErrCodec", err)
		}
	})
}

// Each codec has its form: classic for AAC and MP3, Enhanced for the others, with a sequence header before the frames.
func TestWriteAudio(t *testing.T) {
	mp3 := append([]byte{0xff, 0xfb, 0x90, 0x00}, make([]byte, 413)...) // layer 3, 128 kbit/s, 44.1 kHz, stereo
	ac3 := append([]byte{0x0b, 0x77, 0, 0, 0x14, 0x40, 0x40}, make([]byte, 100)...)
	streamInfo := make([]byte, 34)
	streamInfo[10], streamInfo[11], streamInfo[12] = 0x0b, 0xb8, 0x02 // 48 kHz, stereo, 16 bits
	tests := []struct {
		name  string
		write func(p *Publisher) error
		want  []string // the beginnings of the payloads
	}{
		{"adts", func(p *Publisher) error { return p.WriteAAC(0, adtsFile(2)) },
			[]string{"af001190", "af01" + hexString(silentFrame), "af01" + hexString(silentFrame)}},
		{"mp3", func(p *Publisher) error { return p.WriteMP3(0, mp3) }, []string{"2ffffb9000"}},
		{"opus", func(p *Publisher) error { return p.WriteOpus(0, []byte{0xfc, 0xff, 0xfe}) },
			[]string{"904f707573" + "4f70757348656164" + "0102", "914f707573fcfffe"}},
		{"ac3", func(p *Publisher) error { return p.WriteAC3(0, ac3) }, []string{"9061632d33", "9161632d330b77"}},
		{"flac", func(p *Publisher) error {
			if err := p.WriteFLAC(0, append([]byte("fLaC\x80\x00\x00\x22"), streamInfo...)); err != nil {
				return err
			}
			return p.WriteFLAC(0, []byte{0xff, 0xf8, 1})
		}, []string{"90664c6143" + "664c614380000022", "91664c6143fff801"}},
		{"second track", func(p *Publisher) error { return p.Track(1).WriteAAC(0, adtsFile(1)) },
			[]string{"95006d703461011190", "95016d70346101" + hexString(silentFrame)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := wires(capture(t, func(p *Publisher) { must(t, tt.write(p)) }))
			if len(got) != len(tt.want) {
				t.Fatalf("%d messages, want %d: %v", len(got), len(tt.want), got)
			}
			for i, want := range tt.want {
				if n := min(len(got[i].Body), len(want)); got[i].Body[:n] != want {
					t.Errorf("message %d is %.60s, want %s", i, got[i].Body, want)
				}
			}
		})
	}
}

// The temporal delimiter goes, the sequence header makes an av1C.
func TestWriteAV1(t *testing.T) {
	seq := unhex("0a0b0000004aabbfc377ffe701") // with its size
	frame := unhex("320410ff0102")
	got := wires(capture(t, func(p *Publisher) {
		must(t, p.WriteAV1(0, append([]byte{0x12, 0}, frame...))) // before the first sequence header
		must(t, p.WriteAV1(40*time.Millisecond, append(append([]byte{0x12, 0}, seq...), frame...)))
		must(t, p.WriteAV1(80*time.Millisecond, append([]byte{0x12, 0}, frame...)))
	}))
	want := []wire{
		{message.TypeVideo, 0, "9061763031" + "81094c00" + hexString(seq)},
		{message.TypeVideo, 0, "9161763031" + hexString(seq) + hexString(frame)},
		{message.TypeVideo, 40, "a161763031" + hexString(frame)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// Sound and picture of different goroutines go out in the order of their times, and metadata come first.
func TestInterleave(t *testing.T) {
	got := capture(t, func(p *Publisher) {
		enc := &fakeEncoder{gop: 50, size: 100}
		for range 7 {
			pic := enc.next()
			must(t, p.WriteH264DTS(pic.pts, pic.dts, pic.au))
		}
		for i := range 20 {
			at := time.Duration(i) * 1024 * time.Second / 48000
			must(t, p.SetConfig(media.AAC, silentConfig))
			must(t, p.WriteAAC(at, silentFrame))
		}
	})
	last := message.Timestamp(0)
	for i, m := range got[:len(got)-1] {
		if m.Timestamp.Before(last) {
			t.Errorf("message %d is at %d, after one at %d", i, m.Timestamp, last)
		}
		last = m.Timestamp
	}
	if len(got) != 2+7+20+1 {
		t.Errorf("%d messages, want 30", len(got))
	}
}

// Whatever an encoder writes, there is an error or a message, and never a panic.
func FuzzWrite(f *testing.F) {
	f.Add(byte(0), annexB(testSPS, testPPS, []byte{0x65, 0x88, 0x84, 0, 1}))
	f.Add(byte(1), annexB([]byte{0x40, 1, 0x0c}, []byte{0x42, 1, 1}, []byte{0x44, 1, 0xc1}, []byte{0x26, 1, 0xaf}))
	f.Add(byte(2), unhex("12000a0b0000004aabbfc377ffe701320410ff0102"))
	f.Add(byte(3), unhex("82498342001000100060"))
	f.Add(byte(4), adtsFile(2))
	f.Add(byte(5), []byte{0xfc, 0xff, 0xfe})
	f.Add(byte(6), unhex("0b7700001440400000000000"))
	f.Add(byte(7), unhex("0b77003f30860000"))
	f.Add(byte(8), []byte("fLaC\x80\x00\x00\x22"))
	f.Add(byte(9), []byte{0xff, 0xfb, 0x90, 0})
	f.Fuzz(func(t *testing.T, method byte, b []byte) {
		p := &Publisher{o: (*Options)(nil).withDefaults(), ctx: t.Context(), left: 1} // without targets
		w := &TrackWriter{p: p}
		writes := []func(time.Duration, []byte) error{
			w.WriteH264, w.WriteH265, w.WriteAV1, w.WriteVP9, w.WriteAAC, w.WriteOpus, w.WriteAC3, w.WriteEAC3, w.WriteFLAC, w.WriteMP3,
		}
		write := writes[int(method)%len(writes)]
		for i := range 3 {
			before := bytes.Clone(b)
			if err := write(time.Duration(i)*time.Second, b); err != nil && !errors.Is(err, ErrCodec) {
				t.Errorf("write %d of %x: error = %v, want an ErrCodec", i, b, err)
			}
			if !bytes.Equal(b, before) {
				t.Fatalf("write %d changed %x to %x", i, before, b)
			}
		}
	})
}
