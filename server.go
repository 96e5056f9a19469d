package rtmp

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/pkg/errors"
)

// A Handler serves one publish or play request and returns when it is over. The error is the reply: a *StatusError
// is sent as it is, another error as a generic refusal; nil after use is a normal end, and nil without use a
// refusal. ServeRTMP may be called for several streams of a connection at once.
type Handler interface {
	ServeRTMP(s *Stream, r *Request) error
}

// HandlerFunc lets a function be a Handler.
type HandlerFunc func(s *Stream, r *Request) error

// ServeRTMP calls f.
func (f HandlerFunc) ServeRTMP(s *Stream, r *Request) error { return f(s, r) }

// ListenAndServe listens on the TCP address addr, ":1935" if empty, and serves with h. It always returns an error.
func ListenAndServe(addr string, h Handler) error {
	return (&Server{Addr: addr, Handler: h}).ListenAndServe()
}

// ListenAndServeTLS is ListenAndServe for rtmps.
func ListenAndServeTLS(addr, certFile, keyFile string, h Handler) error {
	return (&Server{Addr: addr, Handler: h}).ListenAndServeTLS(certFile, keyFile)
}

// Serve accepts RTMP connections from l and serves them with h. It always returns an error.
func Serve(l net.Listener, h Handler) error { return (&Server{Handler: h}).Serve(l) }

// A Server serves RTMP. Its zero value, given a Handler, is ready to use.
type Server struct {
	Addr      string      // TCP address, ":1935" if empty
	Handler   Handler     // nil refuses every request
	Config    *Config     // nil means defaults
	TLSConfig *tls.Config // for ListenAndServeTLS
	MaxConns  int         // simultaneous connections per listener, more wait; zero: no limit

	// OnConnect judges the connect command. Its error refuses the connection: a *StatusError with its own code
	// and text, another one as NetConnection.Connect.Rejected. It may take its time: only its connection waits.
	// ctx is done when the connection ends.
	OnConnect func(ctx context.Context, info *ConnInfo) error

	// BaseContext and ConnContext give the context that those of the requests are made from: per listener, and
	// then per connection. Nil means context.Background and the listener's.
	BaseContext func(net.Listener) context.Context
	ConnContext func(ctx context.Context, nc net.Conn) context.Context

	ErrorLog *slog.Logger // accept errors, panics in handlers; nil: slog.Default

	mu         sync.Mutex    // guards the fields below
	closed     chan struct{} // see stopped
	listeners  map[net.Listener]struct{}
	conns      map[*Conn]struct{}
	total      ServerStats // without Conns
	onShutdown []func()
	running    sync.WaitGroup // Serve and ServeConn
}

// ListenAndServe listens on Addr and serves. It always returns an error: ErrServerClosed after Shutdown or Close.
func (s *Server) ListenAndServe() error {
	l, err := s.listen()
	if err != nil {
		return err
	}
	return s.Serve(l)
}

// ListenAndServeTLS is ListenAndServe for rtmps. The files may be empty if TLSConfig has certificates. TLS 1.2 and
// 1.3 are spoken: older encoders have nothing newer than 1.2.
func (s *Server) ListenAndServeTLS(certFile, keyFile string) error {
	config := s.TLSConfig.Clone()
	if config == nil {
		config = new(tls.Config)
	}
	if certFile != "" || keyFile != "" {
		cert, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return errors.Wrap(err, "rtmp: certificate")
		}
		config.Certificates = append(config.Certificates, cert)
	}
	l, err := s.listen()
	if err != nil {
		return err
	}
	return s.Serve(tls.NewListener(l, config))
}

func (s *Server) listen() (net.Listener, error) {
	addr := s.Addr
	if addr == "" {
		addr = ":1935"
	}
	l, err := net.Listen("tcp", addr)
	return l, ioError("listen", err)
}

// Serve accepts connections from l until Shutdown or Close, and closes l. It always returns an error:
// ErrServerClosed after Shutdown or Close.
func (s *Server) Serve(l net.Listener) error {
	defer l.Close()
	if !s.track(l) {
		return ErrServerClosed
	}
	defer s.running.Done()
	defer s.untrack(l)
	base := context.Background()
	if s.BaseContext != nil {
		base = s.BaseContext(l)
	}
	config := s.Config.resolved()
	var slots chan struct{} // one for each connection that may exist; nil: any number
	if s.MaxConns > 0 {
		slots = make(chan struct{}, s.MaxConns)
	}
	var delay time.Duration // before the next try after an accept error
	for {
		if slots != nil {
			select {
			case slots <- struct{}{}:
			case <-s.stopped():
				return ErrServerClosed
			}
		}
		nc, err := l.Accept()
		if err != nil && slots != nil {
			<-slots
		}
		switch {
		case err == nil:
			delay = 0
			go func() {
				s.serveConn(base, nc, config)
				if slots != nil {
					<-slots
				}
			}()
		case isClosed(s.stopped()):
			return ErrServerClosed
		case isTemporary(err):
			delay = min(max(2*delay, 5*time.Millisecond), time.Second)
			s.log().Error("rtmp: accept", "err", err, "retry", delay)
			select {
			case <-time.After(delay):
			case <-s.stopped():
			}
		default:
			return ioError("accept", err)
		}
	}
}

// isTemporary reports whether accepting may work again later, as when descriptors have run out.
func isTemporary(err error) bool {
	t, ok := err.(interface{ Temporary() bool })
	return ok && t.Temporary()
}

// ServeConn serves a single connection, which it owns, and returns when it and its handlers are over: nil if the
// peer closed it, else what ended it. If ctx ends, the connection is closed.
func (s *Server) ServeConn(ctx context.Context, nc net.Conn) error {
	return s.serveConn(ctx, nc, s.Config.resolved())
}

func (s *Server) serveConn(ctx context.Context, nc net.Conn, config *Config) error {
	if s.ConnContext != nil {
		ctx = s.ConnContext(ctx, nc)
	}
	c := newConn(nc, config, false)
	c.server, c.base = s, ctx
	if !s.track(c) {
		nc.Close()
		return ErrServerClosed
	}
	defer s.running.Done()
	defer s.untrack(c)
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { c.fail(context.Cause(ctx)) })
		defer stop()
	}
	c.start.Do(func() { c.loops.Add(1) })
	c.run()
	c.loops.Done()
	c.serving.Wait()
	c.loops.Wait()
	err := c.dead()
	if err == io.EOF {
		return nil
	}
	config.Logger.Debug("rtmp: connection ended", "remote", nc.RemoteAddr(), "err", err.Error())
	return err
}

// callHandler runs the handler on st and turns a panic into an error.
func (s *Server) callHandler(st *Stream) (err error) {
	defer s.recovered(st.conn, "handler", &err)
	if s.Handler == nil {
		return nil
	}
	return s.Handler.ServeRTMP(st, st.req)
}

// callOnConnect runs OnConnect and turns a panic into an error.
func (s *Server) callOnConnect(ctx context.Context, c *Conn, info *ConnInfo) (err error) {
	defer s.recovered(c, "OnConnect", &err)
	return s.OnConnect(ctx, info)
}

// recovered is deferred by what calls the code of the user: it ends a panic there and makes it the error.
func (s *Server) recovered(c *Conn, where string, err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("rtmp: panic in %s: %v", where, v)
		s.log().Error("rtmp: panic in "+where, "remote", c.nc.RemoteAddr(), "panic", v, "stack", string(debug.Stack()))
	}
}

// Shutdown closes the listeners, asks the peers that can to reconnect, and makes every stream deliver what is
// queued and then report ErrServerClosed, so that handlers return. It waits for that, or for ctx, whose cause it
// returns after closing what is left. Unlike net/http it cannot just wait: live streams do not end by themselves.
func (s *Server) Shutdown(ctx context.Context) error {
	hooks := s.close()
	for _, f := range hooks {
		f()
	}
	for _, c := range s.snapshot() {
		c.shutDown()
	}
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		for _, c := range s.snapshot() {
			c.fail(ErrServerClosed)
		}
		return context.Cause(ctx)
	}
}

// Close closes listeners and connections at once and waits for the handlers.
func (s *Server) Close() error {
	s.close()
	for _, c := range s.snapshot() {
		c.fail(ErrServerClosed)
	}
	s.running.Wait()
	return nil
}

// RegisterOnShutdown registers a function that Shutdown calls after it has closed the listeners.
func (s *Server) RegisterOnShutdown(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onShutdown = append(s.onShutdown, f)
}

// close refuses new connections, closes the listeners and returns the shutdown hooks.
func (s *Server) close() []func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ch := s.stop(); !isClosed(ch) {
		close(ch)
	}
	for l := range s.listeners {
		l.Close()
	}
	return s.onShutdown
}

// track counts a listener or connection as running. It reports false if the server is closed.
func (s *Server) track(v any) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if isClosed(s.stop()) {
		return false
	}
	switch v := v.(type) {
	case net.Listener:
		if s.listeners == nil {
			s.listeners = make(map[net.Listener]struct{})
		}
		s.listeners[v] = struct{}{}
	case *Conn:
		if s.conns == nil {
			s.conns = make(map[*Conn]struct{})
		}
		s.conns[v] = struct{}{}
		s.total.Accepted++
	}
	s.running.Add(1)
	return true
}

// refused counts a connection that was refused.
func (s *Server) refused() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total.Refused++
}

func (s *Server) untrack(v any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch v := v.(type) {
	case net.Listener:
		delete(s.listeners, v)
	case *Conn:
		delete(s.conns, v)
		s.total.Closed++
	}
}

// snapshot returns the connections that are running.
func (s *Server) snapshot() []*Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	conns := make([]*Conn, 0, len(s.conns))
	for c := range s.conns {
		conns = append(conns, c)
	}
	return conns
}

// stopped returns a channel that is closed by Shutdown or Close.
func (s *Server) stopped() chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stop()
}

// stop is stopped with s.mu held.
func (s *Server) stop() chan struct{} {
	if s.closed == nil {
		s.closed = make(chan struct{})
	}
	return s.closed
}

func (s *Server) log() *slog.Logger {
	if s.ErrorLog != nil {
		return s.ErrorLog
	}
	return slog.Default()
}
