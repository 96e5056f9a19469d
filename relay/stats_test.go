package relay

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// A camera publishes 25 pairs of a picture of 1000 bytes and sound of 100 in a second, a key frame every two seconds.
type camera struct {
	pub    message.Writer
	frames int
	time   message.Timestamp
}

// run publishes for d. The timestamps go on by step with each pair.
func (c *camera) run(t *testing.T, d time.Duration, step message.Timestamp) {
	t.Helper()
	for range d / (40 * time.Millisecond) {
		picture := frames(1, 1000)[0]
		if c.frames%50 != 0 {
			picture.Payload[0] = 0x27
		}
		sound := &message.Message{Type: message.TypeAudio, Payload: append([]byte{0xAF, 1}, make([]byte, 98)...)}
		for _, m := range []*message.Message{picture, sound} {
			m.Timestamp = c.time
			if err := c.pub.WriteMessage(m); err != nil {
				t.Fatal(err)
			}
		}
		c.frames++
		c.time += step
		<-time.After(40 * time.Millisecond)
	}
}

func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := new(Hub)
		subscribe(t, hub)
		start := time.Now()
		wantStats := func(when string, want StreamStats) {
			t.Helper()
			want.Name = "live/a"
			if diff := cmp.Diff([]StreamStats{want}, hub.Stats()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", when, diff)
			}
		}
		wantStats("nobody publishes", StreamStats{Players: []PlayerStats{{Since: start}}})

		<-time.After(500 * time.Millisecond)
		pub, err := hub.Publish("live/a")
		if err != nil {
			t.Fatal(err)
		}
		want := StreamStats{IsLive: true, Since: start.Add(500 * time.Millisecond), Players: []PlayerStats{{Since: start}}}
		wantStats("nothing was sent yet", want)

		<-time.After(500 * time.Millisecond)
		cam := &camera{pub: pub}
		cam.run(t, 9*time.Second, 40) // to 10 s
		want.Messages, want.Bytes = 450, 225*1100
		want.AudioFrames, want.VideoFrames, want.KeyFrames = 225, 225, 5
		want.KeyFrameInterval, want.KeyFrameAge = 2*time.Second, time.Second
		want.Bitrate, want.FrameRate, want.Speed = 25*1100*8, 25, 1
		const wire = 225 * (1000 + 12 + 100 + 12)
		want.Ring = Queue{450, wire + 450*perMessage, 9 * time.Second}
		want.Players[0].Queue = Queue{450, wire, 9 * time.Second}
		wantStats("after 9 seconds", want)

		cam.run(t, 5*time.Second, 30) // to 15 s: the encoder, or its network, does not keep up
		got := hub.Stats()[0]
		if want := 0.752; math.Abs(got.Speed-want) > 1e-9 { // the first of 125 steps is one of 40 ms
			t.Errorf("Speed of a slow publisher = %v, want %v", got.Speed, want)
		}
		if want := 50 * 30 * time.Millisecond; got.KeyFrameInterval != want {
			t.Errorf("KeyFrameInterval = %v, want %v", got.KeyFrameInterval, want)
		}

		<-time.After(7 * time.Second) // since the newest of all, and 9 since the newest key frame
		got = hub.Stats()[0]
		if got.Bitrate != 0 || got.FrameRate != 0 || got.Speed != 0 || got.KeyFrameAge != 9*time.Second {
			t.Errorf("of one that has stopped: %v bit/s, %v frames/s, speed %v, key frame %v ago; want 0, 0, 0, 9s",
				got.Bitrate, got.FrameRate, got.Speed, got.KeyFrameAge)
		}

		pub.Close()
		if got = hub.Stats()[0]; got.IsLive || got.Messages != 700 {
			t.Errorf("after the end: live %v, %d messages; want false, 700", got.IsLive, got.Messages)
		}
	})
}

// What a reader has not got is in the ring, and in front of that what its connection has not written.
func TestStatsQueue(t *testing.T) {
	const wire = 12 + 4 // of each message: header, codec, and the number that tells it from others
	tests := []struct {
		name      string
		read      int // messages that the reader has taken
		unwritten int // bytes of those
		want      Queue
	}{
		{"everything is there", 4, 0, Queue{}},
		{"nothing was read", 0, 0, Queue{4, 4 * wire, 4 * time.Second}},
		{"one was not read", 3, 0, Queue{1, wire, time.Second}},
		{"one was not written", 4, wire, Queue{1, wire, time.Second}},
		{"one and a part of another were not written", 4, wire + 1, Queue{2, wire + 1, 2 * time.Second}},
		{"one was not read, one not written", 3, wire, Queue{2, 2 * wire, 2 * time.Second}},
		{"more was not written than the ring has", 2, 3 * wire, Queue{4, 5 * wire, 5 * time.Second}}, // one comes in a second
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := new(Hub)
				sub := subscribe(t, hub)
				p := newPair(t, hub, "")
				for i, word := range []string{"a1", "a2", "a3", "a4"} {
					p.send(p.pub, word)
					if i < tt.read {
						p.received(sub)
					}
					<-time.After(time.Second)
				}
				st := sub.stream
				st.mu.Lock()
				defer st.mu.Unlock()
				if diff := cmp.Diff(tt.want, sub.queue(tt.unwritten, time.Since(st.created))); diff != "" {
					t.Errorf("queue (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// One call says which player is slow, by its address, and the hooks tell when it has to skip.
func TestStatsSlowPlayer(t *testing.T) {
	var mu sync.Mutex // guards the next
	var events []string
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, fmt.Sprintf(format, args...))
	}
	hub := &Hub{Trace: &Trace{
		PublishBegin: func(s StreamStats) { say("%v publishes %s", s.Publisher, s.Name) },
		PublishEnd:   func(s StreamStats) { say("%v ends %s after %d", s.Publisher, s.Name, s.Messages) },
		PlayBegin:    func(stream string, p PlayerStats) { say("%v plays %s", p.RemoteAddr, stream) },
		PlayEnd:      func(stream string, p PlayerStats) { say("%v leaves %s, %d skipped", p.RemoteAddr, stream, p.Dropped) },
		Skipped:      func(stream string, p PlayerStats, n uint64) { say("%v skips %d of %s", p.RemoteAddr, n, stream) },
	}}
	inWorld(t, hub, func(t *testing.T, w *world) {
		start := time.Now()
		fast := w.play("cam")
		w.dialer.Config = &rtmp.Config{ReadQueue: 1} // its Conn reads no more than one message that nobody takes
		slow := w.play("cam?token=secret")
		w.dialer.Config = nil
		pub := w.publish("cam?key=secret")
		var playing sync.WaitGroup
		playing.Go(func() { message.Copy(discard{}, fast) })

		const size = 200_000 // three times what the connection holds
		const wire = 12 + size + 3
		second := func() {
			m := frames(1, size)[0]
			m.Timestamp = message.Timestamp(time.Since(start) / time.Millisecond)
			if err := pub.WriteMessage(m); err != nil {
				t.Fatal(err)
			}
			<-time.After(time.Second)
		}
		for range 5 {
			second()
		}
		stats := hub.Stats()
		got := stats[0].Players
		want := []PlayerStats{
			{Since: start, Messages: 5, Bytes: 5 * size},
			// The first came through, the second is with the connection.
			{Since: start, Messages: 2, Bytes: 2 * size, Queue: Queue{4, 4 * wire, 4 * time.Second}},
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(PlayerStats{}, "RemoteAddr")); diff != "" {
			t.Errorf("players (-want +got):\n%s", diff)
		}
		slowest := stats[0].Slowest()
		if slowest == nil || slowest.RemoteAddr.String() != "pipe:2" || !slowest.IsSlow() {
			t.Errorf("the slowest is %+v, want pipe:2, which is slow", slowest)
		}
		if got[0].IsSlow() {
			t.Errorf("%v is slow, and has got everything", got[0].RemoteAddr)
		}
		if n := stats[0].Publisher.String(); n != "pipe:3" {
			t.Errorf("the publisher is %s, want pipe:3", n)
		}

		for range 12 { // to 17 s
			second()
		}
		// Of the 17, it had two, the second of which is still with its connection. Those of the first six seconds are
		// out of the ring, and one of them comes in a second.
		if p := hub.Stats()[0].Slowest(); p.Dropped != 4 || p.Queue.Messages != 11 || p.Queue.Duration != 12*time.Second {
			t.Errorf("who stands still has missed %d messages and is behind by %d in %v, want 4, 11, 12s", p.Dropped,
				p.Queue.Messages, p.Queue.Duration)
		}
		playing.Go(func() { message.Copy(discard{}, slow) })
		synctest.Wait()
		second()
		if p := hub.Stats()[0].Slowest(); p != nil {
			t.Errorf("after the slow player has read: %v is %v behind", p.RemoteAddr, p.Queue.Duration)
		}
		pub.Close()
		playing.Wait()
		fast.Close()
		slow.Close()
		synctest.Wait()
	})
	want := []string{
		"pipe:1 plays live/cam",
		"pipe:2 plays live/cam",
		"pipe:3 publishes live/cam",
		// It goes on with the newest, as each is a key frame.
		"pipe:2 skips 14 of live/cam",
		"pipe:3 ends live/cam after 18",
		"pipe:1 leaves live/cam, 0 skipped",
		"pipe:2 leaves live/cam, 14 skipped",
	}
	slices.Sort(events[len(events)-2:])
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// A discard is a message.Writer that wants nothing.
type discard struct{}

func (discard) WriteMessage(*message.Message) error { return nil }

// Looking does not disturb, and what is seen only grows.
func TestStatsWhileBusy(t *testing.T) {
	hub := new(Hub)
	p := newPair(t, hub, "avc1")
	group := frames(50, 100)
	const rounds = 20
	var busy sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		busy.Go(func() {
			for {
				sub, err := hub.Subscribe("live/a")
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := sub.ReadPrepared(nil); err != nil {
					t.Error(err)
				}
				sub.Close()
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	busy.Go(func() {
		defer close(done)
		for range rounds {
			for _, m := range group {
				if err := p.pub.WriteMessage(m); err != nil {
					t.Error(err)
				}
			}
		}
	})
	const most = 1 + rounds*50
	var last StreamStats
	for last.Messages < most {
		got := hub.Stats()[0]
		if got.Messages < last.Messages || got.Messages > most || uint64(got.Ring.Messages) > got.Messages {
			t.Fatalf("%d messages, %d of them in the ring, after %d", got.Messages, got.Ring.Messages, last.Messages)
		}
		for _, p := range got.Players {
			if p.Queue.Messages < 0 || p.Queue.Messages > most || p.Queue.Bytes < 0 {
				t.Fatalf("a player is behind by %+v", p.Queue)
			}
		}
		last = got
	}
	busy.Wait()
	if n := len(hub.Stats()[0].Players); n != 1 {
		t.Errorf("%d players are left, want 1", n)
	}
	if last.KeyFrames != rounds || last.VideoFrames != rounds*50 {
		t.Errorf("%d key frames and %d frames, want %d and %d", last.KeyFrames, last.VideoFrames, rounds, rounds*50)
	}
}

// A player that the publisher serves itself has what is shown, but for what its connection has not written. What was
// read is no longer in the ring, so how old it is has to be estimated.
func TestStatsParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const wire = 12 + 4 // header, codec, and the number that tells a message from others
		hub := &Hub{Merge: 100 * time.Millisecond}
		sub := subscribe(t, hub)
		p := newPair(t, hub, "")
		p.sub.Close()
		st := sub.stream
		st.mu.Lock()
		delete(st.roaming, sub)
		sub.isParked = true // its cursor means nothing from now on
		st.mu.Unlock()
		for _, word := range []string{"a1", "a2", "a3", "a4"} {
			p.send(p.pub, word)
			<-time.After(time.Second)
		}
		p.send(p.pub, "a5") // is in the merge window: nobody is to have it yet
		st.mu.Lock()
		defer st.mu.Unlock()
		now := time.Since(st.created)
		if got := sub.queue(0, now); got != (Queue{}) || sub.missed() != 0 {
			t.Errorf("queue = %+v, missed = %d; want nothing", got, sub.missed())
		}
		// Of five messages in four seconds it has still to write four.
		want := Queue{Bytes: 4 * wire, Duration: 3200 * time.Millisecond}
		if diff := cmp.Diff(want, sub.queue(4*wire, now)); diff != "" {
			t.Errorf("queue (-want +got):\n%s", diff)
		}
	})
}

// What nobody is ever going to get is not kept, but counted.
func TestStatsUnheard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := &Hub{NextKey: true}
		start := time.Now()
		pub, err := hub.Publish("live/a")
		if err != nil {
			t.Fatal(err)
		}
		defer pub.Close()
		(&camera{pub: pub}).run(t, 4*time.Second, 40)
		want := []StreamStats{{
			Name: "live/a", IsLive: true, Since: start, Messages: 200, Bytes: 100 * 1100, AudioFrames: 100, VideoFrames: 100,
			KeyFrames: 2, KeyFrameInterval: 2 * time.Second, KeyFrameAge: 2 * time.Second, Bitrate: 25 * 1100 * 8, FrameRate: 25,
			Speed: 0.99, // the first of 100 frames ends no step of the timestamps
		}}
		if diff := cmp.Diff(want, hub.Stats(), cmpopts.EquateEmpty(), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("stats (-want +got):\n%s", diff)
		}
	})
}
