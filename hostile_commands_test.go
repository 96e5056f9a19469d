package rtmp_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/relay"
)

// alphabet is what a client can say, to be said in any order.
var alphabet = []struct {
	name string
	say  func(p *peer)
}{
	{"connect", func(p *peer) { p.command(0, "connect", 1, amf0.Object{{Name: "app", Value: "live"}}) }},
	{"createStream", func(p *peer) { p.command(0, "createStream", 2) }},
	{"publish", func(p *peer) { p.command(1, "publish", 0, "order", "live") }},
	{"publish elsewhere", func(p *peer) { p.command(2, "publish", 5, "order", "live") }},
	{"publish on 0", func(p *peer) { p.command(0, "publish", 5, "order", "live") }},
	{"play", func(p *peer) { p.command(1, "play", 0, "order") }},
	{"play false", func(p *peer) { p.command(1, "play", 0, false) }},
	{"pause", func(p *peer) { p.command(1, "pause", 0, true, 0.0) }},
	{"seek", func(p *peer) { p.command(1, "seek", 0, 5.0) }},
	{"receiveVideo", func(p *peer) { p.command(1, "receiveVideo", 0, true) }},
	{"closeStream", func(p *peer) { p.command(1, "closeStream", 0) }},
	{"deleteStream", func(p *peer) { p.command(0, "deleteStream", 0, 1.0) }},
	{"FCPublish", func(p *peer) { p.command(0, "FCPublish", 3, "order") }},
	{"FCUnpublish", func(p *peer) { p.command(0, "FCUnpublish", 4, "order") }},
	{"_result", func(p *peer) { p.command(0, "_result", 1, amf0.Object{}) }},
	{"onStatus", func(p *peer) {
		p.command(1, "onStatus", 0, amf0.Object{}, amf0.Object{{Name: "code", Value: "NetStream.Play.Stop"}})
	}},
	{"close", func(p *peer) { p.command(0, "close", 0) }},
	{"a call", func(p *peer) { p.command(0, "whatever", 9, "x") }},
	{"audio", func(p *peer) {
		p.send(&message.Message{Type: message.TypeAudio, StreamID: 1, Payload: []byte{0xAF, 0, 1, 2}})
	}},
	{"metadata", func(p *peer) { p.say(1, &message.Data{Values: []any{"@setDataFrame", "onMetaData", amf0.Object{}}}) }},
}

// Commands in every order: whatever the first and the second (and the third) are, the connection lives, and a whole
// publish still works if there is no connection and no stream of that number yet.
func TestHostileOrder(t *testing.T) {
	s := newScene(t, nil, nil)
	length := counts(2, 3)
	orders := 1
	for range length {
		orders *= len(alphabet)
	}
	for order := range orders {
		p := s.reach(atHandshake)
		var names []string
		for n := order; len(names) < length; n /= len(alphabet) {
			letter := alphabet[n%len(alphabet)]
			letter.say(p)
			names = append(names, letter.name)
		}
		p.ping(strings.Join(names, ", "))
		p.nc.Close()
	}
}

// 100,000 streams are asked for, and 32 are given. The answers are read.
func TestHostileCreateStreams(t *testing.T) {
	s := newScene(t, nil, nil)
	p := s.reach(atConnect)
	const n, payload = 100_000, "\x02\x00\x0ccreateStream\x00\x40\x00\x00\x00\x00\x00\x00\x00"
	done := make(chan error, 1)
	go func() {
		_, err := p.nc.Write(flood(3, 0, message.TypeCommand, payload, n))
		done <- err
	}()
	given := 0
	for range n {
		m := p.next("an answer")
		b, err := message.Parse(m)
		if err != nil {
			t.Fatal(err)
		}
		if c, ok := b.(*message.Command); ok && c.Name == "_result" {
			given++
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if given != 32 {
		t.Errorf("%d streams were given, want 32", given)
	}
	p.ping("after the flood")
	s.wantMemory("100,000 createStreams", connMemory)
}

// One connection that wants everything at the same time.
func TestHostileTwice(t *testing.T) {
	s := newScene(t, nil, nil)
	p := s.reach(atPublish)
	p.command(1, "publish", 0, "attack", "live")
	p.hearStatus("publish on a stream in use", "onStatus", "NetStream.Publish.Rejected")
	p.command(1, "play", 0, "attack")
	p.hearStatus("play on a stream in use", "onStatus", "NetStream.Play.Failed")
	for range 2 {
		p.command(0, "createStream", 9)
		p.hear("_result")
	}
	p.command(2, "publish", 0, "attack", "live")
	p.hearStatus("publish of a name in use", "onStatus", "NetStream.Publish.BadName")
	p.command(2, "play", 0, "attack")
	p.hearStatus("play of what it publishes itself", "onStatus", "NetStream.Play.Reset")
	p.hearStatus("play of what it publishes itself", "onStatus", "NetStream.Play.Start")
	p.command(2, "play", 0, "attack")
	p.hearStatus("play twice on a stream", "onStatus", "NetStream.Play.Failed")
	p.command(3, "play", 0, "attack")
	p.hearStatus("play twice on a connection", "onStatus", "NetStream.Play.Reset")
	p.send(&message.Message{Type: message.TypeAudio, StreamID: 1, Payload: []byte{0xAF, 1, 7}})
	for heard := map[uint32]bool{}; len(heard) < 2; {
		if m := p.next("what it published"); m.Type == message.TypeAudio {
			heard[m.StreamID] = true
		}
	}
	p.command(0, "connect", 10, amf0.Object{{Name: "app", Value: "other"}})
	p.hearStatus("connect twice", "_error", "NetConnection.Call.Failed")
	p.ping("after all that")
}

// Names that mean something to somebody else: they are refused, or are names like any other. None of them leads to the
// stream of the healthy pair, whose publisher would keep them from being published.
func TestHostileNames(t *testing.T) {
	s := newScene(t, nil, nil)
	tests := []struct {
		name string
		ok   bool
	}{
		{"a\x00b", false}, {"\x00", false}, {"pair\x00", false}, {"a\nb", false}, {"a\r\nb", false}, {"pair\n", false}, {"\x1b[2J", false},
		{"..", true}, {"../healthy/pair", true}, {"../../healthy/pair", true}, {"./../healthy/pair", true}, {"..\\healthy\\pair", true},
		{"/healthy/pair", true}, {"//healthy/pair", true}, {"%2e%2e/healthy/pair", true}, {"a/../../healthy/pair", true},
	}
	methods := map[string][2]string{ // to the answer for a name, and for none
		"publish": {"NetStream.Publish.Start", "NetStream.Publish.BadName"},
		"play":    {"NetStream.Play.Reset", "NetStream.Play.StreamNotFound"},
	}
	for _, tt := range tests {
		for method, codes := range methods {
			why := fmt.Sprintf("%s of %q", method, tt.name)
			want := codes[0]
			if !tt.ok {
				want = codes[1]
			}
			p := s.reach(atStream)
			p.command(1, method, 0, tt.name)
			p.hearStatus(why, "onStatus", want)
			if want == "NetStream.Play.Reset" {
				p.hearStatus(why, "onStatus", "NetStream.Play.Start")
				s.pair.wait()
			}
			stamp := uint32(1)
			if err := p.sendPing(stamp); err != nil {
				t.Fatal(err)
			}
			for m := p.next(why); m.Type != message.TypeUserControl; m = p.next(why) {
				if m.Type == message.TypeVideo || m.Type == message.TypeAudio {
					t.Fatalf("%s: a message of the healthy pair", why)
				}
			}
			p.nc.Close()
			s.wantEnd("it leaves", p.nc)
		}
		for _, app := range []string{tt.name, "live/" + tt.name} {
			p := s.reach(atHandshake)
			p.command(0, "connect", 1, amf0.Object{{Name: "app", Value: app}})
			if tt.ok {
				p.hearStatus("connect", "_result", "NetConnection.Connect.Success")
			} else {
				p.hearStatus("connect", "_error", "NetConnection.Connect.InvalidApp")
			}
			p.nc.Close()
			s.wantEnd("it leaves", p.nc)
		}
	}
}

// A message of a megabyte that is a name: too long for a message before publish, too long for a name afterwards.
func TestHostileLongNames(t *testing.T) {
	s := newScene(t, nil, nil)
	name := strings.Repeat("x", 1<<20)
	for _, method := range []string{"publish", "play"} {
		p := s.reach(atStream)
		m, err := message.New(1, 0, &message.Command{Name: method, Args: []any{name}})
		if err != nil {
			t.Fatal(err)
		}
		p.WriteMessage(m) // the server does not read all of it
		wantError(t, method+" of 1 MB", chunk.ErrTooLarge, s.wantEnd(method+" of 1 MB", p.nc))

		p = s.reach(atPublish)
		p.command(0, "createStream", 9)
		p.hear("_result")
		for range 20 {
			p.command(2, method, 0, name)
			p.hear("onStatus")
		}
		s.wantMemorySoon(method+" of 1 MB, twenty times", connMemory)
		p.ping(method + " of 1 MB after a publish")
		p.nc.Close()
		s.wantEnd("it leaves", p.nc)
	}
}

// A handler that does not look at its context must not be started again and again for a stream that is deleted and
// asked for again.
func TestHostileHandlersPileUp(t *testing.T) {
	const streams, overdue = 32, 16
	begun, open := make(chan struct{}, 10_000), make(chan struct{})
	s := newScene(t, nil, func(hub *relay.Hub) rtmp.Handler {
		return rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			if r.App == "live" { // not that of the healthy pair
				begun <- struct{}{}
				<-open
			}
			return hub.ServeRTMP(s, r)
		})
	})
	p := s.reach(atConnect)
	for i := range 2000 {
		id := uint32(i + 1)
		p.command(0, "createStream", 9)
		p.hear("_result")
		p.command(id, "publish", 0, fmt.Sprint("key", i), "live")
		p.command(0, "deleteStream", 0, float64(id))
	}
	p.ping("after all that")
	if n := len(begun); n < overdue || n > streams+overdue {
		t.Errorf("%d handlers run for one connection, want %d to %d", n, overdue, streams+overdue)
	}
	s.wantMemory("requests that are withdrawn", connMemory)
	close(open)
	p.command(0, "createStream", 9)
	p.hear("_result")
	eventually(t, "requests are served again when the handlers have returned", time.Minute, func() bool {
		p.command(2001, "publish", 0, "last", "live")
		code := p.status("onStatus")
		return code == "NetStream.Publish.Start"
	})
}
