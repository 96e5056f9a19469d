package session

import (
	"slices"
	"testing"
)

// Feed gives the events of Input, one at a time, and says how far it has come.
func TestFeed(t *testing.T) {
	whole, s := publishing(t, nil)
	in := slices.Concat(
		whole.encodeMessage(video(1, 1, "a")),
		whole.encodeMessage(video(1, 2, "bb")),
		whole.encode(0, cmd("createStream", 9)), // answered without an event
		whole.encodeMessage(video(1, 3, "ccc")),
		whole.encodeMessage(video(1, 4, string(make([]byte, 50))))[:13],
	)
	must(t, "Input", s.Input(epoch, in))
	events := whole.events()
	want(t, "events of Input", 3, len(events))

	_, other := publishing(t, nil)
	var stepped []Event
	var steps []int
	for rest := in; len(rest) > 0; {
		n, err := other.Feed(epoch, rest)
		must(t, "Feed", err)
		if n == 0 {
			t.Fatal("Feed takes nothing")
		}
		rest = rest[n:]
		steps = append(steps, n)
		for {
			ev, ok := other.Next()
			if !ok {
				break
			}
			stepped = append(stepped, ev)
		}
		want(t, "events up to here", min(len(steps), 3), len(stepped))
	}
	want(t, "events", events, stepped)
	want(t, "the last step, without an event", 13, steps[len(steps)-1])
	want(t, "bytes", s.BytesIn(), other.BytesIn())
	want(t, "output", s.Output(nil), other.Output(nil))
}

// However many messages come at once, those whose payloads are given back take the memory of one.
func TestFeedReusesMemory(t *testing.T) {
	p, s := publishing(t, nil)
	var in []byte
	for range 20 {
		in = append(in, p.encodeMessage(video(1, 0, string(make([]byte, 2000))))...)
	}
	got := testing.AllocsPerRun(100, func() {
		for rest := in; len(rest) > 0; {
			n, err := s.Feed(epoch, rest)
			must(t, "Feed", err)
			rest = rest[n:]
			if ev, ok := s.Next(); ok {
				s.Reuse(ev.(MessageReceived).Message.Payload)
			}
		}
	})
	want(t, "allocations for 20 messages, one for the header of each", 20.0, got)
}
