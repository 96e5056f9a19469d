package load

import (
	"testing"
	"time"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

func TestSource(t *testing.T) {
	for _, rate := range []int{MinRate, 800_000, 2_500_000, MaxRate} {
		s := source{run: 1, stream: 2, rate: rate}
		var bytes, keys, video, audio, longest int
		var last time.Duration
		for s.due() < 10*time.Second {
			due := s.due()
			if due < last {
				t.Fatalf("due goes back from %v to %v", last, due)
			}
			last = due
			m, err := s.next(due)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Timestamp.Duration(); got != due.Truncate(time.Millisecond) {
				t.Fatalf("the timestamp is %v, due is %v", got, due)
			}
			st, isWhole, ok := findStamp(m.Payload)
			if !ok || !isWhole || st.run != 1 || st.stream != 2 || st.sent != due {
				t.Fatalf("frame at %v: stamp %+v, whole %t", due, st, isWhole)
			}
			bytes += len(m.Payload)
			longest = max(longest, len(m.Payload))
			if m.Type == message.TypeAudio {
				a, err := media.ParseAudio(m.Payload)
				if err != nil || !a.IsCoded() || a.Codec != media.AAC || st.seq != uint32(audio) {
					t.Fatalf("audio at %v: %+v, error %v", due, a, err)
				}
				audio++
				continue
			}
			v, err := media.ParseVideo(m.Payload)
			if err != nil || !v.IsCoded() || v.Codec != media.AVC || v.IsKeyFrame() != st.isKey || st.seq != uint32(video) {
				t.Fatalf("video at %v: %+v, error %v", due, v.FrameType, err)
			}
			video++
			if st.isKey {
				keys++
			}
		}
		if video != 300 || keys != 5 || audio != 469 {
			t.Errorf("10 s have %d video frames, %d key frames and %d audio frames", video, keys, audio)
		}
		if got := float64(bytes) * 8 / 10 / float64(rate); got < 0.97 || got > 1.01 {
			t.Errorf("10 s at %d bit/s have %.3f of the bits", rate, got)
		}
		if longest > 1<<23 {
			t.Errorf("at %d bit/s a frame has %d bytes", rate, longest)
		}
	}
}

func TestHeaders(t *testing.T) {
	s := source{rate: 2_500_000}
	list, err := s.headers()
	if err != nil {
		t.Fatal(err)
	}
	md, err := media.ParseMetadata(list[0].Payload)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"width": 1280, "framerate": 30, "videodatarate": 2371, "audiodatarate": 127} {
		if got, _ := md.Number(name); got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	if v, err := media.ParseVideo(list[1].Payload); err != nil || !v.IsSequenceHeader() {
		t.Errorf("video header: %+v, error %v", v, err)
	}
	if a, err := media.ParseAudio(list[2].Payload); err != nil || !a.IsSequenceHeader() {
		t.Errorf("audio header: %+v, error %v", a, err)
	}
}
