package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// latency is how long after it was encoded a picture of a fakeEncoder arrived that began at begin.
func latency(a arrival, begin time.Duration) time.Duration {
	return a.at - begin - a.m.Timestamp.Duration()
}

// Each new connection begins with headers and a key frame, times rise, and nothing comes late.
func TestReconnect(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		in.wrap = func(nc net.Conn, n int) net.Conn {
			if n < 3 {
				return &cutConn{nc, 150_000 + n*77_777}
			}
			return nc
		}
		p := To(t.Context(), testURL, in.options(nil))
		if err := p.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		begin := time.Since(in.begin)
		enc := &fakeEncoder{gop: 50, size: 2000} // 400 kbit/s
		if err := enc.encode(p.TrackWriter, 40*time.Second); err != nil {
			t.Fatal(err)
		}
		status := p.Status()[0]
		if err := p.Close(); err != nil {
			t.Fatalf("Close error = %v", err)
		}

		sessions := in.all()
		if len(sessions) != 4 {
			t.Fatalf("%d connections, want 4", len(sessions))
		}
		var last message.Timestamp
		for i, se := range sessions {
			checkStart(t, se)
			video := se.coded(message.TypeVideo)
			for _, a := range video {
				if l := latency(a, begin); l > 600*time.Millisecond {
					t.Fatalf("connection %d: the picture at %d came %v after it was encoded", i, a.m.Timestamp, l)
				}
			}
			if first := video[0].m.Timestamp; i > 0 && first.Sub(last) < time.Second {
				t.Errorf("connection %d begins at %d, the one before ended at %d", i, first, last)
			}
			last = video[len(video)-1].m.Timestamp
		}
		if status.State != StateLive || status.Connects != 4 || status.Err == nil || status.MissedVideo == 0 {
			t.Errorf("status = %+v, want live in the fourth connection, with the error of the third", status)
		}
		if status.Bitrate < 350_000 || status.Bitrate > 450_000 {
			t.Errorf("bitrate %d, want about 400,000", status.Bitrate)
		}
	})
}

// A new connection begins with the parameter sets of now, not with those of the first key frame.
func TestReconnectNewParameters(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		var first net.Conn
		in.wrap = func(nc net.Conn, n int) net.Conn {
			if n == 0 {
				first = nc
			}
			return nc
		}
		p := To(t.Context(), testURL, in.options(nil))
		if err := p.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		other := bytes.Clone(testSPS)
		other[3] = 0x1f
		for i := range 20 {
			sps := testSPS
			if i >= 3 {
				sps = other
			}
			if i == 2 {
				first.Close()
			}
			at := time.Duration(i) * time.Second
			if err := p.WriteH264DTS(at, at, annexB(sps, testPPS, []byte{0x65, 0x88, byte(i)})); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second) // fake time
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		sessions := in.all()
		if len(sessions) != 2 {
			t.Fatalf("%d connections, want 2", len(sessions))
		}
		for i, level := range []byte{0x0c, 0x1f} {
			var list []*message.Message
			for _, a := range sessions[i].arrivals {
				list = append(list, a.m)
			}
			if got := configsOf(t, list); len(got) != 1 || got[0][3] != level {
				t.Errorf("connection %d has the sequence headers %x, want one of level %#x", i, got, level)
			}
		}
	})
}

// The time between attempts grows by half, with some chance in it, and ends with the number of tries.
func TestReconnectBackoff(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		in.l.Close()
		p := To(t.Context(), testURL, in.options(&Options{Tries: 6, RetryMax: 5 * time.Second}))
		err := p.Ready(t.Context())
		var gaveUp *TargetError
		if !errors.As(err, &gaveUp) || gaveUp.Refused || gaveUp.Tries != 6 {
			t.Fatalf("Ready error = %v, want a *TargetError after 6 attempts", err)
		}
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("error %v does not match what the network said", err)
		}
		if err := p.WriteH264(0, annexB(testSPS)); !errors.As(err, &gaveUp) {
			t.Errorf("WriteH264 error = %v, want a *TargetError", err)
		}
		if err := p.Close(); !errors.As(err, &gaveUp) {
			t.Errorf("Close error = %v, want a *TargetError", err)
		}
		if len(in.dials) != 6 {
			t.Fatalf("%d attempts, want 6", len(in.dials))
		}
		want := 2 * time.Second
		for i := 1; i < len(in.dials); i++ {
			got := in.dials[i] - in.dials[i-1]
			if got < want*3/4 || got > want*5/4 {
				t.Errorf("attempt %d came after %v, want %v and a quarter more or less", i+1, got, want)
			}
			want = min(want*3/2, 5*time.Second)
		}
	})
}

// A refusal ends it at once, and says what the server said but not the key.
func TestRefused(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		in.refuse = func(string, int) error {
			return &rtmp.StatusError{Code: "NetStream.Publish.Denied", Description: "wrong key"}
		}
		begin := time.Now()
		err := Reader(t.Context(), testURL, strings.NewReader(string(adtsFile(10))), in.options(nil))
		var gaveUp *TargetError
		if !errors.As(err, &gaveUp) || !gaveUp.Refused || !errors.Is(err, rtmp.ErrRefused) {
			t.Fatalf("Reader error = %v, want a refusal", err)
		}
		want := "publish: rtmp://test/live refused: "
		if !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "wrong key") {
			t.Errorf("Reader error = %q, want %q and what the server said", err, want)
		}
		if len(in.dials) != 1 || time.Since(begin) > time.Second {
			t.Errorf("%d attempts in %v, want one", len(in.dials), time.Since(begin))
		}
	})
}

// A server that has not noticed that we are gone is asked again.
func TestBadNameAfterLoss(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		refused := 0
		in.refuse = func(_ string, session int) error {
			if session == 1 && refused < 2 {
				refused++
				return &rtmp.StatusError{Code: "NetStream.Publish.BadName", Description: "already publishing"}
			}
			return nil
		}
		in.wrap = func(nc net.Conn, n int) net.Conn {
			if n == 0 {
				return &cutConn{nc, 100_000}
			}
			return nc
		}
		p := To(t.Context(), testURL, in.options(nil))
		if err := p.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := (&fakeEncoder{gop: 50, size: 2000}).encode(p.TrackWriter, 30*time.Second); err != nil {
			t.Fatal(err)
		}
		if s := p.Status()[0]; s.State != StateLive || s.Connects != 2 || refused != 2 {
			t.Errorf("status = %+v after %d refusals, want the second connection", s, refused)
		}
		if err := p.Close(); err != nil {
			t.Errorf("Close error = %v", err)
		}
	})
}

// A target that takes nothing does not hold up another, and is given up and dialed again.
func TestTargetsAreIndependent(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		in.wrap = func(nc net.Conn, n int) net.Conn {
			if n == 1 {
				return newStallConn(nc, 5*time.Second)
			}
			return nc
		}
		states := make(map[string][]State)
		o := in.options(&Options{Also: []string{"rtmp://other/live/two"}, OnStatus: func(s Status) {
			in.mu.Lock()
			states[s.Target] = append(states[s.Target], s.State)
			in.mu.Unlock()
		}})
		inner := o.Dialer.NetDial
		first := make(chan struct{})
		o.Dialer.NetDial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if strings.HasPrefix(addr, "other") {
				<-first // so that it has the number 1
			}
			nc, err := inner(ctx, network, addr)
			if strings.HasPrefix(addr, "test") {
				close(first)
			}
			return nc, err
		}
		p := To(t.Context(), testURL, o)
		p.settled(t.Context())
		begin := time.Since(in.begin)
		if err := (&fakeEncoder{gop: 50, size: 2000}).encode(p.TrackWriter, 30*time.Second); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		byName := make(map[string][]*session)
		for _, se := range in.all() {
			checkStart(t, se)
			byName[se.name] = append(byName[se.name], se)
		}
		good := byName["key"]
		if len(good) != 1 {
			t.Fatalf("%d connections of the good target, want 1", len(good))
		}
		video := good[0].coded(message.TypeVideo)
		if len(video) != 750 {
			t.Errorf("%d pictures at the good target, want 750", len(video))
		}
		for _, a := range video {
			if l := latency(a, begin); l > 600*time.Millisecond {
				t.Fatalf("the picture at %d came after %v", a.m.Timestamp, l)
			}
		}
		if n := len(byName["two"]); n != 2 {
			t.Errorf("%d connections of the stalled target, want 2", n)
		}
		want := fmt.Sprint([]State{StateConnecting, StateLive, StateWaiting, StateConnecting, StateLive, StateClosed})
		if got := fmt.Sprint(states["rtmp://other/live"]); got != want {
			t.Errorf("states of the stalled target: %v, want %v", got, want)
		}
	})
}

// Close does not wait for a server that is not there.
func TestCloseWhileWaiting(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		in.l.Close()
		p := To(t.Context(), testURL, in.options(nil))
		time.Sleep(time.Second) // fake time: the first attempt has failed
		begin := time.Now()
		var gaveUp *TargetError
		if err := p.Close(); !errors.As(err, &gaveUp) {
			t.Errorf("Close error = %v, want a *TargetError", err)
		}
		if took := time.Since(begin); took > 100*time.Millisecond {
			t.Errorf("Close took %v", took)
		}
		if err := p.WriteAAC(0, adtsFile(1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("WriteAAC after Close: error = %v, want net.ErrClosed", err)
		}
	})
}
