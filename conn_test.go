package rtmp_test

import (
	"crypto/tls"
	"net"
	"testing"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/rtmptest"
)

// The same questions over everything that carries bytes.
func TestConn(t *testing.T) {
	carriers := []struct {
		name string
		dial func() (nc1, nc2 net.Conn, err error)
	}{
		{"pipe", func() (nc1, nc2 net.Conn, err error) {
			nc1, nc2 = rtmptest.NetPipe()
			return nc1, nc2, nil
		}},
		{"TCP", tcpPair},
		{"TCP in disguise", func() (nc1, nc2 net.Conn, err error) {
			nc1, nc2, err = tcpPair()
			if err != nil {
				return nil, nil, err
			}
			return xorConn{nc1.(*net.TCPConn)}, xorConn{nc2.(*net.TCPConn)}, nil
		}},
		{"TLS", func() (nc1, nc2 net.Conn, err error) {
			nc1, nc2, err = tcpPair()
			if err != nil {
				return nil, nil, err
			}
			return tls.Client(nc1, &tls.Config{InsecureSkipVerify: true}), tls.Server(nc2, serverTLS()), nil
		}},
	}
	for _, carrier := range carriers {
		t.Run(carrier.name, func(t *testing.T) {
			rtmptest.TestConn(t, func() (client, server *rtmp.Conn, stop func(), err error) {
				nc1, nc2, err := carrier.dial()
				if err != nil {
					return nil, nil, nil, err
				}
				client, server, err = rtmptest.Connect(nc1, nc2, nil, nil)
				return client, server, func() { client.CloseNow(); server.CloseNow() }, err
			})
		})
	}
}

// tcpPair returns the two ends of a connection over the loopback interface.
func tcpPair() (nc1, nc2 net.Conn, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	if nc1, err = net.Dial("tcp", l.Addr().String()); err != nil {
		return nil, nil, err
	}
	nc2, err = l.Accept()
	return nc1, nc2, err
}

// serverTLS returns the configuration of a server with a certificate.
func serverTLS() *tls.Config {
	s := rtmptest.NewTLSServer(nil)
	defer s.Close()
	return s.TLS
}

// xorConn is a connection of the operating system with a Read and a Write of its own, as wrappers for PROXY headers,
// counting or encryption have them.
type xorConn struct{ *net.TCPConn }

func (c xorConn) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	for i := range p[:n] {
		p[i] ^= 0x55
	}
	return n, err
}

func (c xorConn) Write(p []byte) (int, error) {
	q := make([]byte, len(p))
	for i := range p {
		q[i] = p[i] ^ 0x55
	}
	return c.TCPConn.Write(q)
}
