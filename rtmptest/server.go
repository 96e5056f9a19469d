package rtmptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"sync"
	"time"

	"github.com/gortmp/rtmp"
)

// A Server is an rtmp.Server on the loopback interface, with a port of its own, for tests from end to end.
type Server struct {
	// URL is that of the Server without any app: "rtmp://127.0.0.1:34567". Stream "cam" of app "live" is
	// URL + "/live/cam". It is set by Start and StartTLS.
	URL string

	// Config is the server that runs. It may be changed between NewUnstartedServer and Start.
	Config *rtmp.Server

	// TLS may be set before StartTLS, which adds a certificate if there is none.
	TLS *tls.Config

	Listener net.Listener // on which it accepts

	served chan struct{} // closed when Serve has returned
}

// NewServer starts a Server with h. Close it.
func NewServer(h rtmp.Handler) *Server {
	s := NewUnstartedServer(h)
	s.Start()
	return s
}

// NewTLSServer starts a Server with h that speaks rtmps. Its certificate is trusted by Dialer. Close it.
func NewTLSServer(h rtmp.Handler) *Server {
	s := NewUnstartedServer(h)
	s.StartTLS()
	return s
}

// NewUnstartedServer returns a Server with h that listens but does not accept yet, so that Config can be changed. It
// panics if there is no loopback interface.
func NewUnstartedServer(h rtmp.Handler) *Server {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		if l, err = net.Listen("tcp6", "[::1]:0"); err != nil {
			panic(fmt.Sprintf("rtmptest: no port to listen on: %v", err))
		}
	}
	return &Server{Config: &rtmp.Server{Handler: h}, Listener: l}
}

// Start starts s.
func (s *Server) Start() { s.start("rtmp") }

// StartTLS starts s with TLS.
func (s *Server) StartTLS() {
	config := s.TLS.Clone()
	if config == nil {
		config = new(tls.Config)
	}
	if len(config.Certificates) == 0 && config.GetCertificate == nil {
		config.Certificates = []tls.Certificate{certificate()}
	}
	s.TLS = config
	s.Listener = tls.NewListener(s.Listener, config)
	s.start("rtmps")
}

func (s *Server) start(scheme string) {
	if s.served != nil {
		panic("rtmptest: Server was started already")
	}
	s.URL = scheme + "://" + s.Listener.Addr().String()
	s.served = make(chan struct{})
	go func() {
		defer close(s.served)
		s.Config.Serve(s.Listener) // the error is that of Close
	}()
}

// Dialer returns a new Dialer that trusts the certificate of s. Without TLS, that of the rtmp package does as well.
func (s *Server) Dialer() *rtmp.Dialer {
	if s.TLS == nil {
		return new(rtmp.Dialer)
	}
	roots := x509.NewCertPool()
	for _, c := range s.TLS.Certificates {
		if c.Leaf != nil {
			roots.AddCert(c.Leaf)
		}
	}
	return &rtmp.Dialer{TLSConfig: &tls.Config{RootCAs: roots}}
}

// Close closes the listener and every connection, and waits for the handlers.
func (s *Server) Close() {
	s.Listener.Close()
	s.Config.Close()
	if s.served != nil {
		<-s.served
	}
}

// certificate returns one for the loopback interface and "localhost", made at first use. It is valid by the fake
// clock of testing/synctest, too.
var certificate = sync.OnceValue(func() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{Organization: []string{"rtmptest"}},
		NotBefore:             time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:              time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
})
