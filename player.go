package rtmp

import (
	"context"
	"time"

	"github.com/gortmp/rtmp/message"
)

// A Player receives a stream from a server.
type Player struct {
	s    *Stream
	owns bool // closing it closes its connection

	// Guarded by s.conn.mu.
	position message.Timestamp // of the last message read
}

// Stream returns the stream that p reads from.
func (p *Player) Stream() *Stream { return p.s }

// ReadMessage returns the next message of the stream, owned by the caller: audio, video, data and whatever else
// the server sends on it. It returns io.EOF when the stream is over.
func (p *Player) ReadMessage() (*message.Message, error) {
	m, err := p.s.ReadMessage()
	if err != nil {
		return nil, err
	}
	p.s.conn.mu.Lock()
	p.position = m.Timestamp
	p.s.conn.mu.Unlock()
	return m, nil
}

// Pause asks the server to pause the stream, or to go on, and waits for the answer. A server may ignore it, as
// many do for live streams; bound ctx.
//
// RTMP 1.0, section 7.2.2.9.
func (p *Player) Pause(ctx context.Context, on bool) error {
	code := "NetStream.Unpause.Notify"
	if on {
		code = "NetStream.Pause.Notify"
	}
	return p.ask(ctx, []string{code}, func() error { return p.s.conn.cli.Pause(p.s.id, on, p.position.Duration()) })
}

// Seek asks the server to go on at the position to, and waits for the answer; see Pause.
//
// RTMP 1.0, section 7.2.2.8.
func (p *Player) Seek(ctx context.Context, to time.Duration) error {
	return p.ask(ctx, []string{"NetStream.Seek.Notify", "NetStream.Play.Start"}, func() error {
		return p.s.conn.cli.Seek(p.s.id, to)
	})
}

// ask sends a request and waits for one of codes or an error.
func (p *Player) ask(ctx context.Context, codes []string, send func() error) error {
	c := p.s.conn
	c.mu.Lock()
	if err := c.waitRoom(p.s, &p.s.write); err != nil {
		c.mu.Unlock()
		return err
	}
	if err := send(); err != nil {
		c.mu.Unlock()
		return err
	}
	n := p.s.await(codes, []string{"NetStream.Seek.Failed", "NetStream.Seek.InvalidTime", "NetStream.Failed", "NetStream.Play.Failed"})
	c.kick()
	c.mu.Unlock()
	return p.s.wait(ctx, n)
}

// SetBuffer tells the server how much p buffers. It is not answered.
func (p *Player) SetBuffer(d time.Duration) error {
	c := p.s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.waitRoom(p.s, &p.s.write); err != nil {
		return err
	}
	if err := c.cli.SetBuffer(p.s.id, d); err != nil {
		return err
	}
	c.kick()
	return nil
}

// SetReadDeadline bounds pending and future ReadMessage calls.
func (p *Player) SetReadDeadline(t time.Time) error { return p.s.SetReadDeadline(t) }

// Close ends the stream. If p came from Play or Dialer.Play, it closes the connection as well.
func (p *Player) Close() error {
	if !p.owns {
		return p.s.Close()
	}
	return p.s.conn.Close()
}
