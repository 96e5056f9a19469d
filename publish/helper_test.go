package publish

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// An arrival is a message with the time at which a server got it, since the beginning of the test.
type arrival struct {
	at time.Duration
	m  *message.Message
}

// A session is what a server got of one stream.
type session struct {
	name     string
	arrivals []arrival
	end      error // what ended it
}

// An ingest is a server in a bubble of fake time, with a network that a test can make bad.
type ingest struct {
	l      *rtmptest.Listener
	server *rtmp.Server
	begin  time.Time

	refuse func(name string, session int) error // nil accepts everything

	// hear is called before message n of a session is read, and may end it with an error. Nil does nothing.
	hear func(s *rtmp.Stream, session, n int) error

	// wrap changes the client's end of a connection; the first has the number 0. Nil changes nothing.
	wrap func(nc net.Conn, number int) net.Conn

	mu       sync.Mutex
	sessions []*session
	dials    []time.Duration
}

// bubble runs f with fake time and a server.
func bubble(t *testing.T, f func(t *testing.T, in *ingest)) {
	synctest.Test(t, func(t *testing.T) {
		in := &ingest{l: rtmptest.NewListener(), begin: time.Now()}
		in.server = &rtmp.Server{Handler: rtmp.HandlerFunc(in.serve)}
		done := make(chan struct{})
		go func() { in.server.Serve(in.l); close(done) }()
		t.Cleanup(func() { in.server.Close(); <-done })
		f(t, in)
	})
}

func (in *ingest) serve(s *rtmp.Stream, r *rtmp.Request) error {
	in.mu.Lock()
	n := len(in.sessions)
	in.mu.Unlock()
	if in.refuse != nil {
		if err := in.refuse(r.Name, n); err != nil {
			return err
		}
	}
	if err := s.Accept(); err != nil {
		return err
	}
	se := &session{name: r.Name}
	in.mu.Lock()
	in.sessions = append(in.sessions, se)
	in.mu.Unlock()
	for i := 0; ; i++ {
		if in.hear != nil {
			if err := in.hear(s, n, i); err != nil {
				return err
			}
		}
		m, err := s.ReadMessage()
		in.mu.Lock()
		if err != nil {
			se.end = err
			in.mu.Unlock()
			return nil
		}
		se.arrivals = append(se.arrivals, arrival{time.Since(in.begin), m})
		in.mu.Unlock()
	}
}

func (in *ingest) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	in.mu.Lock()
	n := len(in.dials)
	in.dials = append(in.dials, time.Since(in.begin))
	in.mu.Unlock()
	nc, err := in.l.Dial(ctx, network, addr)
	if err == nil && in.wrap != nil {
		nc = in.wrap(nc, n)
	}
	return nc, err
}

// options returns o, or new options, with a dialer to in.
func (in *ingest) options(o *Options) *Options {
	if o == nil {
		o = new(Options)
	}
	o.Dialer = &rtmp.Dialer{NetDial: in.dial}
	return o
}

// all returns the sessions so far, with all that is on its way.
func (in *ingest) all() []*session {
	synctest.Wait()
	in.mu.Lock()
	defer in.mu.Unlock()
	return append([]*session(nil), in.sessions...)
}

// A cutConn breaks after it has written a number of bytes.
type cutConn struct {
	net.Conn
	left int
}

func (c *cutConn) Write(p []byte) (int, error) {
	if c.left -= len(p); c.left <= 0 {
		c.Conn.Close()
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

// A slowConn takes a number of bytes per second, in small pieces.
type slowConn struct {
	net.Conn
	rate int
}

func (c *slowConn) Write(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		k, err := c.Conn.Write(p[n:min(n+1400, len(p))])
		n += k
		if err != nil {
			return n, err
		}
		time.Sleep(time.Duration(k) * time.Second / time.Duration(c.rate)) // fake time: the speed of the line
	}
	return n, nil
}

// A stallConn is a connection through a proxy that passes nothing on from a moment on, until it is closed.
type stallConn struct {
	net.Conn
	far, near net.Conn
	closed    chan struct{}
	once      sync.Once
	copies    sync.WaitGroup
}

func newStallConn(nc net.Conn, after time.Duration) *stallConn {
	c := &stallConn{far: nc, closed: make(chan struct{})}
	c.Conn, c.near = rtmptest.NetPipe()
	from := time.Now().Add(after)
	c.copies.Go(func() { io.Copy(c.near, nc) })
	c.copies.Go(func() {
		b := make([]byte, 4096)
		for {
			n, err := c.near.Read(b)
			if err != nil {
				return
			}
			if !time.Now().Before(from) {
				<-c.closed
				return
			}
			if _, err := nc.Write(b[:n]); err != nil {
				return
			}
		}
	})
	return c
}

func (c *stallConn) Close() error {
	c.once.Do(func() { close(c.closed); c.Conn.Close(); c.near.Close(); c.far.Close() })
	c.copies.Wait()
	return nil
}

// file returns an FLV file of what src gives.
func file(t *testing.T, src *rtmptest.Source) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	w := flv.NewWriter(&b)
	if _, err := message.Copy(w, src); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

// checkStart fails unless se begins with metadata and sequence headers, and its first picture is a key frame, and its
// times do not fall within a kind of message.
func checkStart(t *testing.T, se *session) {
	t.Helper()
	header, key := false, false
	last := make(map[message.Type]message.Timestamp)
	for i, a := range se.arrivals {
		if i == 0 && a.m.Type != message.TypeData {
			t.Errorf("session %q begins with a message of type %v, want metadata", se.name, a.m.Type)
		}
		if l, ok := last[a.m.Type]; ok && a.m.Timestamp.Before(l) {
			t.Errorf("message %d of session %q has the time %d after %d", i, se.name, a.m.Timestamp, l)
		}
		last[a.m.Type] = a.m.Timestamp
		if a.m.Type != message.TypeVideo {
			continue
		}
		v, err := media.ParseVideo(a.m.Payload)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case v.IsSequenceHeader():
			header = true
		case v.IsEnd():
		case !header:
			t.Fatalf("session %q has a picture before the sequence header", se.name)
		case !key && !v.IsKeyFrame():
			t.Fatalf("session %q has a picture at %d before the first key frame", se.name, a.m.Timestamp)
		default:
			key = true
		}
	}
}

// coded returns the arrivals that are coded frames of a type.
func (se *session) coded(kind message.Type) []arrival {
	var list []arrival
	for _, a := range se.arrivals {
		if a.m.Type != kind {
			continue
		}
		if kind == message.TypeVideo {
			if v, err := media.ParseVideo(a.m.Payload); err != nil || !v.IsCoded() {
				continue
			}
		} else if au, err := media.ParseAudio(a.m.Payload); err != nil || !au.IsCoded() {
			continue
		}
		list = append(list, a)
	}
	return list
}
