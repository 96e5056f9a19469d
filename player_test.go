package rtmp_test

import (
	"context"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// What a player asks for is answered by the session and can be read by whoever serves the stream.
func TestPlayerCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		player, s := play(t, client, server)
		s.WriteMessage(audio(40, 10))
		wantMessages(t, "a message, whose time is the position of the player", player, 40)
		for name, err := range map[string]error{
			"Pause":     player.Pause(t.Context(), true),
			"go on":     player.Pause(t.Context(), false),
			"Seek":      player.Seek(t.Context(), 90*time.Second),
			"SetBuffer": player.SetBuffer(3 * time.Second),
		} {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		synctest.Wait()
		type command struct {
			Name string
			Args []any
		}
		var got []command
		for s.Buffered() > 0 {
			m, err := s.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			b, err := message.Parse(m)
			if err != nil {
				t.Fatal(err)
			}
			c := b.(*message.Command)
			got = append(got, command{c.Name, c.Args})
		}
		want := map[string]bool{"pause": true, "seek": true}
		for _, c := range got {
			if !want[c.Name] {
				t.Errorf("the handler reads %v", c)
			}
		}
		if len(got) != 3 {
			t.Errorf("the handler reads %v, want pause twice and seek", got)
		}
		for _, c := range got {
			if at, _ := c.Args[len(c.Args)-1].(float64); c.Name == "pause" && at != 40 || c.Name == "seek" && at != 90_000 {
				t.Errorf("%s is at %v ms, want 40 for pause and 90,000 for seek", c.Name, at)
			}
		}
	})
}

// A server that refuses or does not answer, and a stream that ends meanwhile.
func TestPlayerCommandErrors(t *testing.T) {
	nothing := func(p *peer) {}
	tests := []struct {
		name   string
		answer func(p *peer)
		check  func(t *testing.T, err error)
	}{
		{"failed", func(p *peer) { p.sayStatus(1, "error", "NetStream.Seek.InvalidTime") }, func(t *testing.T, err error) {
			if status := wantAs[*rtmp.StatusError](t, "the server refuses", err); status != nil && status.Code != "NetStream.Seek.InvalidTime" {
				t.Errorf("code = %s, want NetStream.Seek.InvalidTime", status.Code)
			}
		}},
		{"no answer", nothing, func(t *testing.T, err error) { wantError(t, "the context ended", errCause, err) }},
		{"the stream ends", func(p *peer) { p.sayStatus(1, "status", "NetStream.Play.Stop") }, func(t *testing.T, err error) {
			wantError(t, "the stream ended instead", io.EOF, err)
		}},
		{"the connection ends", func(p *peer) { p.nc.Close() }, func(t *testing.T, err error) {
			wantError(t, "the connection was lost", io.ErrUnexpectedEOF, err)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				player, p := playFrom(t)
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errCause)
				defer cancel()
				result := make(chan error, 1)
				go func() { result <- player.Seek(ctx, time.Second) }()
				p.hear("seek")
				tt.answer(p)
				tt.check(t, <-result)
			})
		})
	}
}

func TestPlayerClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		player, s := play(t, client, server)
		player.SetReadDeadline(time.Now().Add(time.Second))
		_, err := player.ReadMessage()
		wantError(t, "nothing came", os.ErrDeadlineExceeded, err)
		player.Close()
		for name, call := range map[string]func() error{
			"Pause":       func() error { return player.Pause(t.Context(), true) },
			"SetBuffer":   func() error { return player.SetBuffer(time.Second) },
			"ReadMessage": func() error { player.SetReadDeadline(time.Time{}); _, err := player.ReadMessage(); return err },
		} {
			wantError(t, name+" after Close", net.ErrClosed, call())
		}
		synctest.Wait()
		if err := s.WriteMessage(audio(1, 1)); err == nil {
			t.Error("the server writes to a player that has left")
		}
		if _, err := client.Ping(t.Context()); err != nil {
			t.Errorf("the connection, which is not the player's, ended: %v", err)
		}
	})
}

func TestWriteMetadata(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		pub, s := publish(t, client, server)
		if err := pub.WriteMetadata(amf0.Object{{Name: "width", Value: 640.0}}); err != nil {
			t.Fatal(err)
		}
		if err := pub.WriteMetadata(amf0.Object{{Name: "bad", Value: make(chan int)}}); err == nil {
			t.Error("WriteMetadata of a value that AMF does not have succeeded")
		}
		m, err := s.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		b, err := message.Parse(m)
		if err != nil {
			t.Fatal(err)
		}
		want := &message.Data{Values: []any{"onMetaData", amf0.ECMAArray{{Name: "width", Value: 640.0}}}}
		if diff := cmp.Diff(message.Body(want), b); diff != "" {
			t.Errorf("metadata in file form (-want +got):\n%s", diff)
		}
	})
}

func TestWriteStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		player, s := play(t, client, server)
		level := amf0.Object{{Name: "level", Value: "status"}}
		if err := s.WriteStatus(&rtmp.StatusError{Code: "NetStream.Buffer.Empty", Info: level}); err != nil {
			t.Fatal(err)
		}
		s.WriteMessage(audio(1, 1))
		wantMessages(t, "a status that is no error ends nothing", player, 1)
		if err := s.WriteStatus(&rtmp.StatusError{Code: "NetStream.Play.Failed", Description: "disk on fire"}); err != nil {
			t.Fatal(err)
		}
		_, err := player.ReadMessage()
		if status := wantAs[*rtmp.StatusError](t, "one that is ends the stream", err); status != nil && status.Description != "disk on fire" {
			t.Errorf("description = %q, want %q", status.Description, "disk on fire")
		}
		s.Close()
		wantError(t, "WriteStatus after Close", net.ErrClosed, s.WriteStatus(&rtmp.StatusError{Code: "x"}))
	})
}

// playFrom returns a player whose server is in the hands of the test.
func playFrom(t *testing.T) (*rtmp.Player, *peer) {
	t.Helper()
	nc1, nc2 := rtmptest.NetPipe()
	client := rtmp.NewClientConn(nc1, nil)
	t.Cleanup(func() { client.CloseNow() })
	players := make(chan *rtmp.Player, 1)
	go func() {
		defer close(players)
		if err := client.Connect(t.Context(), "rtmp://test/live", nil); err != nil {
			t.Errorf("Connect: %v", err)
			return
		}
		p, err := client.Play(t.Context(), "cam")
		if err != nil {
			t.Errorf("Play: %v", err)
			return
		}
		players <- p
	}()
	p := serverPeer(t, nc2)
	player := <-players
	if player == nil {
		t.FailNow()
	}
	return player, p
}

// serverPeer goes from the handshake to an accepted play or publish on stream 1, as a server.
func serverPeer(t *testing.T, nc net.Conn) *peer {
	p := newPeer(t, nc, false)
	c := p.hear("connect")
	p.command(0, "_result", c.TransactionID, amf0.Object{}, amf0.Object{{Name: "code", Value: "NetConnection.Connect.Success"}})
	for c.Name != "createStream" {
		c = p.hearAny()
	}
	p.command(0, "_result", c.TransactionID, 1.0)
	switch c = p.hearAny(); c.Name {
	case "play":
		p.sayStatus(1, "status", "NetStream.Play.Start")
	case "publish":
		p.sayStatus(1, "status", "NetStream.Publish.Start")
	default:
		t.Errorf("the client says %s", c.Name)
	}
	return p
}

// sayStatus sends an onStatus.
func (p *peer) sayStatus(streamID uint32, level, code string) {
	p.t.Helper()
	p.command(streamID, "onStatus", 0, amf0.Object(nil), amf0.Object{{Name: "level", Value: level}, {Name: "code", Value: code}})
}
