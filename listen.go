package rtmp

import (
	"context"
	"crypto/tls"
	"net"
)

// Listen announces on a local address: Listen("tcp", ":1935").
func Listen(network, addr string) (*Listener, error) {
	return new(ListenConfig).Listen(context.Background(), network, addr)
}

// A ListenConfig holds options for listening. A TLSConfig makes it rtmps; old encoders need TLS 1.2 allowed, as it
// is by default.
type ListenConfig struct {
	Config    *Config
	TLSConfig *tls.Config
}

// Listen announces on a local address. ctx bounds the call, not the Listener.
func (lc *ListenConfig) Listen(ctx context.Context, network, addr string) (*Listener, error) {
	inner, err := new(net.ListenConfig).Listen(ctx, network, addr)
	if err != nil {
		return nil, ioError("listen", err)
	}
	if lc.TLSConfig != nil {
		inner = tls.NewListener(inner, lc.TLSConfig)
	}
	return NewListener(inner, lc.Config), nil
}

// NewListener accepts RTMP connections from inner, which it closes with itself. A nil config means the defaults.
func NewListener(inner net.Listener, config *Config) *Listener {
	return &Listener{inner, config.resolved()}
}

// A Listener accepts RTMP connections.
type Listener struct {
	inner  net.Listener
	config *Config
}

// Accept returns the next connection at once. The handshake follows on first use, so that a slow or hostile peer
// does not keep others from being accepted.
func (l *Listener) Accept() (*Conn, error) {
	nc, err := l.inner.Accept()
	if err != nil {
		return nil, ioError("accept", err)
	}
	return newConn(nc, l.config, false), nil
}

// Addr returns the address that it listens on.
func (l *Listener) Addr() net.Addr { return l.inner.Addr() }

// Close stops listening. Connections that were accepted live on.
func (l *Listener) Close() error { return l.inner.Close() }
