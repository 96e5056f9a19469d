package publish

import (
	"net"
	"testing"
	"time"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// With half the bandwidth that is needed, what arrives is decodable and not late.
func TestSlowUplink(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		const rate = 60_000 // bytes per second, of 125,000
		in.wrap = func(nc net.Conn, _ int) net.Conn { return &slowConn{nc, rate} }
		var reports []Status
		p := To(t.Context(), testURL, in.options(&Options{OnQueue: func(s Status) { reports = append(reports, s) }}))
		if err := p.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		begin := time.Since(in.begin)
		if err := (&fakeEncoder{gop: 50, size: 5000}).encode(p.TrackWriter, 60*time.Second); err != nil {
			t.Fatal(err)
		}
		status := p.Status()[0]
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		se := in.all()[0]
		checkStart(t, se)
		checkDecodable(t, se)
		video, audio := se.coded(message.TypeVideo), se.coded(message.TypeAudio)
		for _, a := range append(video, audio...) {
			// Beyond the queue, the connection and the pipe hold 80 KiB, which takes 1.4 seconds at this rate.
			if l := latency(a, begin); l > 900*time.Millisecond+1600*time.Millisecond {
				t.Fatalf("the message of type %v at %d came after %v", a.m.Type, a.m.Timestamp, l)
			}
		}
		if n := len(audio); n < 2800 {
			t.Errorf("%d frames of sound came, want all of 2812", n)
		}
		if n := len(video); n < 500 || n > 800 {
			t.Errorf("%d of 1500 pictures came over half of the bandwidth", n)
		}
		if status.DroppedVideo+len(video) < 1450 || status.DroppedAudio > 0 {
			t.Errorf("status = %+v with %d pictures received", status, len(video))
		}
		longest := time.Duration(0)
		for _, r := range reports {
			longest = max(longest, r.Queue)
		}
		if longest < 700*time.Millisecond || longest > 1100*time.Millisecond {
			t.Errorf("the longest queue reported was %v, want a little over 900 ms", longest)
		}
		if status.Connects != 1 {
			t.Errorf("%d connections, want one", status.Connects)
		}
	})
}

// checkDecodable fails if a picture that refers to others comes after a gap, until the next key frame. Lesser pictures
// may be missing.
func checkDecodable(t *testing.T, se *session) {
	t.Helper()
	lastKey, expect := -1, 0
	for _, a := range se.coded(message.TypeVideo) {
		v, err := media.ParseVideo(a.m.Payload)
		if err != nil {
			t.Fatal(err)
		}
		n := int(a.m.Timestamp / 40)
		switch {
		case v.IsKeyFrame():
			lastKey, expect = n, 1
			continue
		case lastKey < 0:
			t.Fatalf("picture %d comes before a key frame", n)
		}
		in := n - lastKey
		if v.Body[4] == 0x01 {
			if in/3*3+1 > expect+2 || in > 2+expect {
				t.Fatalf("B-frame %d of the group comes although the P-frame before it did not", in)
			}
			continue
		}
		if in != expect {
			t.Fatalf("P-frame %d of the group comes, want %d first", in, expect)
		}
		expect += 3
	}
}
