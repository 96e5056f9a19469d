package rtmp_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/relay"
)

// The tests of this file go through the limits of what a peer may ask for. Whoever asks for more is refused, and stays.

func TestLimitStreams(t *testing.T) {
	const limit = 32
	synctest.Test(t, func(t *testing.T) {
		s := &rtmp.Server{Handler: new(relay.Hub)}
		serveBeside(t, s)
		p := newVictim(t, s).reach(atConnect)
		for i := range limit {
			p.command(0, "createStream", float64(i+2))
			p.hear("_result")
		}
		p.command(0, "createStream", 99)
		p.hearStatus("one stream too many", "_error", "NetConnection.Call.Failed")
		for i := range limit { // all of them can be used
			p.command(uint32(i+1), "play", 0, fmt.Sprint("cam", i))
			p.hearStatus("a stream within the limit", "onStatus", "NetStream.Play.Reset")
			p.hearStatus("a stream within the limit", "onStatus", "NetStream.Play.Start")
		}
		p.command(0, "deleteStream", 0, 5.0)
		p.command(0, "createStream", 100)
		p.hear("_result")
		p.command(0, "createStream", 101)
		p.hearStatus("still no more than the limit", "_error", "NetConnection.Call.Failed")
		p.ping("after refusals")
	})
}

// Streams that the server ends do not count any more, on a client that has done its part.
func TestLimitStreamsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := serve(t, &rtmp.Server{Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			if err := s.Accept(); err != nil {
				return err
			}
			if r.Name == "refused later" {
				return &rtmp.StatusError{Code: "NetStream.Play.Failed", Description: "over"}
			}
			return nil
		})})
		c, err := d.Dial(t.Context(), "rtmp://test/live")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for i := range 100 {
			p, err := c.Play(t.Context(), []string{"ended", "refused later"}[i%2])
			if err != nil {
				t.Fatalf("play number %d: %v", i, err)
			}
			if _, err := p.ReadMessage(); err == nil {
				t.Fatal("a stream goes on although the server ended it")
			}
		}
		if _, err := c.Ping(t.Context()); err != nil {
			t.Errorf("after all that: %v", err)
		}
	})
}

func TestLimitRequests(t *testing.T) {
	const limit = 16
	synctest.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		hub := new(relay.Hub)
		s := &rtmp.Server{Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			<-open
			return hub.ServeRTMP(s, r)
		})}
		serveBeside(t, s)
		p := newVictim(t, s).reach(atConnect)
		for i := range limit + 1 {
			p.command(0, "createStream", float64(i+2))
			p.hear("_result")
		}
		for i := range limit {
			p.command(uint32(i+1), "publish", 0, fmt.Sprint("cam", i), "live")
		}
		p.ping("all wait")
		p.command(limit+1, "play", 0, "cam")
		p.hearStatus("one request too many", "onStatus", "NetStream.Play.Failed")
		p.command(limit+1, "publish", 0, "cam", "live")
		p.hearStatus("one request too many", "onStatus", "NetStream.Publish.Rejected")
		close(open)
		for range limit {
			p.hearStatus("a request within the limit", "onStatus", "NetStream.Publish.Start")
		}
		p.command(limit+1, "publish", 0, "cam", "live")
		p.hearStatus("none waits any more", "onStatus", "NetStream.Publish.Start")
	})
}

func TestLimitNames(t *testing.T) {
	const limit = 1 << 10
	type name struct {
		what string
		name string
		ok   bool
	}
	names := []name{
		{"as long as allowed", strings.Repeat("n", limit), true},
		{"a byte longer", strings.Repeat("n", limit+1), false},
		{"60 KB", strings.Repeat("n", 60_000), false},
		{"200 KB", strings.Repeat("n", 200_000), false},
		{"up the tree", "../../etc/passwd", true}, // a name, not a path; see Request.Name
		{"not UTF-8", "cam\xff\xfe", true},
		{"a space", "cam 1", true},
	}
	for c := range byte(0x20) {
		names = append(names, name{fmt.Sprintf("with %#02x", c), "cam" + string(rune(c)), false})
	}
	names = append(names, name{"with 0x7f", "\x7fcam", false}, name{"with U+009B", "cam\u009b31m", false},
		name{"in another alphabet", "カメラ", true})

	methods := []struct {
		name           string
		ok, okCode     string
		refusal, badly string
	}{
		{"publish", "onStatus", "NetStream.Publish.Start", "onStatus", "NetStream.Publish.BadName"},
		{"play", "onStatus", "NetStream.Play.Reset", "onStatus", "NetStream.Play.StreamNotFound"},
		{"connect", "_result", "NetConnection.Connect.Success", "_error", "NetConnection.Connect.InvalidApp"},
	}
	for _, method := range methods {
		t.Run(method.name, func(t *testing.T) {
			for _, tt := range names {
				synctest.Test(t, func(t *testing.T) {
					s := &rtmp.Server{Handler: new(relay.Hub)}
					serveBeside(t, s)
					v := newVictim(t, s)
					var p *peer
					if method.name == "connect" {
						p = v.reach(atHandshake)
						p.command(0, "connect", 1, amf0.Object{{Name: "app", Value: tt.name}})
					} else {
						p = v.reach(atStream)
						p.command(1, method.name, 0, tt.name)
					}
					if tt.ok {
						p.hearStatus(tt.what, method.ok, method.okCode)
					} else {
						p.hearStatus(tt.what, method.refusal, method.badly)
					}
					p.ping("after " + method.name + " of a name " + tt.what)
				})
			}
		})
	}
}
