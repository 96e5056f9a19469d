package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// The chunk size is announced, and everything gets through with it, whether chunks are cut for it or for many.
func TestServeChunkSize(t *testing.T) {
	for flags, want := range map[string]uint32{"": 65536, "--chunk-size 65536": 65536, "--chunk-size 300": 300, "--chunk-size 100000": 100_000} {
		withServe(t, flags, func(t *testing.T, p *policed) {
			tap := new(tapped)
			dialer := p.dialer
			dialer.NetDial = func(ctx context.Context, network, addr string) (nc net.Conn, err error) {
				tap.Conn, err = p.dialer.NetDial(ctx, network, addr)
				return tap, err
			}
			player := p.play(&dialer)
			source := rtmptest.Source{Duration: 5 * time.Second, KeyFrameSize: 150_000}
			pub := p.mustPublish()
			if _, err := message.Copy(pub, &source); err != nil {
				t.Fatal(err)
			}
			pub.Close()
			c := new(rtmptest.Checker)
			if _, err := message.Copy(c, player); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(source.Tally(), c.Tally); diff != "" {
				t.Errorf("the player got (-want +got):\n%s", diff)
			}
			// A message of type 1 and 4 bytes on chunk stream 2 and message stream 0, see RTMP 1.0, section 5.4.1.
			announced := binary.BigEndian.AppendUint32([]byte{2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0}, want)
			if n := bytes.Count(tap.bytes(), announced); n != 1 {
				t.Errorf("a chunk size of %d is announced %d times, want once", want, n)
			}
		})
	}
}

// A tapped is a connection that remembers what was read from it first.
type tapped struct {
	net.Conn
	mu   sync.Mutex
	seen []byte
}

func (c *tapped) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.seen) < 1<<16 {
		c.seen = append(c.seen, b[:n]...)
	}
	return n, err
}

func (c *tapped) bytes() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen
}

func TestServeMaxConns(t *testing.T) {
	for flags, most := range map[string]int{"--max-conns 2": 2, "--max-conns 0": 10, "": 10} {
		withServe(t, flags, func(t *testing.T, p *policed) {
			var conns []*rtmp.Conn
			for len(conns) < 10 {
				ctx, cancel := context.WithTimeout(context.Background(), time.Second)
				conn, err := p.dialer.Dial(ctx, "rtmp://test/live")
				cancel()
				if err != nil {
					break
				}
				defer conn.CloseNow()
				conns = append(conns, conn)
			}
			if len(conns) != most {
				t.Fatalf("%d connections are served at a time, want %d", len(conns), most)
			}
			conns[0].CloseNow()
			synctest.Wait()
			conn, err := p.dialer.Dial(context.Background(), "rtmp://test/live")
			if err != nil {
				t.Fatalf("after one has left: %v", err)
			}
			conn.CloseNow()
		})
	}
}

func TestServeTimeouts(t *testing.T) {
	// Each does something that a timeout ends.
	nothing := func(p *policed) {
		nc, err := p.dialer.NetDial(context.Background(), "tcp", "test")
		if err != nil {
			p.t.Fatal(err)
		}
		p.t.Cleanup(func() { nc.Close() })
	}
	handshake := func(p *policed) {
		nc, err := p.dialer.NetDial(context.Background(), "tcp", "test")
		if err != nil {
			p.t.Fatal(err)
		}
		conn := rtmp.NewClientConn(nc, &rtmp.Config{IdleTimeout: -1})
		p.t.Cleanup(func() { conn.CloseNow() })
		if err := conn.Handshake(context.Background()); err != nil {
			p.t.Fatal(err)
		}
	}
	silentPublisher := func(p *policed) { p.mustPublish() }
	deaf := func(p *policed) { p.playDeaf() }
	stuck := func(p *policed) {
		p.playDeaf()
		pub := p.mustPublish()
		m := &message.Message{Type: message.TypeAudio, Payload: make([]byte, 60_000)}
		for range 10 {
			if err := pub.WriteMessage(m); err != nil {
				p.t.Fatal(err)
			}
		}
	}
	tests := []struct {
		flags string
		act   func(p *policed)
		want  string // in the log
		after time.Duration
		late  time.Duration // or as much later
	}{
		{"", nothing, "not finished after 10s", 10 * time.Second, 0},
		{"--handshake-timeout 3s", nothing, "not finished after 3s", 3 * time.Second, 0},
		{"--handshake-timeout 0", nothing, "", time.Hour, 0},
		{"--handshake-timeout 3s", handshake, "no connect command for 3s", 3 * time.Second, 0},
		{"--handshake-timeout 0 --idle-timeout 0", handshake, "", time.Hour, 0},
		{"", silentPublisher, "no media from the publisher for 30s", 30 * time.Second, 0},
		{"--stall-timeout 3s", silentPublisher, "no media from the publisher for 3s", 3 * time.Second, 0},
		{"--stall-timeout 0", silentPublisher, "", time.Hour, 0},
		{"", deaf, "no any byte for 1m0s", time.Minute, 0},
		{"--idle-timeout 8s", deaf, "no any byte for 8s", 8 * time.Second, 0},
		{"--idle-timeout 0 --play-wait 2h", deaf, "", time.Hour, 0},
		{"--stall-timeout 0", stuck, "no reading by the peer for 30s", 30 * time.Second, 30 * time.Second / 4},
		{"--stall-timeout 0 --write-timeout 8s", stuck, "no reading by the peer for 8s", 8 * time.Second, 2 * time.Second},
		{"--stall-timeout 0 --idle-timeout 0 --write-timeout 0", stuck, "", time.Hour, 0},
	}
	for _, tt := range tests {
		withServe(t, tt.flags, func(t *testing.T, p *policed) {
			tt.act(p)
			<-time.After(tt.after - time.Millisecond)
			synctest.Wait()
			if log := p.log.String(); strings.Contains(log, "reason=") {
				t.Errorf("something has ended before %v:\n%s", tt.after, log)
			}
			<-time.After(tt.late + time.Second)
			synctest.Wait()
			if log := p.log.String(); !strings.Contains(log, tt.want) {
				t.Errorf("after %v the log lacks %q:\n%s", tt.after+tt.late, tt.want, log)
			}
		})
	}
}

// playDeaf plays over a connection from which nothing is read any more after that.
func (p *policed) playDeaf() {
	p.t.Helper()
	_, resume := p.playHeld(&rtmp.Config{IdleTimeout: -1, StallTimeout: -1}) // it is not the one to end
	p.t.Cleanup(resume)
}
