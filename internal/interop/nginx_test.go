package interop_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
)

// nginxModule returns the path of nginx's rtmp module.
func nginxModule() (string, error) {
	for _, dir := range []string{"/usr/lib/nginx/modules", "/usr/share/nginx/modules", "/usr/lib64/nginx/modules"} {
		path := filepath.Join(dir, "ngx_rtmp_module.so")
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no ngx_rtmp_module.so")
}

// An nginx is a running nginx with its rtmp module.
type nginx struct {
	*process
	addr string
}

// startNginx starts an nginx whose application is configured by directives.
func startNginx(t *testing.T, directives string) *nginx {
	t.Helper()
	need(t, "nginx", "nginx (rtmp)")
	module, err := nginxModule()
	if err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	dir := t.TempDir()
	config := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf(`
load_module %s;
daemon off;
master_process off;
pid %s/pid;
error_log stderr info;
events {}
rtmp { server { listen %s; application live { live on; %s } } }
`, module, dir, addr, directives)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	n := &nginx{start(t, "nginx", "-p", dir, "-e", "stderr", "-c", config), addr}
	awaitListening(t, n.process, addr)
	return n
}

func (n *nginx) url() string { return "rtmp://" + n.addr + "/" + streamName }

// awaitPlayers waits until n players have come, all in all.
func (n *nginx) awaitPlayers(t *testing.T, count int) {
	t.Helper()
	n.expect(t, "play: name=", count)
}

// freeAddr returns an address that nobody listens on, for programs that cannot choose one themselves.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// awaitListening waits until p takes connections at addr.
func awaitListening(t *testing.T, p *process, addr string) {
	t.Helper()
	retry(t, p, func(ctx context.Context) error {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		return c.Close()
	})
}

// retry calls do until p listens.
func retry(t *testing.T, p *process, do func(ctx context.Context) error) {
	t.Helper()
	ctx := bounded(t)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := do(ctx)
		if err == nil {
			return
		}
		if !isNobodyThere(err) {
			t.Fatal(err)
		}
		select {
		case <-tick.C:
		case <-p.done:
			t.Fatalf("%s ended: %v", p.name, p.err)
		case <-ctx.Done():
			t.Fatalf("%s does not listen: %v", p.name, err)
		}
	}
}

// Our Publish into nginx, players of others and our own out of it; they wait for the publisher.
func TestPublishToNginx(t *testing.T) {
	t.Parallel()
	for _, c := range []*clip{clipAV, clipBFrames, clipVideo, clipAudio, clipMP3, clipAVMP3, clipPast24, clipCross24} {
		t.Run(c.name, func(t *testing.T) {
			throughNginx(t, c, ourPublisher, []player{ffmpegPlayer, rtmpdumpPlayer, rtmp2Player, ourPlayer})
		})
	}
}

// Our Play from nginx, with the publishers of others.
func TestPlayFromNginx(t *testing.T) {
	t.Parallel()
	for _, from := range []publisher{ffmpegPublisher, curlPublisher, rtmp2Publisher, librtmpPublisher} {
		t.Run(from.name, func(t *testing.T) { throughNginx(t, clipAV, from, []player{ourPlayer}) })
	}
}

func throughNginx(t *testing.T, c *clip, from publisher, to []player) {
	t.Helper()
	need(t, from.needs...)
	want := c.recording(t)
	n := startNginx(t, "publish_notify on;") // or ffmpeg would not see the end
	waiting := startAll(t, to, n.url())
	n.awaitPlayers(t, waiting.count)
	ended := from.start(t, c.file(t), n.url())
	if err := ended(); err != nil {
		t.Errorf("%s: %v", from.name, err)
	}
	waiting.each(t, func(t *testing.T, p player, got *recording) { got.sameAs(t, want, p.mayLose) })
}

// Our Play comes late to a stream that our Publish sends.
func TestLateJoinAtNginx(t *testing.T) {
	t.Parallel()
	joinLate(t, startNginx(t, "publish_notify on;").url(), clipBFrames, ourLive, []player{ourPlayer, ffmpegPlayer})
}

// What nginx refuses is a *rtmp.StatusError with its code.
func TestNginxRefuses(t *testing.T) {
	t.Parallel()
	n := startNginx(t, "idle_streams off;")
	ctx := bounded(t)
	_, err := rtmp.Play(ctx, n.url())
	refused(t, "playing what nobody publishes", err, "NetStream.Play.StreamNotFound")

	p, err := rtmp.Publish(ctx, n.url())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	_, err = rtmp.Publish(ctx, n.url())
	refused(t, "publishing for a second time", err, "NetStream.Publish.BadName")
}

// refused fails t unless err is a *rtmp.StatusError with code.
func refused(t *testing.T, what string, err error, code string) {
	t.Helper()
	var status *rtmp.StatusError
	if !errors.As(err, &status) || status.Code != code {
		t.Errorf("%s: error = %v, want a *StatusError with %s", what, err, code)
	}
}
