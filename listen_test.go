package rtmp_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/rtmptest"
)

func TestListen(t *testing.T) {
	for name, config := range map[string]*rtmp.ListenConfig{
		"plain": {},
		"TLS":   {TLSConfig: serverTLS()},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			nc, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			c, err := l.Accept()
			if err != nil {
				t.Fatalf("Accept of a peer that says nothing: %v", err)
			}
			if _, isTLS := c.NetConn().(*tls.Conn); isTLS != (name == "TLS") {
				t.Errorf("NetConn is a %T", c.NetConn())
			}
			if c.RemoteAddr().String() != nc.LocalAddr().String() || c.LocalAddr().String() != l.Addr().String() {
				t.Errorf("the addresses are %v and %v, want %v and %v", c.LocalAddr(), c.RemoteAddr(), l.Addr(), nc.LocalAddr())
			}
			if err := c.Close(); err != nil {
				t.Errorf("Close before the handshake: %v", err)
			}
			wantError(t, "Handshake after Close", net.ErrClosed, c.Handshake(t.Context()))
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			_, err = l.Accept()
			wantError(t, "Accept after Close", net.ErrClosed, err)
		})
	}
}

func TestListenOnAUsedPort(t *testing.T) {
	l, err := rtmp.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	addr := l.Addr().String()
	_, err = rtmp.Listen("tcp", addr)
	wantAs[*net.OpError](t, "Listen on a port in use", err)
	wantAs[*net.OpError](t, "ListenAndServe on a port in use", rtmp.ListenAndServe(addr, ingest))
	wantAs[*net.OpError](t, "ListenAndServe of a Server", (&rtmp.Server{Addr: addr}).ListenAndServe())
}

// One frame through each of the functions that listen.
func TestListenAndServe(t *testing.T) {
	cert, key := certificateFiles(t)
	for name, listen := range map[string]func(s *rtmp.Server) error{
		"rtmp":  func(s *rtmp.Server) error { return s.ListenAndServe() },
		"rtmps": func(s *rtmp.Server) error { return s.ListenAndServeTLS(cert, key) },
	} {
		t.Run(name, func(t *testing.T) {
			type key struct{}
			addrs := make(chan net.Addr, 1)
			values := make(chan any, 1)
			s := &rtmp.Server{
				Addr: "127.0.0.1:0",
				BaseContext: func(l net.Listener) context.Context {
					addrs <- l.Addr()
					return context.WithValue(context.Background(), key{}, "base")
				},
				Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
					values <- r.Context().Value(key{})
					return ingest(s, r)
				}),
			}
			served := make(chan error, 1)
			go func() { served <- listen(s) }()
			d := &rtmp.Dialer{TLSConfig: &tls.Config{InsecureSkipVerify: true}}
			pub, err := d.Publish(t.Context(), name+"://"+(<-addrs).String()+"/live/cam")
			if err != nil {
				t.Fatal(err)
			}
			if v := <-values; v != "base" {
				t.Errorf("the context of the request has %v, want what BaseContext gave it", v)
			}
			pub.Close()
			if err := s.Shutdown(t.Context()); err != nil {
				t.Errorf("Shutdown: %v", err)
			}
			wantError(t, "the Serve method after Shutdown", rtmp.ErrServerClosed, <-served)
			wantError(t, "and again", rtmp.ErrServerClosed, listen(s))
		})
	}
}

func TestListenAndServeTLSWithoutCertificate(t *testing.T) {
	err := rtmp.ListenAndServeTLS("127.0.0.1:0", "no such file", "no such file", ingest)
	wantError(t, "the certificate does not exist", os.ErrNotExist, err)
}

// certificateFiles writes the certificate of rtmptest to files.
func certificateFiles(t *testing.T) (cert, key string) {
	t.Helper()
	c := serverTLS().Certificates[0]
	der, err := x509.MarshalECPrivateKey(c.PrivateKey.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, block := range map[string]*pem.Block{
		"cert": {Type: "CERTIFICATE", Bytes: c.Certificate[0]},
		"key":  {Type: "EC PRIVATE KEY", Bytes: der},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "cert"), filepath.Join(dir, "key")
}

// A listener that has errors for a while, as when descriptors run out.
type flakyListener struct {
	*rtmptest.Listener
	errs []error
	at   []time.Time // of the calls to Accept
}

func (l *flakyListener) Accept() (net.Conn, error) {
	l.at = append(l.at, time.Now())
	if len(l.errs) > 0 {
		err := l.errs[0]
		l.errs = l.errs[1:]
		return nil, err
	}
	return l.Listener.Accept()
}

type temporaryError struct{ error }

func (temporaryError) Temporary() bool { return true }

func TestServeRetriesAccept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := temporaryError{errors.New("too many open files")}
		l := &flakyListener{Listener: rtmptest.NewListener(), errs: []error{full, full, full}}
		s := &rtmp.Server{Handler: ingest, MaxConns: 1, ErrorLog: discardLog}
		begin := time.Now()
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		d := &rtmp.Dialer{NetDial: l.Dial}
		c, err := d.Dial(t.Context(), "rtmp://test/live")
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		synctest.Wait()
		var after []time.Duration
		for _, at := range l.at[:4] {
			after = append(after, at.Sub(begin))
		}
		want := []time.Duration{0, 5 * time.Millisecond, 15 * time.Millisecond, 35 * time.Millisecond}
		if diff := cmp.Diff(want, after); diff != "" {
			t.Errorf("times of the calls to Accept (-want +got):\n%s", diff)
		}
		s.Close()
		wantError(t, "Serve after Close", rtmp.ErrServerClosed, <-served)
	})
}

func TestServeReturnsWhatEndsAccept(t *testing.T) {
	broken := errors.New("the listener is broken")
	l := &flakyListener{Listener: rtmptest.NewListener(), errs: []error{broken}}
	wantError(t, "Serve", broken, rtmp.Serve(l, ingest))
	_, err := l.Listener.Accept()
	wantError(t, "the listener is closed", net.ErrClosed, err)
}

// Closing the server while it waits to try again ends the wait.
func TestServeCloseWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var errs []error
		for range 20 {
			errs = append(errs, temporaryError{errors.New("too many open files")})
		}
		l := &flakyListener{Listener: rtmptest.NewListener(), errs: errs}
		s := &rtmp.Server{ErrorLog: discardLog}
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		<-time.After(2500 * time.Millisecond)
		begin := time.Now()
		s.Close()
		wantError(t, "Serve", rtmp.ErrServerClosed, <-served)
		if took := time.Since(begin); took != 0 {
			t.Errorf("Close took %v", took)
		}
	})
}
