package session

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/internal/golden"
	"github.com/gortmp/rtmp/message"
)

// addFlows makes seeds of what one side says in the recordings, for every state that the target can begin in.
func addFlows(f *testing.F, client bool, states int) {
	paths, err := filepath.Glob("testdata/*.hex")
	if err != nil || len(paths) == 0 {
		f.Fatal("no recordings: ", err)
	}
	for _, path := range paths {
		var all []byte
		for _, flow := range golden.Flows(f, path) {
			if flow.Client == client {
				all = append(all, flow.Bytes...)
			}
		}
		for state := range states {
			f.Add(byte(state), all)
		}
	}
}

// FuzzServer gives any bytes to a server that is new, connected, publishes, or plays.
func FuzzServer(f *testing.F) {
	addFlows(f, true, 4)
	begin := []func(testing.TB, *Config) (*peer, *Server){newServer, connected, publishing, playing}
	f.Fuzz(func(t *testing.T, state byte, in []byte) {
		open := func() (*peer, session) {
			p, s := begin[int(state)%len(begin)](t, nil)
			return p, s
		}
		fuzzSplits(t, open, in)
		_, s := open()
		server := s.(*Server)
		fuzzOwner(t, server, in, func(ev Event) {
			switch ev := ev.(type) {
			case ConnectRequested:
				server.Accept(ev.ID)
			case StreamRequested:
				if strings.HasPrefix(ev.Name, "no") {
					server.Reject(ev.ID, Status{Description: ev.Name})
				} else {
					server.Accept(ev.ID)
				}
			case CallReceived:
				server.ReplyError(ev.Command, ev.Message.StreamID, Status{})
			}
		})
	})
}

// FuzzClient gives any bytes to a client that is connecting, has asked to publish and play, or does both.
func FuzzClient(f *testing.F) {
	addFlows(f, false, 3)
	f.Fuzz(func(t *testing.T, state byte, in []byte) {
		open := func() (*peer, session) {
			p, c := newClient(t, nil)
			must(t, "Connect", c.Connect(nil))
			if state%3 > 0 {
				p.say(0, cmd("_result", 1))
				publish, play := ask(t, c, true), ask(t, c, false)
				if state%3 > 1 {
					p.say(0, cmd("_result", float64(publish), 1.0))
					p.say(0, cmd("_result", float64(play), 2.0))
					p.say(1, onStatus("status", "NetStream.Publish.Start", ""))
				}
			}
			p.events()
			p.messages()
			return p, c
		}
		fuzzSplits(t, open, in)
		_, s := open()
		client := s.(*Client)
		fuzzOwner(t, client, in, func(ev Event) {
			switch ev := ev.(type) {
			case ConnectAccepted:
				client.Publish("cam1", "")
				client.Play("cam2", 0)
			case StreamAccepted:
				client.Send(audio(ev.StreamID, 0, "sound"))
			case StreamEnded:
				client.CloseStream(ev.StreamID)
			case CallReceived:
				client.Reply(ev.Command, ev.Message.StreamID)
			}
		})
	})
}

// An outcome is what a session made of an input.
type outcome struct {
	Events []Event
	Output []*message.Message // without acknowledgements, whose number depends on the cuts
	Err    string
}

// fuzzSplits wants the same outcome however the input is cut.
func fuzzSplits(t *testing.T, open func() (*peer, session), in []byte) {
	run := func(size func(i int) int) outcome {
		p, s := open()
		var got outcome
		for i := 0; i < len(in) && got.Err == ""; {
			n := min(size(i), len(in)-i)
			if err := s.Input(epoch, in[i:i+n]); err != nil {
				got.Err = err.Error()
			}
			i += n
		}
		got.Events = drain(s)
		isAck := func(m *message.Message) bool { return m.Type == message.TypeAcknowledgement }
		got.Output = slices.DeleteFunc(p.messages(), isAck)
		return got
	}
	whole := run(func(int) int { return len(in) })
	for name, size := range map[string]func(int) int{
		"byte by byte": func(int) int { return 1 },
		"by the input": func(i int) int { return int(in[i]%19) + 1 },
	} {
		if diff := cmp.Diff(whole, run(size), opts...); diff != "" {
			t.Fatalf("cut %s (-whole +cut):\n%s", name, diff)
		}
	}
}

// fuzzOwner lets an owner answer in between, and the clock run, and wants what the session keeps and says to be
// bounded by what it got.
func fuzzOwner(t *testing.T, s session, in []byte, owner func(Event)) {
	var dec chunk.Decoder
	const piece = 100
	said, heard, now := 0, 0, epoch
	for rest := in; len(rest) > 0; {
		n := min(piece, len(rest))
		now = now.Add(time.Second)
		if s.Input(now, rest[:n]) != nil {
			break
		}
		rest = rest[n:]
		for {
			ev, ok := s.Next()
			if !ok {
				break
			}
			if m, ok := ev.(MessageReceived); ok {
				heard += len(m.Message.Payload)
			}
			owner(ev)
		}
		out := s.Output(nil)
		said += len(out)
		for len(out) > 0 {
			n, _, err := dec.Decode(out)
			must(t, "output of the session", err)
			out = out[n:]
		}
		if at, ok := s.Timeout(); ok && at.Before(now) {
			t.Fatalf("Timeout is %v ago", now.Sub(at))
		}
	}
	if heard > len(in) {
		t.Errorf("payloads of %d bytes from %d bytes", heard, len(in))
	}
	// A command of 8 bytes can have an answer of 300; connect has one of 900, once.
	if limit := 4096 + 64*len(in); said > limit {
		t.Errorf("%d bytes in, %d bytes out, limit %d", len(in), said, limit)
	}
}
