package rtmp_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// Many clients that come, do something, and leave in every way there is, while the server answers, refuses, panics
// and hangs up. Nothing may deadlock, race or be left over, and what was not broken off must be whole.
func TestConnStorm(t *testing.T) {
	var whole atomic.Int64
	s := rtmptest.NewUnstartedServer(rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
		seed, _ := amf0.Object(r.Conn.Connect).Number("seed")
		rnd := rand.New(rand.NewPCG(uint64(seed), 1))
		switch rnd.IntN(10) {
		case 0:
			return &rtmp.StatusError{Code: "NetStream.Failed"}
		case 1:
			return nil
		case 2:
			panic("storm")
		case 3:
			s.Accept()
			return errors.New("enough")
		case 4:
			s.Accept()
			s.Conn().CloseNow()
			return nil
		}
		if r.Method == rtmp.MethodPlay {
			_, err := message.Copy(s, &rtmptest.Source{Duration: time.Second, KeyFrameSize: 10_000, FrameSize: 2000})
			return err
		}
		var c rtmptest.Checker
		_, err := message.Copy(&c, s)
		var check *rtmptest.CheckError
		if errors.As(err, &check) {
			t.Error(err)
		}
		if err == nil {
			whole.Add(1)
			if c.Tally.LostVideo+c.Tally.LostAudio > 0 {
				t.Errorf("a stream that ended cleanly has losses: %+v", c.Tally)
			}
		}
		return err
	}))
	defer s.Close()
	s.Config.ErrorLog = discardLog
	s.Config.Config = &rtmp.Config{ReadQueue: 64 << 10, WriteBuffer: 64 << 10}
	s.Start()

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 15 {
				seed := uint64(1000*worker + i)
				visit(ctx, rand.New(rand.NewPCG(seed, 2)), s.URL, seed)
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		t.Error("the storm is not over after a minute: something hangs")
	}
	if whole.Load() == 0 {
		t.Error("no stream arrived whole")
	}
	if err := s.Config.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// visit is one client.
func visit(ctx context.Context, rnd *rand.Rand, url string, seed uint64) {
	d := &rtmp.Dialer{Connect: amf0.Object{{Name: "seed", Value: float64(seed)}}}
	dialCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	if rnd.IntN(8) == 0 {
		time.AfterFunc(time.Duration(rnd.IntN(2000))*time.Microsecond, cancel)
	}
	c, err := d.Dial(dialCtx, url+"/live")
	if err != nil {
		return
	}
	end := []func(){
		func() { c.Close() },
		func() { c.CloseNow() },
		func() { c.NetConn().Close() },
		func() { c.Ping(ctx); c.Close() },
	}[rnd.IntN(4)]
	defer c.Close()
	if rnd.IntN(3) == 0 {
		time.AfterFunc(time.Duration(rnd.IntN(20))*time.Millisecond, end)
	} else {
		defer end()
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	for range 1 + rnd.IntN(3) {
		play := rnd.IntN(2) == 0
		wg.Go(func() {
			if play {
				if p, err := c.Play(ctx, "cam"); err == nil {
					message.Copy(new(rtmptest.Checker), p)
					p.Close()
				}
				return
			}
			if p, err := c.Publish(ctx, "cam"); err == nil {
				message.Copy(p, &rtmptest.Source{Duration: time.Second, KeyFrameSize: 10_000, FrameSize: 2000})
				p.Close()
			}
		})
	}
}
