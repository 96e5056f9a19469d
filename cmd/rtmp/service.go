package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/handshake"
	"github.com/gortmp/rtmp/relay"
)

// shutdownGrace is how long the end of a server may take. Ours: on a Ctrl-C, people wait.
const shutdownGrace = 3 * time.Second

// A service is the server behind serve and demo: a hub for any app and name, with figures and a log.
type service struct {
	log      *slog.Logger
	hub      relay.Hub
	config   rtmp.Config // of its connections; hooks are added
	maxConns int         // per listener; 0: any number

	mu      sync.Mutex // guards the fields below
	players map[*rtmp.Stream]struct{}
	gone    uint64 // bytes sent to players that have left
}

func newService(log *slog.Logger) *service {
	s := &service{log: log, players: make(map[*rtmp.Stream]struct{})}
	s.hub.Trace = &relay.Trace{Skipped: s.logSkipped}
	return s
}

// serve accepts connections from listeners until ctx ends, and then ends what is going on. It returns an error only
// if a listener fails.
func (s *service) serve(ctx context.Context, listeners ...net.Listener) error {
	config := s.config
	config.Trace = &rtmp.Trace{Handshake: s.logHandshake, Closed: s.logClosed}
	srv := &rtmp.Server{Handler: s, ErrorLog: s.log, Config: &config, MaxConns: s.maxConns}
	serving, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var running sync.WaitGroup
	for _, l := range listeners {
		running.Go(func() {
			if err := srv.Serve(l); !errors.Is(err, rtmp.ErrServerClosed) {
				fail(err)
			}
		})
	}
	<-serving.Done()
	grace, stop := context.WithTimeout(context.Background(), shutdownGrace)
	defer stop()
	if srv.Shutdown(grace) != nil {
		srv.Close()
	}
	running.Wait()
	return ended(ctx, context.Cause(serving))
}

// ended returns err, or nil if ctx is over: then that is the reason for err.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// ServeRTMP passes the request to the hub, counted and logged.
func (s *service) ServeRTMP(stream *rtmp.Stream, r *rtmp.Request) error {
	// Not App and Name: with them come the queries, and in these the secrets.
	log := s.log.With("stream", strings.Trim(r.URL.Path, "/"), "peer", r.RemoteAddr)
	if r.Method == rtmp.MethodPlay {
		s.join(stream)
		defer s.leave(stream)
	}
	start := time.Now()
	log.Info(r.Method)
	err := s.hub.ServeRTMP(stream, r)
	spent := slog.Duration("after", time.Since(start).Round(time.Millisecond))
	switch refused := (*rtmp.StatusError)(nil); {
	case errors.As(err, &refused):
		log.Warn(r.Method+" refused", "code", refused.Code, "reason", refused.Description)
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), errors.Is(err, rtmp.ErrServerClosed):
		log.Info(r.Method+" ended", spent)
	default:
		log.Info(r.Method+" ended", spent, "reason", err)
	}
	return err
}

func (s *service) join(stream *rtmp.Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.players[stream] = struct{}{}
}

func (s *service) leave(stream *rtmp.Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.players, stream)
	s.gone += stream.Conn().Info().BytesWritten
}

// figures returns the number of players and the bytes that were ever sent to players.
func (s *service) figures() (players int, sent uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent = s.gone
	for stream := range s.players {
		sent += stream.Conn().Info().BytesWritten
	}
	return len(s.players), sent
}

// logHandshake tells who came with something else than RTMP.
func (s *service) logHandshake(c *rtmp.Conn, err error) {
	var version *handshake.VersionError
	switch log := s.log.With("peer", c.RemoteAddr()); {
	case err == nil:
		log.Debug("connected")
	case errors.As(err, &version):
		log.Warn("not RTMP", "reason", version)
	default:
		log.Debug("no handshake", "reason", err)
	}
}

func (s *service) logClosed(c *rtmp.Conn, err error) {
	var broken *rtmp.ProtocolError
	log := s.log.With("peer", c.RemoteAddr())
	if errors.As(err, &broken) && broken.Layer != "handshake" {
		log.Warn("connection broken", "reason", err)
		return
	}
	log.Debug("disconnected", "reason", err)
}

// listen announces on addr. The flag is the name of the option that chose addr.
func listen(ctx context.Context, flag, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case err == nil:
		return l, nil
	case addrInUse.in(err):
		return nil, &failure{
			text: fmt.Sprintf("%s is taken: another program listens there", addr),
			hint: fmt.Sprintf("Choose another port, for example --%s :%d, or end that program.", flag, otherPort(addr)),
			err:  err,
		}
	case notAllowed.in(err):
		return nil, &failure{
			text: fmt.Sprintf("%s is not allowed: ports below 1024 are for the administrator", addr),
			hint: fmt.Sprintf("Choose another port, for example --%s :1935.", flag),
			err:  err,
		}
	}
	return nil, &failure{text: fmt.Sprintf("--%s %s: %v", flag, addr, err), err: err}
}

// otherPort returns the port to suggest in place of that of addr.
func otherPort(addr string) int {
	_, port, _ := net.SplitHostPort(addr)
	if n, err := strconv.Atoi(port); err == nil && n > 0 && n < 65535-10000 {
		return n + 10000
	}
	return 11935
}

// reachable returns the host and port to type on this machine to get to addr, without the port if it is usual.
func reachable(addr net.Addr, usual int) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return addr.String()
	}
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() || tcp.IP.IsLoopback() && tcp.IP.To4() != nil {
		host = "localhost"
	}
	if tcp.Port != usual {
		return net.JoinHostPort(host, strconv.Itoa(tcp.Port))
	}
	if tcp.IP.To4() == nil && host != "localhost" {
		return "[" + host + "]"
	}
	return host
}
