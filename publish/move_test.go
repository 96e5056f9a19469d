package publish

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// ask sends a Reconnect Request.
func ask(c *rtmp.Conn, tcURL string) error {
	info := amf0.Object{{Name: "level", Value: "status"}, {Name: "code", Value: "NetConnection.Connect.ReconnectRequest"}}
	if tcURL != "" {
		info.Set("tcUrl", tcURL)
	}
	m, err := message.New(0, 0, &message.Command{Name: "onStatus", Args: []any{info}})
	if err != nil {
		return err
	}
	return c.WriteMessage(m)
}

// Who is asked to connect again does so at the next key frame, and nothing is lost or comes twice.
func TestMove(t *testing.T) {
	for _, tt := range []struct{ tcURL, want string }{
		{"", "test:1935"},
		{"//other/live", "other:1935"},
		{"rtmp://other:1936/elsewhere", "other:1936"},
	} {
		t.Run(tt.tcURL, func(t *testing.T) {
			bubble(t, func(t *testing.T, in *ingest) {
				in.hear = func(s *rtmp.Stream, session, n int) error {
					if session == 0 && n == 30 {
						return ask(s.Conn(), tt.tcURL)
					}
					return nil
				}
				var states []State
				var addrs []string
				o := in.options(&Options{OnStatus: func(s Status) { states = append(states, s.State) }})
				inner := o.Dialer.NetDial
				o.Dialer.NetDial = func(ctx context.Context, network, addr string) (net.Conn, error) {
					addrs = append(addrs, addr)
					return inner(ctx, network, addr)
				}
				begin := time.Now()
				if err := Reader(t.Context(), testURL, file(t, &rtmptest.Source{Duration: 6 * time.Second}), o); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(begin); took > 6100*time.Millisecond {
					t.Errorf("Reader took %v for 6 seconds", took)
				}
				sessions := in.all()
				if len(sessions) != 2 {
					t.Fatalf("%d connections, want 2", len(sessions))
				}
				var times []message.Timestamp
				for _, se := range sessions {
					checkStart(t, se)
					if se.name != "key" {
						t.Errorf("stream %q, want key", se.name)
					}
					if !errors.Is(se.end, io.EOF) {
						t.Errorf("a connection ended with %v, want io.EOF: the stream was ended politely", se.end)
					}
					for _, a := range se.coded(message.TypeVideo) {
						times = append(times, a.m.Timestamp)
					}
				}
				var want []message.Timestamp
				for i := range 150 {
					want = append(want, message.Timestamp(i*40))
				}
				if diff := cmp.Diff(want, times); diff != "" {
					t.Errorf("pictures of both connections (-want +got):\n%s", diff)
				}
				if first := sessions[1].coded(message.TypeVideo)[0].m.Timestamp; first != 2000 {
					t.Errorf("the second connection begins at %d, want the key frame at 2000", first)
				}
				if diff := cmp.Diff([]State{StateConnecting, StateLive, StateConnecting, StateLive, StateClosed}, states); diff != "" {
					t.Errorf("states (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"test:1935", tt.want}, addrs); diff != "" {
					t.Errorf("addresses (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A server that goes down asks and ends the stream at once: it is connected to again without a wait.
func TestMoveFromShutdown(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		in.hear = func(s *rtmp.Stream, session, n int) error {
			if session == 0 && n == 30 {
				if err := ask(s.Conn(), ""); err != nil {
					return err
				}
				return io.EOF
			}
			return nil
		}
		var states []State
		o := in.options(&Options{OnStatus: func(s Status) { states = append(states, s.State) }})
		begin := time.Now()
		if err := Reader(t.Context(), testURL, file(t, &rtmptest.Source{Duration: 6 * time.Second}), o); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 6100*time.Millisecond {
			t.Errorf("Reader took %v for 6 seconds", took)
		}
		for _, se := range in.all() {
			checkStart(t, se)
		}
		if diff := cmp.Diff([]State{StateConnecting, StateLive, StateConnecting, StateLive, StateClosed}, states); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
	})
}

// Where one is sent, things can be bad: then one goes back to where one was told to go in the first place.
func TestMoveBack(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		in.hear = func(s *rtmp.Stream, session, n int) error {
			if session == 0 && n == 30 {
				return ask(s.Conn(), "//nowhere/live")
			}
			return nil
		}
		var addrs []string
		o := in.options(nil)
		inner := o.Dialer.NetDial
		o.Dialer.NetDial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			addrs = append(addrs, addr)
			if strings.HasPrefix(addr, "nowhere") {
				return nil, errors.New("no such host")
			}
			return inner(ctx, network, addr)
		}
		if err := Reader(t.Context(), testURL, file(t, &rtmptest.Source{Duration: 6 * time.Second}), o); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"test:1935", "nowhere:1935", "test:1935"}, addrs); diff != "" {
			t.Errorf("addresses (-want +got):\n%s", diff)
		}
		for _, se := range in.all() {
			checkStart(t, se)
		}
	})
}

// A server that sends its clients in circles is treated as one that breaks.
func TestMoveInCircles(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		in.hear = func(s *rtmp.Stream, _, n int) error {
			if n == 0 {
				return ask(s.Conn(), "")
			}
			return nil
		}
		p := To(t.Context(), testURL, in.options(&Options{Tries: 1}))
		err := (&fakeEncoder{gop: 5, size: 200}).encode(p.TrackWriter, 30*time.Second)
		var gaveUp *TargetError
		if !errors.As(err, &gaveUp) || gaveUp.Refused {
			t.Errorf("error = %v, want a *TargetError that is no refusal", err)
		}
		if n := len(in.all()); n != 1+maxHops {
			t.Errorf("%d connections, want %d", n, 1+maxHops)
		}
		p.Close()
	})
}

func TestDestination(t *testing.T) {
	tests := []struct{ url, tcURL, want string }{
		{"rtmp://a/live/key?x=/1", "rtmp://b/other", "rtmp://b/other/key?x=/1"},
		{"rtmp://a/live/key", "rtmp://b", "rtmp://b/key"},
		{"rtmp://user:secret@a/live/key", "rtmps://b/live/", "rtmps://b/live/key"},
		{"rtmps://a/live/key", "rtmp://a/live", "rtmps://a/live/key"},
		{"rtmp://a/live/key", "http://b/live", "rtmp://a/live/key"},
		{"rtmp://a/live/key", "", "rtmp://a/live/key"},
	}
	for _, tt := range tests {
		if got := newTarget(t.Context(), tt.url, "", (*Options)(nil).withDefaults()).destination(tt.tcURL); got != tt.want {
			t.Errorf("%s sent to %q goes to %s, want %s", tt.url, tt.tcURL, got, tt.want)
		}
	}
}
