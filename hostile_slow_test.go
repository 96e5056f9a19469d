package rtmp_test

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
	"github.com/gortmp/rtmp/session"
)

// The tests of this file are about peers that take their time, many of them at once, on real connections. How long they
// may take to the millisecond is tested in virtual time; see TestLimitHandshakeTime and the others.

// slowConfig makes the times short, but not so short that a busy machine could not keep them.
var slowConfig = &rtmp.Config{
	HandshakeTimeout: time.Second,
	ConnectTimeout:   time.Second,
	StallTimeout:     3 * time.Second,
	IdleTimeout:      4 * time.Second,
}

// dripPause is the time from one byte to the next.
const dripPause = 50 * time.Millisecond

// Many peers in each phase that send a byte now and then, and in the end nothing any more.
func TestHostileSlowPeers(t *testing.T) {
	s := newScene(t, slowConfig, nil)
	call, err := message.New(0, 0, &message.Command{Name: "call", TransactionID: 1})
	if err != nil {
		t.Fatal(err)
	}
	callBytes := append(begin(3, call.Type, 0, len(call.Payload), 0), call.Payload...)
	hello := append([]byte{3}, random(1536)...)
	video := begin(6, message.TypeVideo, 1, 100, 100)
	tests := []struct {
		phase phase
		drip  []byte // a byte at a time
		what  string // a *session.TimeoutError for it ends the connection; empty: the handshake does
	}{
		{atNothing, hello, ""},
		{atNothing, hello[:3], ""},
		{atHalf, hello[:536], ""}, // the first half of C2 does not come
		{atHandshake, callBytes, "connect command"},
		{atHandshake, nil, "connect command"},
		{atConnect, callBytes[:9], "rest of a message"},
		{atConnect, callBytes, "any byte"},
		{atStream, callBytes[:9], "rest of a message"},
		{atStream, nil, "any byte"},
		{atPublish, video[:40], "rest of a message"},
		{atPublish, callBytes, "media from the publisher"},
		{atMedia, video[:40], "rest of a message"},
		{atMedia, nil, "media from the publisher"},
		{atMiddle, make([]byte, 5), "rest of a message"},
		{atPlay, callBytes[:9], "rest of a message"},
		{atPlay, nil, "any byte"},
	}
	n := counts(10, 100)
	var dripping sync.WaitGroup
	conns := make([][]net.Conn, len(tests))
	for i, tt := range tests {
		for j := range n {
			nc := s.dial()
			reach(t, nc, tt.phase, fmt.Sprint("attack", i, j))
			conns[i] = append(conns[i], nc)
			dripping.Go(func() {
				pause := time.NewTicker(dripPause)
				defer pause.Stop()
				for k := range tt.drip {
					if _, err := nc.Write(tt.drip[k : k+1]); err != nil {
						return
					}
					<-pause.C
				}
			})
		}
	}
	s.wantMemory(fmt.Sprintf("%d slow peers", n*len(tests)), n*len(tests)*128<<10)
	for i, tt := range tests {
		why := fmt.Sprintf("%d bytes, slowly, %v", len(tt.drip), tt.phase)
		for _, nc := range conns[i] {
			err := s.wantEnd(why, nc)
			wantAs[*rtmp.ProtocolError](t, why, err)
			if tt.what == "" {
				wantAs[*rtmp.HandshakeTimeoutError](t, why, err)
				continue
			}
			if e := wantAs[*session.TimeoutError](t, why, err); e != nil && e.What != tt.what {
				t.Errorf("%s: %v, want no %s", why, e, tt.what)
			}
		}
	}
	dripping.Wait()
}

// Players that read a byte now and then, of a stream that is larger.
func TestHostileSlowReaders(t *testing.T) {
	s := newScene(t, &rtmp.Config{WriteTimeout: time.Second}, nil)
	n := counts(10, 100)
	conns := make([]net.Conn, n)
	over := make(chan struct{})
	var busy sync.WaitGroup
	for i := range conns {
		p := s.reach(atPlay)
		p.nc.(*net.TCPConn).SetReadBuffer(4 << 10)
		conns[i] = p.nc
		busy.Go(func() {
			pause := time.NewTicker(dripPause)
			defer pause.Stop()
			for b := make([]byte, 1); ; <-pause.C {
				if _, err := p.nc.Read(b); err != nil {
					return
				}
			}
		})
	}
	p := s.reach(atPublish)
	p.say(0, &message.SetChunkSize{Size: 1 << 20})
	busy.Go(func() {
		m := &message.Message{Type: message.TypeAudio, StreamID: 1, Payload: make([]byte, 100_000)}
		pause := time.NewTicker(5 * time.Millisecond)
		defer pause.Stop()
		for {
			select {
			case <-over:
				return
			case <-pause.C:
			}
			if err := p.WriteMessage(m); err != nil {
				t.Errorf("the publisher: %v", err)
				return
			}
		}
	})
	for _, nc := range conns {
		err := s.reason("a player that hardly reads", nc)
		nc.Close()
		wantAs[*session.TimeoutError](t, "a player that hardly reads", err)
	}
	close(over)
	busy.Wait()
	s.wantMemorySoon("a stream and its slow players", ringMemory+connMemory)
}

// A server of rtmps to whom others speak in the clear, and slowly.
func TestHostileTLS(t *testing.T) {
	s := startScene(t, &rtmp.Config{HandshakeTimeout: slowConfig.HandshakeTimeout}, nil, (*rtmptest.Server).StartTLS)
	n := counts(50, 500)
	hello := clientHello(t)
	var conns []net.Conn
	for range n {
		for _, sent := range [][]byte{hello, hello[:40], {22, 3, 1, 0x40, 0}, nil} {
			nc := s.dial()
			nc.Write(sent)
			conns = append(conns, nc)
		}
		nc := s.dial()
		reach(t, nc, atHalf, "")
		conns = append(conns, nc)
	}
	s.wantMemory(fmt.Sprintf("%d connections that never become TLS", len(conns)), attackMemory)
	for _, nc := range conns {
		if err := s.wantEnd("TLS that is none", nc); err == nil {
			t.Error("TLS that is none: no error")
		}
	}
}
