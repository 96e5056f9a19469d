package rtmp_test

import (
	"context"
	"io"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// A Conn from Listener.Accept, read with ReadMessage only, is a complete ingest server.
func TestConnIsItsOwnFirstStream(t *testing.T) {
	l, err := rtmp.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	src := &rtmptest.Source{Duration: time.Second}
	var check rtmptest.Checker
	served := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			served <- err
			return
		}
		defer c.Close()
		_, err = message.Copy(&check, c)
		served <- err
	}()
	pub, err := rtmp.Publish(context.Background(), "rtmp://"+l.Addr().String()+"/live/cam")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := message.Copy(pub, src); err != nil {
		t.Error(err)
	}
	if err := pub.Close(); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Errorf("the loop over ReadMessage ended with %v, want io.EOF at the end of the stream", err)
	}
	if diff := cmp.Diff(src.Tally(), check.Tally); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// The same for a player: WriteMessage alone is a server that sends.
func TestConnWritesItsFirstStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		written := make(chan error, 1)
		go func() { written <- server.WriteMessage(audio(1, 10)) }()
		player, err := client.Play(t.Context(), "cam")
		if err != nil {
			t.Fatal(err)
		}
		wantMessages(t, "what WriteMessage of the Conn sends", player, 1)
		if err := <-written; err != nil {
			t.Error(err)
		}
		player.Close()
		synctest.Wait()
		_, err = server.ReadMessage()
		wantError(t, "the player has left", io.EOF, err)
	})
}

func TestConnFirstStreamDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc1, nc2 := rtmptest.NetPipe()
		server := rtmp.NewServerConn(nc2, nil)
		defer server.CloseNow()
		client := rtmp.NewClientConn(nc1, nil)
		defer client.CloseNow()
		timesOut := func(when string) {
			t.Helper()
			begin := time.Now()
			server.SetReadDeadline(begin.Add(time.Second))
			m, err := server.ReadMessage()
			wantError(t, "ReadMessage "+when, os.ErrDeadlineExceeded, err)
			if m != nil {
				t.Errorf("ReadMessage %s returns a message and an error", when)
			}
			if d := time.Since(begin); d != time.Second {
				t.Errorf("ReadMessage %s returned after %v, want 1s", when, d)
			}
			server.SetWriteDeadline(time.Now().Add(time.Second))
			wantError(t, "WriteMessage "+when, os.ErrDeadlineExceeded, server.WriteMessage(audio(1, 1)))
			server.SetDeadline(time.Time{})
		}
		timesOut("before the handshake")
		if err := client.Connect(t.Context(), "rtmp://test/live", nil); err != nil {
			t.Fatal(err)
		}
		timesOut("before a publish")
		read := make(chan *message.Message, 1)
		go func() { m, _ := server.ReadMessage(); read <- m }()
		pub, err := client.Publish(t.Context(), "cam")
		if err != nil {
			t.Fatal(err)
		}
		pub.WriteMessage(audio(1, 10))
		if m := <-read; m == nil || m.Timestamp != 1 {
			t.Errorf("the call that waited got %v, want message 1", m)
		}
		server.SetReadDeadline(time.Now().Add(time.Second))
		_, err = server.ReadMessage()
		wantError(t, "ReadMessage of an open stream", os.ErrDeadlineExceeded, err)
		pub.WriteMessage(audio(2, 10))
		synctest.Wait()
		_, err = server.ReadMessage()
		wantError(t, "a deadline that has passed counts even if something is there", os.ErrDeadlineExceeded, err)
		server.SetReadDeadline(time.Time{})
		wantMessages(t, "and nothing is lost", server, 2)
	})
}

func TestAcceptStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		type answer struct {
			pub *rtmp.Publisher
			err error
		}
		answers := make(chan answer, 1)
		go func() {
			p, err := client.Publish(t.Context(), "key?token=1")
			answers <- answer{p, err}
		}()
		s, err := server.AcceptStream(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r := s.Request()
		got := [...]string{r.Method, r.App, r.Name, r.Kind, r.URL.String()}
		want := [...]string{"publish", "test", "key?token=1", "live", "rtmp://pipe/test/key?token=1"}
		if got != want {
			t.Errorf("the request is %q, want %q", got, want)
		}
		synctest.Wait()
		if len(answers) > 0 {
			t.Error("the request was answered before Accept")
		}
		for range 2 {
			if err := s.Accept(); err != nil {
				t.Errorf("Accept: %v", err)
			}
		}
		if a := <-answers; a.err != nil {
			t.Errorf("Publish that was accepted: %v", a.err)
		}

		go func() {
			p, err := client.Publish(t.Context(), "other")
			answers <- answer{p, err}
		}()
		s, err = server.AcceptStream(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		wantError(t, "Close before Accept refuses", rtmp.ErrRefused, (<-answers).err)
		_, err = client.AcceptStream(t.Context())
		if err == nil {
			t.Error("AcceptStream on the client's side succeeded")
		}
	})
}

// A request that waits for AcceptStream is forgotten when the client gives up.
func TestAcceptStreamWithdrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := client.Publish(ctx, "late"); err == nil {
			t.Fatal("Publish was accepted by nobody")
		}
		synctest.Wait()
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if s, err := server.AcceptStream(ctx); err == nil {
			t.Errorf("AcceptStream returns %q, which was withdrawn", s.Request().Name)
		}
	})
}

func TestSeveralStreamsOnOneConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		pubs := make([]*rtmp.Publisher, 3)
		streams := make([]*rtmp.Stream, 3)
		ids := make(map[uint32]bool)
		for i := range pubs {
			pubs[i], streams[i] = publish(t, client, server)
			if pubs[i].Stream().ID() != streams[i].ID() {
				t.Errorf("stream %d is called %d by the client and %d by the server", i, pubs[i].Stream().ID(), streams[i].ID())
			}
			ids[streams[i].ID()] = true
		}
		if len(ids) != 3 {
			t.Errorf("3 streams have %d ids", len(ids))
		}
		player, down := play(t, client, server)
		for n := range 10 {
			for i, p := range pubs {
				p.WriteMessage(audio(10*n+i, 1000))
			}
			down.WriteMessage(audio(200+n, 1000))
		}
		pubs[1].Close()
		for n := range 10 {
			for i, s := range streams {
				wantMessages(t, "each stream gets its own messages", s, 10*n+i)
			}
			wantMessages(t, "and so does the player", player, 200+n)
		}
		_, err := streams[1].ReadMessage()
		wantError(t, "the one that was closed is over", io.EOF, err)
		pubs[2].WriteMessage(audio(77, 10))
		wantMessages(t, "the others go on", streams[2], 77)
	})
}

// Beside open streams ReadMessage of the Conn gives what belongs to none, and drops the oldest of what nobody reads.
func TestConnReadsWhatBelongsToNoStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		_, s := publish(t, client, server)
		for n := range 100 {
			if err := client.WriteMessage(&message.Message{Type: 99, Timestamp: message.Timestamp(n), Payload: []byte{1}}); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		for n := 100 - 64; n < 100; n++ {
			m, err := server.ReadMessage()
			if err != nil || m.Timestamp != message.Timestamp(n) {
				t.Fatalf("got %v, %v; want message %d: the newest 64 are kept", m, err, n)
			}
		}
		server.SetReadDeadline(time.Now().Add(time.Second))
		_, err := server.ReadMessage()
		wantError(t, "there are no more", os.ErrDeadlineExceeded, err)
		if n := s.Buffered(); n != 0 {
			t.Errorf("%d messages of stream 0 are on a stream", n)
		}
		if _, err := client.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
