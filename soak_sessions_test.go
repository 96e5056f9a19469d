package rtmp_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/relay"
)

// soakNames are those that the sessions publish and play.
var soakNames = []string{"a", "b", "c", "d"}

// A crowd is publishers and players that come and go at random.
type crowd struct {
	t      *testing.T
	dialer rtmp.Dialer
	ctx    context.Context // done when they have to go home

	serial                                    atomic.Uint32 // of publications
	published, played, refused, died, skipped atomic.Int64
	messages                                  atomic.Int64 // that players got
}

// A day of random sessions: nobody gets a byte that was not sent to that name, everybody gets messages in order and a key
// frame first, also after a loss; whoever keeps up loses nothing; nothing is left. The seed is in the log, and is taken
// from RTMP_SOAK_SEED.
func TestSoakSessions(t *testing.T) {
	seed := rand.Uint64()
	if s := os.Getenv("RTMP_SOAK_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("RTMP_SOAK_SEED=%d", seed)
	const publishers, players, looks = 5, 8, 48
	length := soak(20*time.Minute, day)
	synctest.Test(t, func(t *testing.T) {
		hub := &relay.Hub{MaxBytes: 256 << 10, PlayWait: time.Minute}
		s := &rtmp.Server{Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			if r.Name == "refused" {
				return &rtmp.StatusError{Code: "NetStream.Publish.Denied", Description: "no"}
			}
			return hub.ServeRTMP(s, r)
		})}
		ctx, stop := context.WithCancel(t.Context())
		c := &crowd{t: t, dialer: *serve(t, s), ctx: ctx}
		var all sync.WaitGroup
		for i := range publishers + players {
			all.Go(func() {
				r := rand.New(rand.NewPCG(seed, uint64(i)))
				for ctx.Err() == nil {
					if i < publishers {
						c.publish(r)
					} else {
						c.play(r)
					}
					c.pause(r, 10*time.Second)
				}
			})
		}
		heap := flatHeap{t: t}
		for range looks {
			<-time.After(length / looks)
			heap.look()
		}
		stop()
		all.Wait()
		heap.wantFlat(4 << 20) // streams are of any size, and there are more or fewer at a time
		t.Logf("%d publications (%d died), %d plays, %d refusals, %d messages, %d losses", c.published.Load(), c.died.Load(),
			c.played.Load(), c.refused.Load(), c.messages.Load(), c.skipped.Load())
		if c.died.Load() == 0 || c.refused.Load() == 0 || c.messages.Load() == 0 || c.skipped.Load() == 0 {
			t.Error("something never happened")
		}
	})
}

// pause waits for a random time of at most d, or until everybody goes home.
func (c *crowd) pause(r *rand.Rand, d time.Duration) {
	select {
	case <-time.After(time.Duration(r.Int64N(int64(d)))):
	case <-c.ctx.Done():
	}
}

// own returns a Dialer and what gives the latest connection that it made.
func (c *crowd) own() (d rtmp.Dialer, latest func() net.Conn) {
	d = c.dialer
	var nc net.Conn
	d.NetDial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		var err error
		nc, err = c.dialer.NetDial(ctx, network, addr)
		return nc, err
	}
	return d, func() net.Conn { return nc }
}

// A soakMark is what a payload says about itself, after the five bytes that are those of AVC video.
type soakMark struct {
	name        byte   // index in soakNames
	publication uint32 // every one has another number
	number      uint32 // of the message in it
}

const soakHead = 5 + 1 + 4 + 4 // bytes

// payload returns one of at least n bytes.
func (k soakMark) payload(key bool, n int) []byte {
	b := []byte{0x27, 1, 0, 0, 0, k.name}
	if key {
		b[0] = 0x17
	}
	b = binary.BigEndian.AppendUint32(b, k.publication)
	b = binary.BigEndian.AppendUint32(b, k.number)
	for len(b) < n {
		b = append(b, byte(uint32(len(b))*(k.number+1)+k.publication))
	}
	return b
}

// parseSoakMark reads it, and checks every byte.
func parseSoakMark(b []byte) (k soakMark, key bool, err error) {
	if len(b) < soakHead {
		return k, false, fmt.Errorf("a message of %d bytes", len(b))
	}
	k = soakMark{b[5], binary.BigEndian.Uint32(b[6:]), binary.BigEndian.Uint32(b[10:])}
	key = b[0] == 0x17
	if string(k.payload(key, len(b))) != string(b) {
		return k, key, fmt.Errorf("message %d of publication %d has another content", k.number, k.publication)
	}
	return k, key, nil
}

// publish is the life of a publisher.
func (c *crowd) publish(r *rand.Rand) {
	i := r.IntN(len(soakNames))
	name := soakNames[i]
	if r.IntN(20) == 0 {
		name = "refused"
	}
	d, latest := c.own()
	pub, err := d.Publish(context.Background(), "rtmp://test/live/"+name)
	switch {
	case errors.Is(err, rtmp.ErrRefused): // that, or somebody else publishes the name
		c.refused.Add(1)
		return
	case err != nil:
		c.t.Errorf("Publish: %v", err)
		return
	case name == "refused":
		c.t.Error("Publish: what is refused was accepted")
	}
	c.published.Add(1)
	k := soakMark{byte(i), c.serial.Add(1), 0}
	at := message.Timestamp(r.Uint32())
	period := time.Duration(1+r.IntN(2000)) * time.Millisecond
	keys := 1 + r.IntN(min(20, int(8*time.Second/period))) // a stream without a key frame for ten seconds counts as one that has none
	key := true
	for left := r.IntN(600); left > 0 && c.ctx.Err() == nil; left-- {
		size := r.IntN(2000)
		if r.IntN(8) == 0 {
			size = r.IntN(200_000)
		}
		m := &message.Message{Type: message.TypeVideo, Timestamp: at, Payload: k.payload(key, size)}
		if err := pub.WriteMessage(m); err != nil {
			c.t.Errorf("a publisher: %v", err)
			break
		}
		k.number++
		key = int(k.number)%keys == 0
		at = at.Add(period)
		<-time.After(period)
		if r.IntN(100) == 0 {
			c.pause(r, 20*time.Second) // less than it takes to be thrown out
			key = true
		}
	}
	if r.IntN(3) == 0 { // it dies, with a long message on its way
		c.died.Add(1)
		pub.WriteMessage(&message.Message{Type: message.TypeVideo, Timestamp: at, Payload: k.payload(false, 150_000)})
		latest().Close()
		pub.Close()
		return
	}
	if err := pub.Close(); err != nil {
		c.t.Errorf("a publisher: Close: %v", err)
	}
}

// play is the life of a player.
func (c *crowd) play(r *rand.Rand) {
	i := r.IntN(len(soakNames))
	d, latest := c.own()
	slow := r.IntN(4) == 0
	if slow {
		d.Config = &rtmp.Config{ReadQueue: 1} // so that it holds up the server, not itself
	}
	player, err := d.Play(context.Background(), "rtmp://test/live/"+soakNames[i])
	if err != nil {
		c.t.Errorf("Play: %v", err)
		return
	}
	c.played.Add(1)
	var last soakMark
	left, pausing := r.IntN(300), r.IntN(30) == 0
	for n := 0; n < left; n++ {
		player.SetReadDeadline(time.Now().Add(time.Duration(1+r.IntN(120)) * time.Second))
		m, err := player.ReadMessage()
		if err != nil {
			timeOut := errors.Is(err, os.ErrDeadlineExceeded)
			if !timeOut && !slow && err != io.EOF && !errors.Is(err, rtmp.ErrRefused) { // refused: nobody publishes it
				c.t.Errorf("a player that keeps up: %v", err)
			}
			break
		}
		if m.Type != message.TypeVideo {
			c.t.Errorf("a player: %v, want video", m.Type)
			continue
		}
		c.messages.Add(1)
		k, key, err := parseSoakMark(m.Payload)
		switch {
		case err != nil:
			c.t.Errorf("a player: %v", err)
		case int(k.name) != i:
			c.t.Errorf("a player of %s got a message of %s", soakNames[i], soakNames[k.name])
		case n == 0 && !key:
			c.t.Errorf("a player of %s: the first picture, number %d, is no key frame", soakNames[i], k.number)
		case n > 0 && k.publication != last.publication:
			c.t.Errorf("a player of %s: publication %d after %d", soakNames[i], k.publication, last.publication)
		case n > 0 && k.number <= last.number:
			c.t.Errorf("a player of %s: message %d after %d", soakNames[i], k.number, last.number)
		case n > 0 && k.number != last.number+1:
			c.skipped.Add(1)
			if !slow && !pausing {
				c.t.Errorf("a player of %s that keeps up: message %d after %d", soakNames[i], k.number, last.number)
			}
			if !key {
				c.t.Errorf("a player of %s: after a loss, picture %d is no key frame", soakNames[i], k.number)
			}
		}
		last = k
		if slow {
			c.pause(r, 15*time.Second)
		}
		if pausing && n == left/2 {
			// The answer may be behind messages that nobody reads now, and that hold up the connection.
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			if player.Pause(ctx, true) == nil {
				c.pause(r, time.Minute)
				player.Pause(ctx, false)
			}
			cancel()
		}
	}
	if r.IntN(3) == 0 {
		latest().Close()
	}
	player.Close()
}
