package session

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

func TestServerPublishArguments(t *testing.T) {
	long := strings.Repeat("a", maxName)
	tests := []struct {
		args       []any
		name, kind string
		code       string // of a refusal
	}{
		{args: []any{"cam1", "live"}, name: "cam1", kind: "live"},
		{args: []any{"cam1", "RECORD"}, name: "cam1", kind: "record"},
		{args: []any{"cam1", "Append"}, name: "cam1", kind: "append"},
		{args: []any{"cam1", "appendWithGap"}, name: "cam1", kind: "append"},
		{args: []any{"cam1", ""}, name: "cam1", kind: "live"},
		{args: []any{"cam1", nil}, name: "cam1", kind: "live"},
		{args: []any{"cam1", amf0.Undefined{}}, name: "cam1", kind: "live"},
		{args: []any{"cam1?key=a&b=c/d", "live", "more"}, name: "cam1?key=a&b=c/d", kind: "live"},
		{args: []any{"", "live"}, name: "", kind: "live"}, // some devices have no name for it
		{args: []any{nil}, name: "", kind: "live"},
		{args: nil, name: "", kind: "live"},
		{args: []any{long}, name: long, kind: "live"},
		{args: []any{long + "a"}, code: "NetStream.Publish.BadName"},
		{args: []any{"cam\x1f"}, code: "NetStream.Publish.BadName"},
		{args: []any{1.0}, code: "NetStream.Publish.BadName"},
		{args: []any{"cam1", "dead"}, code: "NetStream.Publish.Rejected"},
		{args: []any{"cam1", 1.0}, code: "NetStream.Publish.Rejected"},
	}
	for _, tt := range tests {
		p, _ := connected(t, nil)
		p.messages()
		p.say(1, cmd("publish", 5, tt.args...))
		if tt.code == "" {
			ev := event[StreamRequested](t, "publish", p.events())
			want(t, "publish", StreamRequested{ID: ev.ID, StreamID: 1, Publish: true, Name: tt.name, Kind: tt.kind}, ev)
			continue
		}
		want(t, "refused at once", []Event(nil), p.events())
		wantStatus(t, p, 1, tt.code)
	}
}

// wantStatus wants one onStatus of level error.
func wantStatus(t *testing.T, p *peer, streamID uint32, code string) {
	t.Helper()
	heard := p.heard()
	if len(heard) != 1 {
		t.Fatalf("said %+v, want one onStatus with %s", heard, code)
	}
	c, _ := heard[0].Body.(*message.Command)
	st, _ := parseStatus(c.Args...)
	want(t, "onStatus", []any{"onStatus", streamID, "error", code}, []any{c.Name, heard[0].StreamID, st.Level, st.Code})
}

func TestServerPlayArguments(t *testing.T) {
	const anyStart, live = -2 * time.Second, -1 * time.Second
	tests := []struct {
		args            []any
		start, duration time.Duration
		reset           bool
	}{
		{[]any{"cam1"}, anyStart, -time.Second, false},
		{[]any{"cam1", nil}, anyStart, -time.Second, false},
		{[]any{"cam1", -2.0}, anyStart, -time.Second, false},
		{[]any{"cam1", -2000.0}, anyStart, -time.Second, false}, // ffmpeg
		{[]any{"cam1", -1.0}, live, -time.Second, false},
		{[]any{"cam1", -1000.0}, live, -time.Second, false}, // rtmpdump -v
		{[]any{"cam1", -5.0}, anyStart, -time.Second, false},
		{[]any{"cam1", math.NaN()}, anyStart, -time.Second, false},
		{[]any{"cam1", 0.0, -1.0}, 0, -time.Second, false},
		{[]any{"cam1", 1.5, 0.0, false}, 1500 * time.Millisecond, 0, false},
		{[]any{"cam1", 5.0, 25.0, true}, 5 * time.Second, 25 * time.Second, true},
		{[]any{"cam1", 5.0, 25.0, 1.0}, 5 * time.Second, 25 * time.Second, true},
		{[]any{"cam1", 5.0, 25.0, 0.0}, 5 * time.Second, 25 * time.Second, false},
		{[]any{"cam1", 1e300, math.Inf(1)}, math.MaxInt64, math.MaxInt64, false},
	}
	for _, tt := range tests {
		p, s := connected(t, nil)
		p.messages()
		p.say(1, cmd("play", 5, tt.args...))
		ev := event[StreamRequested](t, "play", p.events())
		want(t, "play", StreamRequested{
			ID: ev.ID, StreamID: 1, Name: "cam1", Start: tt.start, Duration: tt.duration, Reset: tt.reset,
		}, ev)
		must(t, "Accept", s.Accept(ev.ID))
	}
}

func TestServerPlayReset(t *testing.T) {
	for _, tt := range []struct {
		reset any
		want  bool
	}{{nil, true}, {true, true}, {1.0, true}, {3.0, true}, {false, false}, {0.0, false}, {2.0, false}} {
		p, s := connected(t, nil)
		p.messages()
		p.say(1, cmd("play", 5, "cam1", -2.0, -1.0, tt.reset))
		must(t, "Accept", s.Accept(event[StreamRequested](t, "play", p.events()).ID))
		heard := p.heard()
		c, ok := heard[0].Body.(*message.Command)
		want(t, "Play.Reset comes first unless it is unwanted", tt.want, ok && len(heard) == 5)
		if ok {
			st, _ := parseStatus(c.Args...)
			want(t, "its code", "NetStream.Play.Reset", st.Code)
		}
	}
}

func TestServerPlayRefused(t *testing.T) {
	for _, args := range [][]any{nil, {1.0}, {true}, {"cam\n"}, {strings.Repeat("a", 1025)}} {
		p, _ := connected(t, nil)
		p.messages()
		p.say(1, cmd("play", 5, args...))
		want(t, "refused at once", []Event(nil), p.events())
		wantStatus(t, p, 1, "NetStream.Play.StreamNotFound")
	}
}

func TestServerPlayFalse(t *testing.T) {
	p, _ := playing(t, nil)
	p.say(1, cmd("play", 0, false))
	want(t, "Flash stops like this", []Event{StreamEnded{StreamID: 1}}, p.events())
}

// TestServerSecondRequest asks for something on a stream that is in use.
func TestServerSecondRequest(t *testing.T) {
	waiting := func(name string) func(t testing.TB, config *Config) (*peer, *Server) {
		return func(t testing.TB, config *Config) (*peer, *Server) {
			p, s := connected(t, config)
			p.messages()
			p.say(1, cmd(name, 0, "cam1"))
			event[StreamRequested](t, name, p.events())
			return p, s
		}
	}
	for name, begin := range map[string]func(testing.TB, *Config) (*peer, *Server){
		"publishing": publishing, "playing": playing, "publish waits": waiting("publish"), "play waits": waiting("play"),
	} {
		for _, c := range []*message.Command{cmd("publish", 5, "cam2"), cmd("play", 5, "cam2")} {
			p, _ := begin(t, nil)
			p.say(1, c)
			want(t, name+": no event for "+c.Name, []Event(nil), p.events())
			if c.Name == "publish" {
				wantStatus(t, p, 1, "NetStream.Publish.Rejected")
			} else {
				wantStatus(t, p, 1, "NetStream.Play.Failed")
			}
		}
	}
}

func TestServerWithdrawn(t *testing.T) {
	for _, c := range []*message.Command{
		cmd("closeStream", 0), cmd("closeStream", 0, 1.0), cmd("deleteStream", 0, 1.0),
	} {
		p, s := connected(t, nil)
		p.say(1, cmd("publish", 5, "cam1?key=x"))
		ev := event[StreamRequested](t, "publish", p.events())
		p.say(1, c)
		want(t, c.Name, []Event{RequestWithdrawn{ev.ID, 1}}, p.events())
		p.messages()
		for _, err := range []error{s.Accept(ev.ID), s.Reject(ev.ID, Status{})} {
			if !errors.Is(err, ErrNoRequest) {
				t.Errorf("answer after %s = %v, want ErrNoRequest", c.Name, err)
			}
		}
		want(t, "nothing is said", []said(nil), p.heard())
		p.say(1, cmd("publish", 5, "cam1"))
		deleted := c.Name == "deleteStream"
		want(t, "the stream can be used unless it is deleted", !deleted, len(p.events()) == 1)
	}
}

// TestServerUnpublish ends streams by name.
func TestServerUnpublish(t *testing.T) {
	p, s := connected(t, nil)
	p.say(0, cmd("createStream", 3))
	for i, name := range []string{"a?key=1", "b"} {
		p.say(uint32(i+1), cmd("publish", 0, name))
		must(t, "Accept", s.Accept(event[StreamRequested](t, name, p.events()).ID))
	}
	p.say(0, cmd("FCUnpublish", 4, "c"))
	want(t, "an unknown name", []Event(nil), p.events())
	p.say(0, cmd("FCUnpublish", 5, "a"))
	want(t, "without the query", []Event{StreamEnded{StreamID: 1}}, p.events())
	p.say(0, cmd("FCUnpublish", 6, "b"))
	want(t, "the whole name", []Event{StreamEnded{StreamID: 2}}, p.events())
	p.say(0, cmd("deleteStream", 0, 2.0))
	want(t, "the end is told once", []Event(nil), p.events())
}

// TestServerMediaAtWrongTime sends media where nothing is published.
func TestServerMediaAtWrongTime(t *testing.T) {
	all := func(streamID uint32) []*message.Message {
		return []*message.Message{
			audio(streamID, 0, "sound"), video(streamID, 0, "picture"), data(t, streamID, "onMetaData", metadata),
			{Type: message.TypeAggregate, StreamID: streamID, Payload: []byte{1}},
		}
	}
	for name, begin := range map[string]func(testing.TB, *Config) (*peer, *Server){
		"before connect": newServer, "before publish": connected, "playing": playing,
	} {
		p, s := begin(t, nil)
		before := s.Ignored()
		for _, streamID := range []uint32{0, 1, 2, math.MaxUint32} {
			for _, m := range all(streamID) {
				p.send(m)
			}
		}
		want(t, name+": nothing happens", []Event(nil), p.events())
		want(t, name+": but is counted", before+16, s.Ignored())
	}

	p, s := connected(t, nil)
	p.messages()
	p.say(1, cmd("publish", 0, "cam1"))
	for _, m := range all(1) {
		p.send(m)
	}
	events := p.events()
	want(t, "media behind a publish that waits are delivered: they are the headers", 1+4, len(events))
	must(t, "Reject", s.Reject(events[0].(StreamRequested).ID, Status{}))
	p.send(audio(1, 0, "sound"))
	want(t, "but not after a refusal", []Event(nil), p.events())
}

// TestServerSteering has what a player asks for in mid-stream.
func TestServerSteering(t *testing.T) {
	status := func(code, description string) said { return said{1, onStatus("status", code, description)} }
	seek := []said{status("NetStream.Seek.Notify", "Seeking."), status("NetStream.Play.Start", "Started playing.")}
	tests := []struct {
		in   *message.Command
		want []said
	}{
		{cmd("pause", 0, true, 1000.0), []said{status("NetStream.Pause.Notify", "Paused.")}},
		{cmd("pause", 0, false, 1000.0), []said{status("NetStream.Unpause.Notify", "Unpaused.")}},
		{cmd("pauseRaw", 0, true, 1000.0), []said{status("NetStream.Pause.Notify", "Paused.")}},
		{cmd("seek", 0, 1000.0), seek},
		{cmd("receiveAudio", 0, true), seek},
		{cmd("receiveVideo", 0, true), seek},
		{cmd("receiveVideo", 0, false), nil},
		{cmd("receiveVideo", 0, 15.0), nil},
		{cmd("play2", 0, amf0.Object{{Name: "streamName", Value: "cam2"}}),
			[]said{status("NetStream.Play.Transition", "Changing the stream.")}},
	}
	for _, tt := range tests {
		p, _ := playing(t, nil)
		p.say(1, tt.in)
		want(t, tt.in.Name, tt.want, p.heard())
		m := event[MessageReceived](t, tt.in.Name, p.events()).Message
		b, err := message.Parse(m)
		must(t, "Parse", err)
		want(t, "the owner gets it too", message.Body(tt.in), b)

		p, _ = publishing(t, nil)
		p.say(1, tt.in)
		want(t, tt.in.Name+" of a publisher is not answered", []said(nil), p.heard())
	}
}
