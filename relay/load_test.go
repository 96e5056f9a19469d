package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// A soakChecker is a Checker whose player reads slowly, or leaves after some messages.
type soakChecker struct {
	rtmptest.Checker
	pause time.Duration // after each message
	left  int           // messages until it leaves; negative: it stays
}

var errLeaves = errors.New("it leaves")

func (c *soakChecker) WriteMessage(m *message.Message) error {
	if c.left == 0 {
		return errLeaves
	}
	c.left--
	if c.pause > 0 {
		<-time.After(c.pause)
	}
	return c.Checker.WriteMessage(m)
}

// Many streams with many players each, some of which are slow and some of which come and go, on the real clock: for the
// race detector, and for what each player gets: every byte as it was sent, in order, and no picture that it cannot
// decode. ci/soak.sh runs it for a minute.
func TestSoakLoad(t *testing.T) {
	const publishers, players = 8, 50
	long := os.Getenv("RTMP_SOAK") == "long"
	length := 2 * time.Second
	if long {
		length = time.Minute
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	hub := &Hub{
		MaxBytes: 64 << 10, // so that whoever is slow loses something
		PlayWait: -1,       // so that whoever comes after the end leaves
	}
	l := rtmptest.NewListener()
	server := &rtmp.Server{Handler: hub}
	var serving, everybody sync.WaitGroup
	serving.Go(func() { server.Serve(l) })
	var plays, got, lost atomic.Int64
	for i := range publishers {
		url := fmt.Sprint("rtmp://test/live/", i)
		source := rtmptest.Source{Seed: uint64(i), Duration: length, KeyFrameInterval: 10, KeyFrameSize: 4000, FrameSize: 1000, AudioSize: 100}
		pub, err := (&rtmp.Dialer{NetDial: l.Dial}).Publish(context.Background(), url)
		if err != nil {
			t.Fatal(err)
		}
		everybody.Go(func() {
			_, err := message.Copy(pub, rtmp.Paced(context.Background(), &source))
			if err := errors.Join(err, pub.Close()); err != nil {
				t.Errorf("a publisher: %v", err)
			}
		})
		for j := range players {
			r := rand.New(rand.NewPCG(seed, uint64(i*players+j)))
			dialer := &rtmp.Dialer{NetDial: l.Dial}
			kind := j % 5 // one is slow, one comes and goes, the others stay
			if kind == 0 {
				dialer.Config = &rtmp.Config{ReadQueue: 1}
			}
			everybody.Go(func() {
				for {
					c := &soakChecker{Checker: rtmptest.Checker{Seed: uint64(i)}, left: -1}
					switch kind {
					case 0:
						c.pause = time.Duration(20+r.IntN(20)) * time.Millisecond // from a message to the next are 14
					case 1:
						c.left = r.IntN(50)
					}
					player, err := dialer.Play(context.Background(), url)
					if err == nil {
						_, err = message.Copy(c, player)
						player.Close()
					}
					plays.Add(1)
					got.Add(int64(c.Tally.Video + c.Tally.Audio))
					lost.Add(int64(c.Tally.LostVideo + c.Tally.LostAudio))
					if c.Tally.Broken > 0 {
						t.Errorf("%d pictures cannot be decoded", c.Tally.Broken)
					}
					switch {
					case err == errLeaves:
						continue // and comes back
					case err == io.ErrUnexpectedEOF && kind == 0: // too slow, see rtmp.Config.WriteTimeout
					case err != nil && !errors.Is(err, rtmp.ErrRefused): // refused: the stream is over
						t.Errorf("a player: %v", err)
					}
					return
				}
			})
		}
	}
	everybody.Wait()
	server.Close()
	serving.Wait()
	if len(hub.streams) != 0 {
		t.Errorf("%d streams are left, want none", len(hub.streams))
	}
	t.Logf("%d plays, %d messages, %d lost by who was slow", plays.Load(), got.Load(), lost.Load())
	if got.Load() == 0 || long && lost.Load() == 0 { // a short stream fits into the buffers of connections
		t.Error("nobody got anything, or nobody was slow")
	}
}
