package relay

import (
	"io"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/message"
)

func TestTooLarge(t *testing.T) {
	p := newPair(t, new(Hub), "")
	m := message.Message{Type: message.TypeAudio, Payload: make([]byte, maxPayload)}
	m.Payload[0] = 0x2F
	if err := p.pub.WriteMessage(&m); err != nil {
		t.Errorf("WriteMessage of %d bytes = %v", len(m.Payload), err)
	}
	m.Payload = append(m.Payload, 0)
	if err := p.pub.WriteMessage(&m); err != message.ErrTooLarge {
		t.Errorf("WriteMessage of %d bytes = %v, want ErrTooLarge", len(m.Payload), err)
	}
}

func TestAggregate(t *testing.T) {
	s := newScript(t)
	aggregate := func(words ...string) *message.Message {
		body := new(message.Aggregate)
		for _, word := range words {
			body.Messages = append(body.Messages, s.message(word))
		}
		m, err := message.New(1, 1000, body)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	lying := aggregate("K8")
	lying.Payload[1] = 0xFF
	p := newPair(t, new(Hub), "")
	for _, m := range []*message.Message{aggregate("avc1@70", "K1@70", "command1@75", "f1@80", "silence@81"), lying, aggregate()} {
		if err := p.pub.WriteMessage(m); err != nil {
			t.Errorf("WriteMessage of an aggregate = %v", err)
		}
	}
	p.words = s.words
	want := []string{"avc1@1000", "K1@1000", "f1@1010", "silence@1011"}
	if diff := cmp.Diff(want, p.received(p.sub)); diff != "" {
		t.Errorf("aggregates give (-want +got):\n%s", diff)
	}
}

// What ReadMessage returns belongs to the caller, and what WriteMessage was given to its caller again.
func TestOwnership(t *testing.T) {
	p := newPair(t, new(Hub), "")
	other := subscribe(t, p.hub)
	m := p.message("a1")
	if err := p.pub.WriteMessage(m); err != nil {
		t.Fatal(err)
	}
	want := string(m.Payload)
	clear(m.Payload)
	for _, sub := range []*Subscription{p.sub, other} {
		got, err := sub.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if string(got.Payload) != want {
			t.Errorf("ReadMessage gives %x, want %x", got.Payload, want)
		}
		clear(got.Payload)
	}
}

// ReadMessage gives the same messages as ReadPrepared, through any number of batches.
func TestReadMessage(t *testing.T) {
	p := newPair(t, new(Hub), "")
	const n = 3*maxBatch + 1
	for i := range n {
		m := message.Message{Type: message.TypeAudio, Timestamp: message.Timestamp(i), Payload: []byte{0x2F}}
		if err := p.pub.WriteMessage(&m); err != nil {
			t.Fatal(err)
		}
	}
	p.pub.Close()
	for i := range n {
		m, err := p.sub.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if m.Timestamp != message.Timestamp(i) {
			t.Fatalf("message %d has the timestamp %d", i, m.Timestamp)
		}
	}
	for range 2 {
		if _, err := p.sub.ReadMessage(); err != io.EOF {
			t.Errorf("after the last message: %v, want EOF", err)
		}
	}
}

// Many goroutines at once: for the race detector, and for the order of messages.
func TestConcurrentUse(t *testing.T) {
	hub := &Hub{MaxBytes: 100_000}
	var all sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		all.Go(func() {
			for i := message.Timestamp(0); ; {
				pub, err := hub.Publish("live/a")
				if err != nil {
					if got := statusCode(err); got != "NetStream.Publish.BadName" {
						t.Errorf("Publish = %s", got)
					}
				} else {
					for range 500 {
						i++
						m := message.Message{Type: message.TypeVideo, Timestamp: i, Payload: []byte{0x27, 1, 0, 0, 0}}
						if i%10 == 0 {
							m.Payload[0] = 0x17
						}
						if err := pub.WriteMessage(&m); err != nil {
							t.Errorf("WriteMessage = %v", err)
						}
					}
					pub.Close()
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for range 20 {
				sub, err := hub.Subscribe("live/a")
				if err != nil {
					t.Errorf("Subscribe = %v", err)
					return
				}
				last := message.Timestamp(0)
				for range 100 {
					m, err := sub.ReadMessage()
					if err == io.EOF {
						break
					}
					if err != nil {
						t.Errorf("ReadMessage = %v", err)
						break
					}
					if m.Timestamp <= last {
						t.Errorf("message %d after %d", m.Timestamp, last)
					}
					last = m.Timestamp
				}
				sub.Dropped()
				sub.Close()
			}
		})
	}
	readers.Wait()
	close(stop)
	all.Wait()
	if len(hub.streams) != 0 {
		t.Errorf("%d streams are left, want none", len(hub.streams))
	}
}
