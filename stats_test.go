package rtmp_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp"
)

// A stepper is a server whose handlers do one step at a time.
type stepper struct {
	rtmp.Server
	dialer *rtmp.Dialer
	read   chan int // publishers: read so many messages
	write  chan int // players: write a message of so many bytes, in one way and twice in the other
}

func newStepper(t *testing.T, trace *rtmp.Trace) *stepper {
	s := &stepper{read: make(chan int), write: make(chan int)}
	s.Config = &rtmp.Config{Trace: trace}
	s.Handler = rtmp.HandlerFunc(func(st *rtmp.Stream, r *rtmp.Request) error {
		if strings.HasPrefix(r.Name, "refused") {
			return &rtmp.StatusError{Code: "NetStream.Publish.Denied", Description: "no"}
		}
		if err := st.Accept(); err != nil {
			return err
		}
		read, write := s.read, s.write
		if r.Method == rtmp.MethodPublish {
			write = nil
		} else {
			read = nil
		}
		for {
			select {
			case n := <-read:
				for range n {
					if _, err := st.ReadMessage(); err != nil {
						return err
					}
				}
			case n := <-write:
				m := audio(1, n)
				if err := st.WriteMessage(m); err != nil {
					return err
				}
				if err := st.WritePrepared(rtmp.NewPreparedMessage(m), rtmp.NewPreparedMessage(m)); err != nil {
					return err
				}
			case <-r.Context().Done():
				return context.Cause(r.Context())
			}
		}
	})
	s.OnConnect = func(_ context.Context, info *rtmp.ConnInfo) error {
		switch info.App {
		case "refused":
			return &rtmp.StatusError{Code: "NetConnection.Connect.Rejected"}
		case "slow":
			<-time.After(time.Second)
		}
		return nil
	}
	s.dialer = serve(t, &s.Server)
	return s
}

// dial connects to app. The connection is closed at the end of the test.
func (s *stepper) dial(t *testing.T, app string) *rtmp.Conn {
	t.Helper()
	c, err := s.dialer.Dial(t.Context(), "rtmp://test/"+app)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	return c
}

// A lazyConn reads nothing while somebody else has what is in its gate.
type lazyConn struct {
	net.Conn
	gate chan struct{} // capacity 1, and full
}

func (c *lazyConn) Read(p []byte) (int, error) {
	c.gate <- <-c.gate
	return c.Conn.Read(p)
}

// summary is a ConnStats as far as it does not depend on the form of the commands.
func summary(c rtmp.ConnStats) string {
	text := fmt.Sprintf("%v %v app=%s read=%d written=%d queued=%d,%d", c.RemoteAddr, c.State, c.Info.App,
		c.MessagesRead, c.MessagesWritten, c.ReadQueue, c.WriteQueue)
	for _, s := range c.Streams {
		text += fmt.Sprintf(" [%d %s %s %v]", s.ID, s.Method, s.Path, s.IsAccepted)
	}
	return text
}

func TestServerStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStepper(t, nil)
		start := time.Now()
		if diff := cmp.Diff(rtmp.ServerStats{}, s.Stats(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("before anybody came (-want +got):\n%s", diff)
		}

		silent, err := s.dialer.NetDial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		<-time.After(time.Second)
		pub, err := s.dial(t, "live?secret=1").Publish(t.Context(), "cam?key=2")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			if err := pub.WriteMessage(audio(i, 100)); err != nil {
				t.Fatal(err)
			}
		}
		<-time.After(time.Second)
		if _, err := s.dial(t, "live").Play(t.Context(), "cam"); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Second)
		s.dial(t, "idle")
		<-time.After(time.Second)
		if _, err := s.dialer.Dial(t.Context(), "rtmp://test/refused"); err == nil {
			t.Fatal("OnConnect refuses, and the client was connected")
		}
		var dialing sync.WaitGroup
		dialing.Go(func() { s.dial(t, "slow") })
		s.read <- 2
		s.write <- 1000
		synctest.Wait()

		got := s.Stats()
		conns := []string{
			"pipe:1 handshake app= read=0 written=0 queued=0,0",
			"pipe:2 publishing app=live?secret=1 read=5 written=0 queued=492,0 [1 publish live/cam true]", // 3 messages of 100+64
			"pipe:3 playing app=live read=0 written=3 queued=0,0 [1 play live/cam true]",
			"pipe:4 connected app=idle read=0 written=0 queued=0,0",
			"pipe:6 connecting app=slow read=0 written=0 queued=0,0",
		}
		var lines []string
		for i, c := range got.Conns {
			lines = append(lines, summary(c))
			if want := start.Add(time.Duration(i) * time.Second); !c.Since.Equal(want) {
				t.Errorf("%v is there since %v, want %v", c.RemoteAddr, c.Since, want)
			}
		}
		if diff := cmp.Diff(conns, lines); diff != "" {
			t.Errorf("connections (-want +got):\n%s", diff)
		}
		got.Conns = nil
		if diff := cmp.Diff(rtmp.ServerStats{Accepted: 6, Refused: 1, Closed: 1}, got); diff != "" {
			t.Errorf("in all (-want +got):\n%s", diff)
		}
		dialing.Wait()
	})
}

func TestConnStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStepper(t, nil)
		lazy := &lazyConn{gate: make(chan struct{}, 1)}
		lazy.gate <- struct{}{}
		dialer := *s.dialer
		dialer.NetDial = func(ctx context.Context, network, addr string) (nc net.Conn, err error) {
			lazy.Conn, err = s.dialer.NetDial(ctx, network, addr)
			return lazy, err
		}
		player, err := dialer.Play(t.Context(), "rtmp://test/live/cam")
		if err != nil {
			t.Fatal(err)
		}
		defer player.Close()
		stats := func() rtmp.ConnStats {
			synctest.Wait()
			return s.Stats().Conns[0]
		}
		before := stats()

		s.write <- 1000
		after := stats()
		want := rtmp.StreamStats{ID: 1, Method: "play", Path: "live/cam", IsAccepted: true, MessagesWritten: 3, BytesWritten: 3000}
		if diff := cmp.Diff([]rtmp.StreamStats{want}, after.Streams); diff != "" {
			t.Errorf("after three messages (-want +got):\n%s", diff)
		}
		// The first has a header of 8 bytes, its stream id being known; a prepared one has all 12.
		if n := after.Info.BytesWritten - before.Info.BytesWritten; n < 3*1000+2*12+4 || n > 3*1000+3*12 {
			t.Errorf("three messages of 1000 bytes took %d", n)
		}

		<-lazy.gate // and the pipe holds 64 KiB
		s.write <- 300_000
		const wire = 12 + 300_000 + 4 // headers of five chunks
		want.MessagesWritten, want.BytesWritten, want.WriteQueue = 6, 3*1000+3*300_000, 3*wire
		got := stats()
		if diff := cmp.Diff([]rtmp.StreamStats{want}, got.Streams); diff != "" {
			t.Errorf("while the player does not read (-want +got):\n%s", diff)
		}
		if got.WriteQueue != want.WriteQueue {
			t.Errorf("the connection has %d bytes to write, want %d", got.WriteQueue, want.WriteQueue)
		}
		lazy.gate <- struct{}{}
		if n := stats().WriteQueue; n != 0 {
			t.Errorf("%d bytes are left to write, want none", n)
		}

		player.Stream().Close()
		got = stats()
		if got.State != rtmp.StateConnected || got.MessagesWritten != 6 || len(got.Streams) != 0 {
			t.Errorf("after the end of the stream: %v, %d messages, %d streams; want connected, 6, 0", got.State,
				got.MessagesWritten, len(got.Streams))
		}
	})
}

func TestTraceOfServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var got []string
		note := func(nc *rtmp.Conn, format string, args ...any) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, nc.RemoteAddr().String()+" "+fmt.Sprintf(format, args...))
		}
		s := newStepper(t, &rtmp.Trace{
			Opened:    func(c *rtmp.Conn) { note(c, "opened") },
			Handshake: func(c *rtmp.Conn, err error) { note(c, "handshake: %v", err) },
			Connect:   func(c *rtmp.Conn, err error) { note(c, "connect %s: %v", c.Info().App, err) },
			Request: func(s *rtmp.Stream, err error) {
				note(s.Conn(), "%s %s: %v", s.Request().Method, s.Request().Name, err)
			},
			Stream: func(s *rtmp.Stream, err error) { note(s.Conn(), "end of %s: %v", s.Request().Name, err) },
			Closed: func(c *rtmp.Conn, err error) { note(c, "closed: %v", err) },
		})
		c := s.dial(t, "live")
		pub, err := c.Publish(t.Context(), "cam")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Publish(t.Context(), "refused"); err == nil {
			t.Fatal("the handler refuses, and the client publishes")
		}
		synctest.Wait()
		pub.Close()
		synctest.Wait()
		c.Close()
		synctest.Wait()
		if _, err := s.dialer.Dial(t.Context(), "rtmp://test/refused"); err == nil {
			t.Fatal("OnConnect refuses, and the client was connected")
		}
		synctest.Wait()
		want := []string{
			"pipe:1 opened",
			"pipe:1 handshake: <nil>",
			"pipe:1 connect live: <nil>",
			"pipe:1 publish cam: <nil>",
			"pipe:1 end of refused: rtmp: refused: NetStream.Publish.Denied: no",
			"pipe:1 publish refused: rtmp: refused: NetStream.Publish.Denied: no",
			"pipe:1 end of cam: EOF",
			"pipe:1 closed: EOF",
			"pipe:2 opened",
			"pipe:2 handshake: <nil>",
			"pipe:2 connect refused: rtmp: refused: NetConnection.Connect.Rejected",
			"pipe:2 closed: rtmp: refused: NetConnection.Connect.Rejected",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// What goes into a log has no secrets in it.
func TestLogValues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey || a.Key == "since" {
				return slog.Attr{}
			}
			return a
		}}))
		s := new(rtmp.Server)
		s.Handler = rtmp.HandlerFunc(func(st *rtmp.Stream, r *rtmp.Request) error {
			logger.Info("asked", "request", r)
			if err := st.Accept(); err != nil {
				return err
			}
			r.Conn.BytesRead, r.Conn.BytesWritten = 1, 2
			logger.Info("came", "conn", r.Conn)
			stats := st.Conn().Stats()
			stats.Info, stats.WriteQueue = r.Conn, 3
			logger.Info("seen", "conn", stats)
			return nil
		})
		pub, err := serve(t, s).Publish(t.Context(), "rtmp://user:secret@test/live?secret=1/cam?secret=2")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		pub.Close()
		const ver = `"FMLE/3.0 (compatible; gortmp)"`
		want := "level=INFO msg=asked request.method=publish request.stream=live/cam request.remote=pipe:1\n" +
			"level=INFO msg=came conn.app=live conn.flashVer=" + ver + " conn.tls=false conn.bytesRead=1 conn.bytesWritten=2\n" +
			"level=INFO msg=seen conn.state=publishing conn.remote=pipe:1 conn.app=live conn.flashVer=" + ver +
			" conn.tls=false conn.bytesRead=1 conn.bytesWritten=2 conn.messagesRead=0 conn.messagesWritten=0" +
			" conn.readQueue=0 conn.writeQueue=3 conn.streams=1\n"
		if diff := cmp.Diff(want, log.String()); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}
