package rtmp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	pkgerrors "github.com/pkg/errors"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/rtmptest"
)

// What the server sees of each way to dial.
func TestDialSays(t *testing.T) {
	connect := amf0.Object{
		{Name: "flashVer", Value: "mine/1.0"},
		{Name: "extra", Value: 7.0},
		{Name: "type", Value: amf0.Undefined{}},
		{Name: "capsEx", Value: amf0.Undefined{}},
	}
	tests := []struct {
		name     string
		dial     func(ctx context.Context, d *rtmp.Dialer, url string) (io.Closer, error)
		url      string
		connect  amf0.Object
		app      string
		tcURL    string
		flashVer string
		with     []string // properties of the connect object
		without  []string
		method   string
		stream   string
	}{
		{name: "Dial", url: "rtmp://test/live/inst", app: "live/inst", tcURL: "rtmp://test/live/inst",
			dial: func(ctx context.Context, d *rtmp.Dialer, url string) (io.Closer, error) {
				return closer(d.Dial(ctx, url))
			},
			flashVer: "FMLE/3.0 (compatible; gortmp)", with: []string{"type"}, without: []string{"capsEx"}},
		{name: "Publish", url: "rtmp://test:1936/live/cam?key=1", app: "live", tcURL: "rtmp://test:1936/live",
			dial: func(ctx context.Context, d *rtmp.Dialer, url string) (io.Closer, error) {
				return closer(d.Publish(ctx, url))
			},
			flashVer: "FMLE/3.0 (compatible; gortmp)", with: []string{"type"}, without: []string{"capsEx", "fourCcList"},
			method: rtmp.MethodPublish, stream: "cam?key=1"},
		{name: "Play announces what it can take", url: "rtmp://test/live/cam", app: "live", tcURL: "rtmp://test/live",
			dial: func(ctx context.Context, d *rtmp.Dialer, url string) (io.Closer, error) {
				return closer(d.Play(ctx, url))
			},
			flashVer: "FMLE/3.0 (compatible; gortmp)", with: []string{"capsEx", "fourCcList", "videoFourCcInfoMap"},
			method: rtmp.MethodPlay, stream: "cam"},
		{name: "Connect replaces and leaves out", url: "rtmp://test/live/cam", app: "live", tcURL: "rtmp://test/live", connect: connect,
			dial: func(ctx context.Context, d *rtmp.Dialer, url string) (io.Closer, error) {
				return closer(d.Play(ctx, url))
			},
			flashVer: "mine/1.0", with: []string{"extra", "fourCcList"}, without: []string{"type", "capsEx"},
			method: rtmp.MethodPlay, stream: "cam"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				infos := make(chan rtmp.ConnInfo, 1)
				requests := make(chan *rtmp.Request, 1)
				d := serve(t, &rtmp.Server{
					OnConnect: func(ctx context.Context, info *rtmp.ConnInfo) error { infos <- *info; return nil },
					Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
						requests <- r
						return ingest(s, r)
					}),
				})
				d.Connect = tt.connect
				c, err := tt.dial(t.Context(), d, tt.url)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				info := <-infos
				if info.App != tt.app || info.TCURL != tt.tcURL || info.FlashVer != tt.flashVer {
					t.Errorf("app, tcUrl and flashVer are %q, %q, %q, want %q, %q, %q",
						info.App, info.TCURL, info.FlashVer, tt.app, tt.tcURL, tt.flashVer)
				}
				if info.Connect[0].Name != "app" {
					t.Errorf("the first property is %q, want app", info.Connect[0].Name)
				}
				for _, name := range tt.with {
					if _, ok := info.Connect.Get(name); !ok {
						t.Errorf("the connect object has no %s", name)
					}
				}
				for _, name := range tt.without {
					if v, ok := info.Connect.Get(name); ok {
						t.Errorf("the connect object has %s: %v", name, v)
					}
				}
				if tt.method == "" {
					return
				}
				if r := <-requests; r.Method != tt.method || r.Name != tt.stream {
					t.Errorf("the request is %s %s, want %s %s", r.Method, r.Name, tt.method, tt.stream)
				}
			})
		})
	}
}

// closer makes the results of Dial, Publish and Play the same type, without a nil in it.
func closer[T io.Closer](c T, err error) (io.Closer, error) { return c, err }

func TestDialDoesNotChangeItsDialer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := serve(t, &rtmp.Server{Handler: ingest})
		d.Connect = amf0.Object{{Name: "extra", Value: 7.0}}
		before := *d
		for range 2 {
			p, err := d.Play(t.Context(), "rtmp://test/live/cam")
			if err != nil {
				t.Fatal(err)
			}
			p.Close()
		}
		if diff := cmp.Diff(before.Connect, d.Connect); diff != "" {
			t.Errorf("Dialer.Connect (-before +after):\n%s", diff)
		}
	})
}

func TestDialAddress(t *testing.T) {
	errDial := errors.New("no network")
	for url, want := range map[string]string{
		"rtmp://host/app":             "tcp host:1935",
		"rtmps://host/app":            "tcp host:443",
		"rtmp://[::1]:1936/app":       "tcp [::1]:1936",
		"rtmp://user:secret@host/app": "tcp host:1935",
	} {
		d := &rtmp.Dialer{NetDial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if got := network + " " + addr; got != want {
				t.Errorf("Dial(%s) dials %s, want %s", url, got, want)
			}
			return nil, errDial
		}}
		_, err := d.Dial(t.Context(), url)
		wantError(t, "NetDial fails", errDial, err)
	}
}

func TestDialBadURL(t *testing.T) {
	ctx := t.Context()
	for name, err := range map[string]error{
		"Dial":    second(rtmp.Dial(ctx, "http://host/app")),
		"Publish": second(rtmp.Publish(ctx, "rtmp://host/")),
		"Play":    second(rtmp.Play(ctx, "rtmp://host")),
	} {
		wantAs[*rtmp.URLError](t, name, err)
	}
}

func second[T any](_ T, err error) error { return err }

// What the network says keeps its type and gets one stack, for whoever prints it with %+v.
func TestDialNetworkError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, err = rtmp.Dial(t.Context(), "rtmp://"+addr+"/live")
	wantAs[*net.OpError](t, "nobody listens", err)
	if !strings.HasPrefix(err.Error(), "rtmp: dial: ") {
		t.Errorf("the text is %q, want the prefix rtmp: dial", err)
	}
	var tracer interface{ StackTrace() pkgerrors.StackTrace }
	if !errors.As(err, &tracer) {
		t.Error("the error has no stack")
	}
	if n := strings.Count(fmt.Sprintf("%+v", err), "dial.go:"); n < 1 {
		t.Errorf("%%+v does not say where it came from: %+v", err)
	}
}

// A server that accepts the connection and then says nothing, or too little.
func TestDialTimeouts(t *testing.T) {
	tests := []struct {
		name, url, layer string
		server           func(t *testing.T, nc net.Conn)
		after            time.Duration
	}{
		{"handshake", "rtmp://test/live", "handshake", func(t *testing.T, nc net.Conn) {}, 3 * time.Second},
		{"TLS handshake", "rtmps://test/live", "handshake", func(t *testing.T, nc net.Conn) {}, 3 * time.Second},
		{"one byte per second", "rtmp://test/live", "handshake", func(t *testing.T, nc net.Conn) {
			for b := []byte{3}; ; b[0] = 0 {
				if _, err := nc.Write(b); err != nil {
					return
				}
				<-time.After(time.Second)
			}
		}, 3 * time.Second},
		{"connect", "rtmp://test/live", "session", func(t *testing.T, nc net.Conn) { newPeer(t, nc, false) }, 7 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				nc1, nc2 := rtmptest.NetPipe()
				d := &rtmp.Dialer{
					Config:  &rtmp.Config{HandshakeTimeout: 3 * time.Second, ConnectTimeout: 4 * time.Second},
					NetDial: func(context.Context, string, string) (net.Conn, error) { return nc1, nil },
				}
				var server sync.WaitGroup
				server.Go(func() { tt.server(t, nc2) })
				begin := time.Now()
				_, err := d.Dial(t.Context(), tt.url)
				if protocol := wantAs[*rtmp.ProtocolError](t, tt.name, err); protocol != nil && protocol.Layer != tt.layer {
					t.Errorf("layer = %q, want %q: %v", protocol.Layer, tt.layer, err)
				}
				var timeout interface{ Timeout() bool }
				if !errors.As(err, &timeout) || !timeout.Timeout() {
					t.Errorf("Dial = %v, want an error that says Timeout", err)
				}
				if took := time.Since(begin); took != tt.after {
					t.Errorf("Dial took %v, want %v", took, tt.after)
				}
				server.Wait()
				if _, err := io.Copy(io.Discard, nc2); err != nil {
					t.Errorf("the connection is left open: %v", err)
				}
				nc2.Close()
			})
		})
	}
}

// Closing what Publish and Play returned closes the connection that they made.
func TestPublishAndPlayOwnTheirConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := make(chan error, 2)
		d := serve(t, &rtmp.Server{Handler: ingest, Config: &rtmp.Config{Trace: &rtmp.Trace{
			Closed: func(c *rtmp.Conn, err error) { closed <- err },
		}}})
		pub, err := d.Publish(t.Context(), "rtmp://test/live/cam")
		if err != nil {
			t.Fatal(err)
		}
		player, err := d.Play(t.Context(), "rtmp://test/live/cam")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []io.Closer{pub, player} {
			if err := c.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			wantError(t, "the server sees the end of the connection", io.EOF, <-closed)
		}
	})
}
