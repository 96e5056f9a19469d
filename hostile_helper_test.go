package rtmp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/internal/wire"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/relay"
	"github.com/gortmp/rtmp/rtmptest"
)

// hostileLong says that the heavier counts are wanted; ci/hostile.sh sets it.
var hostileLong = os.Getenv("RTMP_HOSTILE") == "long"

// counts returns short, or long if the heavier counts are wanted.
func counts(short, long int) int {
	if hostileLong {
		return long
	}
	return short
}

// A phase is how far a client has come.
type phase int

const (
	atNothing   phase = iota // connected to the port
	atHalf                   // in the middle of the handshake
	atHandshake              // which is over
	atConnect
	atStream // one was created
	atPublish
	atMedia // a message has come
	atMiddle
	atPlay
)

var phaseNames = [...]string{
	"at the port", "in the handshake", "after the handshake", "after connect", "after createStream", "after publish",
	"after the first message", "in mid-message", "after play",
}

func (ph phase) String() string { return phaseNames[ph] }

// reach brings nc, the end of a client that somebody else closes, to the phase. The names that it publishes and plays are name.
func reach(t *testing.T, nc net.Conn, ph phase, name string) *peer {
	t.Helper()
	switch ph {
	case atNothing:
		return nil
	case atHalf:
		if _, err := nc.Write(append([]byte{3}, make([]byte, 1000)...)); err != nil {
			t.Fatalf("%v: %v", ph, err)
		}
		return nil
	}
	p := shakeHands(t, nc, true)
	if ph >= atConnect {
		p.command(0, "connect", 1, amf0.Object{{Name: "app", Value: "live"}})
		p.hear("_result")
	}
	if ph >= atStream {
		p.command(0, "createStream", 2)
		p.hear("_result")
	}
	switch ph {
	case atPublish, atMedia, atMiddle:
		p.command(1, "publish", 0, name, "live")
		p.hear("onStatus")
	case atPlay:
		p.command(1, "play", 0, name)
		p.hear("onStatus")
	}
	if ph == atMedia || ph == atMiddle {
		p.send(&message.Message{Type: message.TypeAudio, StreamID: 1, Payload: []byte{0xAF, 1, 2, 3}})
	}
	if ph == atMiddle {
		p.raw(begin(9, message.TypeVideo, 1, 10_000, 128))
	}
	return p
}

// send writes a message.
func (p *peer) send(m *message.Message) {
	p.t.Helper()
	if err := p.WriteMessage(m); err != nil {
		p.t.Fatalf("peer sends %v of %d bytes: %v", m.Type, len(m.Payload), err)
	}
}

// raw writes bytes around the chunk writer.
func (p *peer) raw(b []byte) {
	p.t.Helper()
	if _, err := p.nc.Write(b); err != nil {
		p.t.Fatalf("peer writes %d bytes: %v", len(b), err)
	}
}

// next reads a message.
func (p *peer) next(why string) *message.Message {
	p.t.Helper()
	p.nc.SetReadDeadline(time.Now().Add(time.Minute))
	m, err := p.ReadMessage()
	if err != nil {
		p.t.Fatalf("peer waits for %s: %v", why, err)
	}
	return m
}

// ping goes to the server and back, so that it has done all that was asked for before, and shows that it lives.
func (p *peer) ping(why string) {
	p.t.Helper()
	stamp := uint32(time.Now().UnixMilli())
	p.say(0, &message.UserControl{Event: message.EventPingRequest, Timestamp: stamp})
	p.hearPong(why, stamp)
}

// hearPong reads until the answer to a ping.
func (p *peer) hearPong(why string, stamp uint32) {
	p.t.Helper()
	for {
		m := p.next(why + ": the answer to a ping")
		if m.Type != message.TypeUserControl {
			continue
		}
		b, err := message.Parse(m)
		if err != nil {
			p.t.Fatalf("%s: %v", why, err)
		}
		if u := b.(*message.UserControl); u.Event == message.EventPingResponse && u.Timestamp == stamp {
			return
		}
	}
}

// status reads until a command with the given name and returns the code in it.
func (p *peer) status(name string) (code string) {
	p.t.Helper()
	for _, v := range p.hear(name).Args {
		if o, ok := amf0.AsObject(v); ok {
			code, _ = o.String("code")
		}
	}
	return code
}

// hearStatus reads until a command with the given name, and wants it to carry the code.
func (p *peer) hearStatus(why, name, code string) {
	p.t.Helper()
	if got := p.status(name); got != code {
		p.t.Errorf("%s: %s with the code %q, want %q", why, name, got, code)
	}
}

// wantClosed reads until the end of the connection, which the server has to make.
func wantClosed(t *testing.T, why string, nc net.Conn) {
	t.Helper()
	nc.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := io.Copy(io.Discard, nc); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%s: the connection is still open", why)
	}
}

// begin returns the front of a message on chunk stream csid: a type 0 header that announces length bytes, and n of them,
// all zero. What a chunk holds is up to the caller.
func begin(csid uint32, typ message.Type, streamID byte, length, n int) []byte {
	b := []byte{byte(csid)}
	if csid >= 64 {
		b = []byte{0, byte(csid - 64)}
	}
	b = wire.AppendUint24(append(b, 0, 0, 0), uint32(length))
	b = append(b, byte(typ), streamID, 0, 0, 0)
	return append(b, make([]byte, n)...)
}

// A victim is a connection of a server in memory, whose other end is in the hands of the test.
type victim struct {
	t     *testing.T
	nc    net.Conn // the other end
	began time.Time
	extra sync.WaitGroup // what the test does beside

	over  chan struct{} // closed when the server is done with it, all goroutines included
	err   error         // why it ended
	after time.Duration // when that was
}

// serveBeside serves a healthy pair with s, in fake time, until the end of the test, and checks then that the pair had no
// part in what happened to the victims of s: nothing was lost, nothing late, and no memory is left. What s does not relay
// anyway is relayed for the pair by a hub of its own.
func serveBeside(t *testing.T, s *rtmp.Server) {
	t.Helper()
	const app = "healthy"
	if h, ok := s.Handler.(*relay.Hub); !ok {
		h = new(relay.Hub)
		others := s.Handler
		s.Handler = rtmp.HandlerFunc(func(st *rtmp.Stream, r *rtmp.Request) error {
			if r.App == app {
				return h.ServeRTMP(st, r)
			}
			return others.ServeRTMP(st, r)
		})
	}
	if judge := s.OnConnect; judge != nil {
		s.OnConnect = func(ctx context.Context, info *rtmp.ConnInfo) error {
			if info.App == app {
				return nil
			}
			return judge(ctx, info)
		}
	}
	p := newPair(t, serve(t, s), "rtmp://test/"+app+"/pair", 25)
	heap, peak := heapInUse(), watchHeap()
	t.Cleanup(func() {
		if most := peak.stop() - int64(heap); most > attackMemory {
			t.Errorf("memory grew by %d bytes for a while, want at most %d", most, attackMemory)
		}
		if left := int64(heapInUse()) - int64(heap); left > leftMemory {
			t.Errorf("%d bytes of memory are left, want at most %d", left, leftMemory)
		}
		p.finish(func(flight) time.Duration { return 0 })
		if p.late > 0 {
			t.Errorf("a message of the healthy pair was under way for %v, want no time at all", p.late)
		}
	})
}

// newVictim begins a connection to s.
func newVictim(t *testing.T, s *rtmp.Server) *victim {
	t.Helper()
	nc, inner := rtmptest.NetPipe()
	v := &victim{t: t, nc: nc, began: time.Now(), over: make(chan struct{})}
	go func() {
		defer close(v.over)
		v.err = s.ServeConn(context.Background(), inner)
		v.after = time.Since(v.began)
	}()
	t.Cleanup(func() {
		nc.Close()
		<-v.over
		v.extra.Wait()
	})
	return v
}

// beside runs f, which has to end with the connection.
func (v *victim) beside(f func()) { v.extra.Go(f) }

// reach brings the connection to the phase.
func (v *victim) reach(ph phase) *peer {
	v.t.Helper()
	return reach(v.t, v.nc, ph, "cam")
}

// wantEnd waits until the server has ended the connection by itself, at the given time, and returns why.
func (v *victim) wantEnd(why string, after time.Duration) error {
	v.t.Helper()
	select {
	case <-v.over:
	case <-time.After(time.Hour):
		v.t.Fatalf("%s: still open after an hour", why)
	}
	if v.after != after {
		v.t.Errorf("%s: ended after %v, want %v", why, v.after, after)
	}
	wantClosed(v.t, why, v.nc)
	return v.err
}

// until returns the time from the beginning of the connection to now.
func (v *victim) until() time.Duration { return time.Since(v.began) }

// wait lets the time pass until the given one after the beginning of the connection.
func (v *victim) wait(until time.Duration) { <-time.After(time.Until(v.began.Add(until))) }

// drip writes b, a byte each second, until it is written or the connection is closed.
func drip(nc net.Conn, b []byte) {
	for i := range b {
		if _, err := nc.Write(b[i : i+1]); err != nil {
			return
		}
		<-time.After(time.Second)
	}
}

// readFull reads len(b) bytes.
func readFull(nc net.Conn, b []byte) (int, error) {
	nc.SetReadDeadline(time.Now().Add(time.Minute))
	return io.ReadFull(nc, b)
}
