package rtmp_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// mixture returns messages of all types that a stream consists of, with sizes around the chunk sizes in use and
// timestamps that need the extended form, go back and repeat.
func mixture(seed uint64, n int) []*message.Message {
	r := rand.New(rand.NewPCG(seed, 0))
	types := []message.Type{message.TypeAudio, message.TypeVideo, message.TypeData, 99}
	sizes := []int{0, 1, 127, 128, 129, 4095, 4096, 4097, 65535, 65536, 65537, 140_000}
	ts := message.Timestamp(0xFF_FFFF - 200)
	all := make([]*message.Message, n)
	for i := range all {
		switch r.IntN(10) {
		case 0:
			ts -= message.Timestamp(r.IntN(100))
		case 1:
			ts += 0xFF_FFFF
		case 2, 3:
		default:
			ts += message.Timestamp(r.IntN(50))
		}
		payload := make([]byte, sizes[r.IntN(len(sizes))])
		for j := range payload {
			payload[j] = byte(i)
		}
		all[i] = &message.Message{Type: types[r.IntN(len(types))], Timestamp: ts, Payload: payload}
	}
	return all
}

// wantMixture reads what was written on stream id.
func wantMixture(t *testing.T, why string, r message.Reader, id uint32, want []*message.Message) {
	t.Helper()
	for i, w := range want {
		m, err := r.ReadMessage()
		if err != nil {
			t.Errorf("%s: message %d: %v", why, i, err)
			return
		}
		if m.Type != w.Type || m.Timestamp != w.Timestamp || m.StreamID != id || !bytes.Equal(m.Payload, w.Payload) {
			t.Errorf("%s: message %d is %v at %d on %d with %d bytes, want %v at %d on %d with %d", why, i,
				m.Type, m.Timestamp, m.StreamID, len(m.Payload), w.Type, w.Timestamp, id, len(w.Payload))
			return
		}
	}
}

// Prepared bytes and encoded messages share chunk streams: the state of the encoder must fit whatever goes out.
func TestWritePreparedMixedWithWriteMessage(t *testing.T) {
	for name, chunkSize := range map[string]int{"default": 0, "128": 128, "4096": 4096, "large": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := pipe(t, nil, &rtmp.Config{ChunkSize: chunkSize})
				for range 3 { // the second and third stream have other ids than messages are prepared for
					player, s := play(t, client, server)
					want := mixture(7, 100)
					var wg sync.WaitGroup
					wg.Go(func() { wantMixture(t, "a mixture", player, s.ID(), want) })
					write(t, s, want)
					wg.Wait()
				}
			})
		})
	}
}

// write writes messages in one of three ways each: alone, prepared, and several prepared ones in one call.
func write(t *testing.T, s *rtmp.Stream, all []*message.Message) {
	r := rand.New(rand.NewPCG(8, 0))
	for len(all) > 0 {
		n := min(len(all), 1+r.IntN(4))
		var err error
		if r.IntN(2) == 0 {
			n = 1
			err = s.WriteMessage(all[0])
		} else {
			batch := make([]*rtmp.PreparedMessage, n)
			for i := range batch {
				batch[i] = rtmp.NewPreparedMessage(all[i])
			}
			err = s.WritePrepared(batch...)
		}
		if err != nil {
			t.Errorf("writing: %v", err)
			return
		}
		all = all[n:]
	}
}

// One set of prepared messages goes to many players at once, over connections and streams of all kinds.
func TestPreparedMessagesAreShared(t *testing.T) {
	want := mixture(9, 40)
	shared := make([]*rtmp.PreparedMessage, len(want))
	for i, m := range want {
		shared[i] = rtmp.NewPreparedMessage(m)
	}
	synctest.Test(t, func(t *testing.T) {
		var wg sync.WaitGroup
		for i := range 8 {
			client, server := pipe(t, nil, &rtmp.Config{ChunkSize: []int{0, 0, 1000, 65537}[i%4]})
			for range i%3 + 1 {
				player, s := play(t, client, server)
				wg.Go(func() { wantMixture(t, "a player of many", player, s.ID(), want) })
				wg.Go(func() {
					for rest := shared; len(rest) > 0; {
						n := min(len(rest), 3)
						if err := s.WritePrepared(rest[:n]...); err != nil {
							t.Error(err)
							return
						}
						rest = rest[n:]
					}
				})
			}
		}
		wg.Wait()
	})
	for i, pm := range shared {
		if m := pm.Message(); m.Timestamp != want[i].Timestamp || !bytes.Equal(m.Payload, want[i].Payload) {
			t.Errorf("prepared message %d has changed", i)
		}
	}
}

func TestNewPreparedMessageKeepsNothing(t *testing.T) {
	m := audio(1, 1000)
	pm := rtmp.NewPreparedMessage(m)
	clear(m.Payload)
	if got := pm.Message(); got.Payload[0] != 1 || got.Payload[999] != 1 {
		t.Error("the message changes with the one that it was made from")
	}
	if n := pm.Len(); n != 1000+12 {
		t.Errorf("Len = %d, want the payload and one header of 12 bytes", n)
	}
}

// TryWritePrepared is for connections of the operating system. What it does not take goes the usual way.
func TestTryWritePrepared(t *testing.T) {
	nc1, nc2, err := tcpPair()
	if err != nil {
		t.Fatal(err)
	}
	client, server, err := rtmptest.Connect(nc1, nc2, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	defer server.Close()
	player, s := play(t, client, server)
	want := mixture(11, 200)
	var wg sync.WaitGroup
	wg.Go(func() { wantMixture(t, "a mixture", player, s.ID(), want) })
	tried := 0
	for i := range want {
		pm := rtmp.NewPreparedMessage(want[i])
		var b rtmp.PreparedBatch
		b.Join(pm)
		done, err := s.TryWritePrepared(&b)
		if err != nil {
			t.Fatal(err)
		}
		if done {
			tried++
		} else if err := s.WritePrepared(pm); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	if tried == 0 {
		t.Error("TryWritePrepared never succeeded on an idle connection")
	}
}

func TestTryWritePreparedDeclines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		var b rtmp.PreparedBatch
		b.Join(rtmp.NewPreparedMessage(audio(1, 10)))
		go client.Play(context.Background(), "cam")
		s, err := server.AcceptStream(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, when := range []string{"before acceptance", "over a pipe"} {
			if done, err := s.TryWritePrepared(&b); done || err != nil {
				t.Errorf("TryWritePrepared %s = %t, %v, want false, nil", when, done, err)
			}
			s.Accept()
			synctest.Wait()
		}
	})
}

// A write deadline holds for prepared messages, too.
func TestWritePreparedDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, &rtmp.Config{ReadQueue: 1}, &rtmp.Config{WriteBuffer: 1 << 10})
		player, s := play(t, client, server)
		s.SetWriteDeadline(time.Now().Add(time.Second))
		var err error
		n := 0
		for err == nil {
			if err = s.WritePrepared(rtmp.NewPreparedMessage(audio(n, 1000))); err == nil {
				n++
			}
		}
		wantError(t, "the player does not read", os.ErrDeadlineExceeded, err)
		s.SetWriteDeadline(time.Time{})
		var wg sync.WaitGroup
		wg.Go(func() {
			for i := range n + 1 {
				wantMessages(t, "after the deadline nothing is missing and nothing came twice", player, i)
			}
		})
		if err := s.WritePrepared(rtmp.NewPreparedMessage(audio(n, 1000))); err != nil {
			t.Errorf("repeated: %v", err)
		}
		wg.Wait()
	})
}
