package relay

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// frames returns a group of n video messages with size bytes of payload, the first of which is a key frame.
func frames(n, size int) []*message.Message {
	group := make([]*message.Message, n)
	for i := range group {
		m := &message.Message{Type: message.TypeVideo, Timestamp: message.Timestamp(40 * i), Payload: make([]byte, size)}
		m.Payload[0], m.Payload[1] = 0x27, byte(media.VideoCodedFrames)
		if i == 0 {
			m.Payload[0] = 0x17
		}
		group[i] = m
	}
	return group
}

// A publisher pays for a message and not for those who read it, and a reader that keeps up pays nothing.
func TestAllocations(t *testing.T) {
	const perPublished = 2 // the PreparedMessage and its bytes
	for _, readers := range []int{0, 1, 100} {
		hub := &Hub{MaxBytes: 64 << 10} // small, so that the ring has its size soon
		p := newPair(t, hub, "avc1")
		subs := make([]*Subscription, readers)
		batches := make([][]*rtmp.PreparedMessage, readers)
		for i := range subs {
			subs[i] = subscribe(t, hub)
			batches[i] = make([]*rtmp.PreparedMessage, 0, maxBatch)
		}
		group := frames(50, 1000)
		round := func() {
			for _, m := range group {
				if err := p.pub.WriteMessage(m); err != nil {
					t.Fatal(err)
				}
				for i, sub := range subs {
					var err error
					if batches[i], err = sub.ReadPrepared(batches[i][:0]); err != nil || len(batches[i]) == 0 {
						t.Fatal(err)
					}
				}
			}
		}
		round()
		if n := testing.AllocsPerRun(20, round); n != perPublished*float64(len(group)) {
			t.Errorf("%d messages to %d readers allocate %v times, want %d", len(group), readers, n, perPublished*len(group))
		}
		p.pub.Close()
	}
}

// Readers that wait cost the publisher one allocation more, however many they are.
func TestAllocationsOfWaiting(t *testing.T) {
	const perPublished = 3 // and what they wait on
	hub := &Hub{MaxBytes: 64 << 10}
	p := newPair(t, hub, "avc1")
	stop := drain(t, hub, 50)
	group := frames(50, 1000)
	round := func() {
		for _, m := range group {
			if err := p.pub.WriteMessage(m); err != nil {
				t.Fatal(err)
			}
		}
	}
	round()
	if n := testing.AllocsPerRun(20, round); n > perPublished*float64(len(group)) {
		t.Errorf("%d messages allocate %v times, want at most %d", len(group), n, perPublished*len(group))
	}
	p.pub.Close()
	stop()
}

// drain starts n readers that do nothing but read. The function that it returns waits for their end.
func drain(tb testing.TB, hub *Hub, n int) (wait func()) {
	var readers sync.WaitGroup
	for range n {
		sub := subscribe(tb, hub)
		readers.Go(func() {
			batch := make([]*rtmp.PreparedMessage, 0, maxBatch)
			for {
				var err error
				if batch, err = sub.read(context.Background(), batch[:0]); err != nil {
					return
				}
			}
		})
	}
	return readers.Wait
}

// What a message costs its publisher, with readers beside it that do nothing with it.
func BenchmarkPublish(b *testing.B) {
	for _, readers := range []int{0, 1, 50, 500} {
		b.Run(fmt.Sprintf("readers=%d", readers), func(b *testing.B) {
			hub := new(Hub)
			p := newPair(b, hub, "avc1")
			wait := drain(b, hub, readers)
			group := frames(50, 10_000)
			b.SetBytes(int64(len(group[0].Payload)))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := p.pub.WriteMessage(group[i%len(group)]); err != nil {
					b.Fatal(err)
				}
			}
			p.pub.Close()
			wait()
		})
	}
}

// What it costs to take a message out of the ring: 50 readers in one goroutine, a message at a time.
func BenchmarkRead(b *testing.B) {
	hub := new(Hub)
	p := newPair(b, hub, "avc1")
	subs := make([]*Subscription, 50)
	for i := range subs {
		subs[i] = subscribe(b, hub)
	}
	batch := make([]*rtmp.PreparedMessage, 0, maxBatch)
	group := frames(50, 10_000)
	b.SetBytes(int64(len(subs) * len(group[0].Payload)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := p.pub.WriteMessage(group[i%len(group)]); err != nil {
			b.Fatal(err)
		}
		for _, sub := range subs {
			var err error
			if batch, err = sub.ReadPrepared(batch[:0]); err != nil {
				b.Fatal(err)
			}
		}
	}
	p.pub.Close()
}

// What it costs to join: place, headers and the first batch.
func BenchmarkJoin(b *testing.B) {
	hub := new(Hub)
	p := newPair(b, hub, "meta1 avc1 aac1 K1@5000 f1@5040 a1@5050")
	batch := make([]*rtmp.PreparedMessage, 0, maxBatch)
	b.ReportAllocs()
	for b.Loop() {
		sub, err := hub.Subscribe("live/a")
		if err != nil {
			b.Fatal(err)
		}
		if batch, err = sub.ReadPrepared(batch[:0]); err != nil {
			b.Fatal(err)
		}
		sub.Close()
	}
	p.pub.Close()
}

func BenchmarkClassify(b *testing.B) {
	for _, word := range []string{"K1", "f1", "a1", "Kh1", "o1", "f1#1", "f1#0,1,2,3x", "meta1"} {
		b.Run(word, func(b *testing.B) {
			m := newScript(b).message(word)
			b.SetBytes(int64(len(m.Payload)))
			b.ReportAllocs()
			for b.Loop() {
				classify(m)
			}
		})
	}
}

// What a look at 10,000 players costs.
func BenchmarkStats(b *testing.B) {
	hub := new(Hub)
	p := newPair(b, hub, "avc1 K1 f1 a1")
	for range 10_000 {
		subscribe(b, hub)
	}
	p.send(p.pub, "K2 f2")
	b.ReportAllocs()
	for b.Loop() {
		if n := len(hub.Stats()[0].Players); n != 10_001 {
			b.Fatal(n)
		}
	}
}
