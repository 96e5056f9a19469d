package rtmptest

import (
	"errors"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

func askReadTimeout(t *testing.T, c1, c2 *end) {
	var wg sync.WaitGroup
	c2.discard(&wg)
	c1.SetReadDeadline(longAgo)
	_, err := c1.ReadMessage()
	wantTimeout(t, "ReadMessage", err)
	if err := c1.Write(1, 1024); err != nil {
		t.Errorf("WriteMessage after a read timeout: %v", err)
	}
	c1.Close()
	wg.Wait()
}

func askWriteTimeout(t *testing.T, c1, c2 *end) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	c2.produce(&wg, done)
	c1.SetWriteDeadline(longAgo)
	wantTimeout(t, "WriteMessage", c1.Write(1, 1024))
	if _, err := c1.ReadMessage(); err != nil {
		t.Errorf("ReadMessage after a write timeout: %v", err)
	}
	close(done)
	c1.Close()
	wg.Wait()
}

func askPastTimeout(t *testing.T, c1, c2 *end) {
	var wg sync.WaitGroup
	c2.echo(&wg)
	roundTrip(t, c1, 1)
	c1.SetDeadline(longAgo)
	wantTimeout(t, "WriteMessage", c1.Write(1, 1024))
	_, err := c1.ReadMessage()
	wantTimeout(t, "ReadMessage", err)
	roundTrip(t, c1, 2)
	c1.Close()
	wg.Wait()
}

func askPresentTimeout(t *testing.T, c1, c2 *end) {
	set := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		<-time.After(100 * time.Millisecond)
		close(set)
		c1.SetDeadline(longAgo)
	})
	early := func(op string) {
		select {
		case <-set:
		default:
			t.Errorf("%s timed out before a deadline was set", op)
		}
	}
	wg.Go(func() {
		_, err := c1.ReadMessage()
		wantTimeout(t, "ReadMessage", err)
		early("ReadMessage")
	})
	wg.Go(func() {
		wantTimeout(t, "WriteMessage", writeUntilError(c1))
		early("WriteMessage")
	})
	wg.Wait()
}

func askFutureTimeout(t *testing.T, c1, c2 *end) {
	c1.SetDeadline(time.Now().Add(100 * time.Millisecond))
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := c1.ReadMessage()
		wantTimeout(t, "ReadMessage", err)
	})
	wg.Go(func() { wantTimeout(t, "WriteMessage", writeUntilError(c1)) })
	wg.Wait()
	c2.echo(&wg)
	roundTrip(t, c1, 1)
	c1.Close()
	wg.Wait()
}

func askCloseTimeout(t *testing.T, c1, c2 *end) {
	var wg sync.WaitGroup
	wg.Go(func() {
		<-time.After(100 * time.Millisecond)
		if err := c1.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	wg.Go(func() {
		var err error
		for err == nil {
			_, err = c1.ReadMessage()
		}
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("ReadMessage = %v after Close, want net.ErrClosed", err)
		}
	})
	wg.Go(func() {
		if err := writeUntilError(c1); !errors.Is(err, net.ErrClosed) {
			t.Errorf("WriteMessage = %v after Close, want net.ErrClosed", err)
		}
	})
	wg.Go(func() {
		if err := writeUntilError(c2); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("WriteMessage at the other end = %v after Close, want its end", err)
		}
	})
	wg.Wait()
}

func writeUntilError(c *end) (err error) {
	for err == nil {
		err = c.Write(0, 16<<10)
	}
	return err
}
