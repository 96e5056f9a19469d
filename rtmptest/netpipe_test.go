package rtmptest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"
)

func TestNetPipe(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		c1, c2 = NetPipe()
		return c1, c2, func() { c1.Close(); c2.Close() }, nil
	})
}

// Both peers of an RTMP connection may write their whole handshake first.
func TestNetPipeBothWriteFirst(t *testing.T) {
	c1, c2 := NetPipe()
	want := bytes.Repeat([]byte("c0c1"), 1000)
	for _, c := range []net.Conn{c1, c2} {
		if n, err := c.Write(want); n != len(want) || err != nil {
			t.Fatalf("Write = %d, %v; want %d, nil", n, err, len(want))
		}
	}
	for _, c := range []net.Conn{c1, c2} {
		got := make([]byte, len(want))
		if _, err := io.ReadFull(c, got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Error("the bytes read differ from those written")
		}
	}
}

func TestNetPipeErrors(t *testing.T) {
	buf := make([]byte, 8)
	tests := []struct {
		name string
		do   func(c1, c2 net.Conn) (int, error)
		n    int
		err  error
	}{
		{"read after own close", func(c1, c2 net.Conn) (int, error) { c1.Close(); return c1.Read(buf) }, 0, net.ErrClosed},
		{"write after own close", func(c1, c2 net.Conn) (int, error) { c1.Close(); return c1.Write(buf) }, 0, net.ErrClosed},
		{"read after the peer's close", func(c1, c2 net.Conn) (int, error) { c2.Close(); return c1.Read(buf) }, 0, io.EOF},
		{"write after the peer's close", func(c1, c2 net.Conn) (int, error) { c2.Close(); return c1.Write(buf) }, 0, io.ErrClosedPipe},
		{"read what the peer wrote before its close", func(c1, c2 net.Conn) (int, error) {
			c2.Write(buf[:3])
			c2.Close()
			return c1.Read(buf)
		}, 3, nil},
		{"read what the peer wrote before it closed its half", func(c1, c2 net.Conn) (int, error) {
			c2.Write(buf[:3])
			closeWrite(c2)
			return c1.Read(buf)
		}, 3, nil},
		{"read after the peer closed its half", func(c1, c2 net.Conn) (int, error) { closeWrite(c2); return c1.Read(buf) }, 0, io.EOF},
		{"write after the peer closed its half", func(c1, c2 net.Conn) (int, error) { closeWrite(c2); return c1.Write(buf) }, 8, nil},
		{"write after closing the own half", func(c1, c2 net.Conn) (int, error) { closeWrite(c1); return c1.Write(buf) }, 0, net.ErrClosed},
		{"read with a past deadline, though there is data", func(c1, c2 net.Conn) (int, error) {
			c2.Write(buf)
			c1.SetReadDeadline(time.Unix(1, 0))
			return c1.Read(buf)
		}, 0, os.ErrDeadlineExceeded},
		{"write that fits in part", func(c1, c2 net.Conn) (int, error) {
			c1.SetWriteDeadline(time.Now().Add(time.Second))
			return c1.Write(make([]byte, pipeBuffer+1))
		}, pipeBuffer, os.ErrDeadlineExceeded},
		{"read into nothing", func(c1, c2 net.Conn) (int, error) { return c1.Read(nil) }, 0, nil},
		{"write of nothing", func(c1, c2 net.Conn) (int, error) { return c1.Write(nil) }, 0, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, err := tt.do(NetPipe())
				if n != tt.n || !errors.Is(err, tt.err) {
					t.Errorf("got %d, %v; want %d, %v", n, err, tt.n, tt.err)
				}
				if op := new(net.OpError); err != nil && err != io.EOF && !errors.As(err, &op) {
					t.Errorf("error is a %T, want a *net.OpError", err)
				}
			})
		})
	}
}

func closeWrite(c net.Conn) { c.(interface{ CloseWrite() error }).CloseWrite() }

// In a bubble of synctest a wait on either end, for bytes, for room or for its turn, must let the fake clock run.
func TestNetPipeDeadlineInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := NetPipe()
		begin := time.Now()
		c.SetReadDeadline(begin.Add(time.Hour))
		c.SetWriteDeadline(begin.Add(2 * time.Hour))
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("Read error = %v, want os.ErrDeadlineExceeded", err)
			}
			if got := time.Since(begin); got != time.Hour {
				t.Errorf("Read returned after %v, want 1h", got)
			}
		})
		for range 3 { // one waits for room, two for their turn
			wg.Go(func() {
				if _, err := c.Write(make([]byte, 2*pipeBuffer)); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("Write error = %v, want os.ErrDeadlineExceeded", err)
				}
			})
		}
		wg.Wait()
		if got := time.Since(begin); got != 2*time.Hour {
			t.Errorf("all returned after %v, want 2h", got)
		}
	})
}

// Two writes larger than the buffer must not mix.
func TestNetPipeWritesAreWhole(t *testing.T) {
	c1, c2 := NetPipe()
	var wg sync.WaitGroup
	for _, b := range []byte("xyz") {
		wg.Go(func() {
			if _, err := c1.Write(bytes.Repeat([]byte{b}, 3*pipeBuffer)); err != nil {
				t.Error(err)
			}
		})
	}
	part := make([]byte, 3*pipeBuffer)
	for range 3 {
		if _, err := io.ReadFull(c2, part); err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(part, part[:1]); n != len(part) {
			t.Errorf("%d of %d bytes are %q, want all", n, len(part), part[0])
		}
	}
	wg.Wait()
}
