package load

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/relay"
	"github.com/gortmp/rtmp/rtmptest"
)

// onServer runs f in a bubble with a server, all in memory and in fake time.
func onServer(t *testing.T, h rtmp.Handler, f func(t *testing.T, dialer *rtmp.Dialer)) {
	synctest.Test(t, func(t *testing.T) {
		l := rtmptest.NewListener()
		s := &rtmp.Server{Handler: h}
		served := make(chan struct{})
		go func() {
			defer close(served)
			s.Serve(l) // the error is that of Close
		}()
		defer func() {
			l.Close()
			s.Close()
			<-served
		}()
		f(t, &rtmp.Dialer{NetDial: l.Dial})
	})
}

// run runs a Test of 4 seconds with c, changed where it is zero.
func run(ctx context.Context, dialer *rtmp.Dialer, c Config) *Result {
	c.Dialer = dialer
	if c.URL == "" {
		c.URL = "rtmp://test/live/bench"
	}
	c.Publishers = max(c.Publishers, 1)
	c.Rate = 400_000
	c.Duration = 4 * time.Second
	return Start(ctx, c).Result()
}

// through returns a Handler that is hub, with publishers whose messages go through change, which is called with the
// number of each and returns what becomes of it; nil is the end.
func through(hub *relay.Hub, change func(i int, m *message.Message) []*message.Message) rtmp.Handler {
	return rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
		if r.Method != rtmp.MethodPublish {
			return hub.ServeRTMP(s, r)
		}
		pub, err := hub.Publish(r.App + "/" + r.Name)
		if err != nil {
			return err
		}
		defer pub.Close()
		for i := 0; ; i++ {
			m, err := s.ReadMessage()
			if err != nil {
				return err
			}
			for _, m := range change(i, m) {
				if m == nil {
					return nil
				}
				if err := pub.WriteMessage(m); err != nil {
					return err
				}
			}
		}
	})
}

// messages of a stream until the end of a Test: 3 headers, and in a second 30 of video and 47 of audio.
const inMidStream = 200

func TestRun(t *testing.T) {
	tests := []struct {
		name   string
		change func(i int, m *message.Message) []*message.Message
		want   Result // what is counted for each player
	}{
		{"all is well", func(_ int, m *message.Message) []*message.Message { return []*message.Message{m} }, Result{}},
		{"lost", func(i int, m *message.Message) []*message.Message {
			if i == inMidStream || i == inMidStream+50 {
				return nil
			}
			return []*message.Message{m}
		}, Result{Lost: 2}},
		{"twice", func(i int, m *message.Message) []*message.Message {
			if i == inMidStream {
				return []*message.Message{m, m}
			}
			return []*message.Message{m}
		}, Result{OutOfOrder: 1}},
		{"damaged", func(i int, m *message.Message) []*message.Message {
			if i == inMidStream {
				m.Payload[len(m.Payload)-1]++
			}
			return []*message.Message{m}
		}, Result{Damaged: 1}},
		{"cut", func(i int, m *message.Message) []*message.Message {
			if i == inMidStream {
				m.Payload = m.Payload[:len(m.Payload)-1]
			}
			return []*message.Message{m}
		}, Result{Damaged: 1}},
		{"not ours", func(i int, m *message.Message) []*message.Message {
			if i == inMidStream {
				return []*message.Message{m, {Type: message.TypeAudio, Timestamp: m.Timestamp, Payload: []byte("\xaf\x01someone")}}
			}
			return []*message.Message{m}
		}, Result{Foreign: 1}},
		{"at another time", func(i int, m *message.Message) []*message.Message {
			if i == inMidStream {
				m.Timestamp += 100
			}
			return []*message.Message{m}
		}, Result{Shifted: 1}},
		{"in aggregates", func(i int, m *message.Message) []*message.Message {
			if m.Type == message.TypeData {
				return []*message.Message{m}
			}
			a, err := message.New(m.StreamID, m.Timestamp, &message.Aggregate{Messages: []*message.Message{m}})
			if err != nil {
				panic(err)
			}
			return []*message.Message{a}
		}, Result{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onServer(t, through(new(relay.Hub), tt.change), func(t *testing.T, dialer *rtmp.Dialer) {
				const players = 3
				r := run(t.Context(), dialer, Config{Players: players})
				want := Result{
					Measured: 4 * time.Second, Publishing: 1, Joined: players,
					Lost: tt.want.Lost * players, OutOfOrder: tt.want.OutOfOrder * players, Damaged: tt.want.Damaged * players,
					Foreign: tt.want.Foreign * players, Shifted: tt.want.Shifted * players,
				}
				ignore := cmpopts.IgnoreFields(Result{}, "Sent", "Received", "Frames", "Latency", "Join", "Lag")
				if diff := cmp.Diff(want, *r, ignore); diff != "" {
					t.Errorf("result (-want +got):\n%s", diff)
				}
				if ok := tt.want.Lost+tt.want.OutOfOrder+tt.want.Damaged+tt.want.Foreign == 0; r.OK() != ok {
					t.Errorf("OK = %t, want %t", r.OK(), ok)
				}
				if bits := float64(r.Sent) * 8 / 4; bits < 0.9*400_000 || bits > 1.1*400_000 {
					t.Errorf("%d bytes were sent in 4 s, for 400 kbit/s", r.Sent)
				}
				if share := float64(r.Received) / float64(r.Sent); share < 0.98*players || share > 1.02*players {
					t.Errorf("%d bytes were sent, and %d received by %d players", r.Sent, r.Received, players)
				}
				if r.Latency.Count < 4*77*players-30 || r.Join.Count != players || r.Lag.Count < 5*77 {
					t.Errorf("%d latencies, %d joins, %d departures", r.Latency.Count, r.Join.Count, r.Lag.Count)
				}
			})
		})
	}
}

// wantFailures compares the failures with texts that are in their errors.
func wantFailures(t *testing.T, r *Result, want ...string) {
	t.Helper()
	if len(r.Failures) != len(want) {
		t.Fatalf("failures %v, want %d", r.Failures, len(want))
	}
	for i, f := range r.Failures {
		if got := string(f.Role) + ": " + f.Err.Error(); !strings.Contains(got, want[i]) {
			t.Errorf("failure %d is %q, want %q", i, got, want[i])
		}
	}
	if r.OK() {
		t.Error("a result with failures is OK")
	}
}

func TestManyStreams(t *testing.T) {
	names := map[string]int{}
	hub := new(relay.Hub)
	onServer(t, rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
		if r.Method == rtmp.MethodPublish {
			names[r.Name]++ // one at a time
			if strings.HasPrefix(r.Name, "bench-2") {
				return &rtmp.StatusError{Code: "NetStream.Publish.Denied", Description: "two is too many"}
			}
		}
		return hub.ServeRTMP(s, r)
	}), func(t *testing.T, dialer *rtmp.Dialer) {
		c := Config{URL: "rtmp://test/live/bench?token=1", Publishers: 3, Players: 4, Ramp: 10}
		r := run(t.Context(), dialer, c)
		if r.Publishing != 2 || r.Joined != 4 || r.Lost != 0 {
			t.Errorf("%d streams, %d players, %d frames lost", r.Publishing, r.Joined, r.Lost)
		}
		wantFailures(t, r, "publisher: rtmp: refused: NetStream.Publish.Denied: two is too many")
	})
	want := map[string]int{"bench-1?token=1": 1, "bench-2?token=1": 1, "bench-3?token=1": 1}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("published names (-want +got):\n%s", diff)
	}
}

func TestNobodyPlays(t *testing.T) {
	onServer(t, new(relay.Hub), func(t *testing.T, dialer *rtmp.Dialer) {
		r := run(t.Context(), dialer, Config{})
		if !r.OK() || r.Sent < 190_000 || r.Received != 0 || r.Measured != 4*time.Second {
			t.Errorf("result without players: %+v", r)
		}
	})
}

// What ends a Test early, and what does not.
func TestFailures(t *testing.T) {
	tests := []struct {
		name    string
		handler func(hub *relay.Hub) rtmp.HandlerFunc
		want    []string
		end     time.Duration // when the Test is over at the latest
	}{
		{"nothing can be published", func(*relay.Hub) rtmp.HandlerFunc {
			return func(*rtmp.Stream, *rtmp.Request) error { return errors.New("no") }
		}, []string{"publisher: rtmp: refused"}, time.Second},
		{"nothing can be played", func(hub *relay.Hub) rtmp.HandlerFunc {
			return func(s *rtmp.Stream, r *rtmp.Request) error {
				if r.Method == rtmp.MethodPlay {
					return &rtmp.StatusError{Code: "NetStream.Play.Failed"}
				}
				return hub.ServeRTMP(s, r)
			}
		}, []string{"player: rtmp: refused: NetStream.Play.Failed", "player: rtmp: refused: NetStream.Play.Failed"}, 3 * time.Second},
		{"no picture", func(hub *relay.Hub) rtmp.HandlerFunc {
			return through(hub, func(_ int, m *message.Message) []*message.Message {
				if m.Type == message.TypeVideo {
					return nil
				}
				return []*message.Message{m}
			}).ServeRTMP
		}, []string{"player: load: no key frame came", "player: load: no key frame came"}, 20 * time.Second},
		{"the server ends the streams", func(hub *relay.Hub) rtmp.HandlerFunc {
			return through(hub, func(i int, m *message.Message) []*message.Message {
				if i == inMidStream {
					return []*message.Message{nil}
				}
				return []*message.Message{m}
			}).ServeRTMP
		}, []string{
			"player: load: the server ended the stream", "player: load: the server ended the stream", "publisher: ",
		}, 4 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onServer(t, tt.handler(new(relay.Hub)), func(t *testing.T, dialer *rtmp.Dialer) {
				start := time.Now()
				r := run(t.Context(), dialer, Config{Players: 2})
				wantFailures(t, r, tt.want...)
				if d := time.Since(start); d > tt.end {
					t.Errorf("it took %v, want at most %v", d, tt.end)
				}
			})
		})
	}
}

// A server that takes connections and says nothing.
func TestSilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := rtmptest.NewListener()
		accepted := make(chan net.Conn, 10)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				nc, err := l.Accept()
				if err != nil {
					return
				}
				accepted <- nc
			}
		}()
		r := run(t.Context(), &rtmp.Dialer{NetDial: l.Dial}, Config{Publishers: 2, Players: 2})
		l.Close()
		<-done
		close(accepted)
		for nc := range accepted {
			nc.Close()
		}
		wantFailures(t, r, "publisher: ", "publisher: ")
	})
}

// An end by the user is no failure, whenever it comes.
func TestInterrupted(t *testing.T) {
	for _, after := range []time.Duration{0, 500 * time.Millisecond, 1010 * time.Millisecond, 3 * time.Second} {
		t.Run(after.String(), func(t *testing.T) {
			onServer(t, new(relay.Hub), func(t *testing.T, dialer *rtmp.Dialer) {
				ctx, cancel := context.WithTimeout(t.Context(), after)
				defer cancel()
				start := time.Now()
				r := run(ctx, dialer, Config{Players: 5})
				if !r.OK() {
					t.Errorf("result: %+v", r)
				}
				if d := time.Since(start); d > after+100*time.Millisecond {
					t.Errorf("it ended after %v", d)
				}
			})
		})
	}
}

func TestProgress(t *testing.T) {
	onServer(t, new(relay.Hub), func(t *testing.T, dialer *rtmp.Dialer) {
		test := Start(t.Context(), Config{
			URL: "rtmp://test/live/bench", Publishers: 1, Players: 2, Rate: 400_000, Duration: 4 * time.Second, Dialer: dialer,
		})
		<-time.After(3 * time.Second)
		p := test.Progress()
		want := Progress{Elapsed: 3 * time.Second, Publishing: 1, Joined: 2}
		if diff := cmp.Diff(want, p, cmpopts.IgnoreFields(Progress{}, "Sent", "Received", "Latency")); diff != "" {
			t.Errorf("progress (-want +got):\n%s", diff)
		}
		if p.Sent < 140_000 || p.Received < p.Sent || p.Latency.Count < 280 {
			t.Errorf("progress after 3 s: %+v", p)
		}
		<-test.Done()
	})
}
