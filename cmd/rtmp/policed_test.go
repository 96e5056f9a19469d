package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/cobra"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// A policed is a server of "rtmp serve" in memory and in virtual time.
type policed struct {
	t      *testing.T
	dialer rtmp.Dialer // from 192.0.2.1
	from   atomic.Value
	log    *transcript
}

// withServe runs f with a server that has got the flags.
func withServe(t *testing.T, flags string, f func(t *testing.T, p *policed)) {
	t.Helper()
	t.Run(flags, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var policy serveFlags
			cmd := new(cobra.Command)
			policy.add(cmd)
			if err := cmd.ParseFlags(strings.Fields(flags)); err != nil {
				t.Fatal(err)
			}
			p := &policed{t: t, log: newTranscript()}
			p.from.Store("192.0.2.1:50000")
			s := newService(slog.New(slog.NewTextHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
			if err := policy.apply(s); err != nil {
				t.Fatal(err)
			}
			l := rtmptest.NewListener()
			p.dialer.NetDial = l.Dial
			ctx, stop := context.WithCancel(context.Background())
			var serving sync.WaitGroup
			serving.Go(func() {
				if err := s.serve(ctx, addressed{l, &p.from}); err != nil {
					t.Errorf("serve = %v", err)
				}
			})
			f(t, p)
			stop()
			serving.Wait()
		})
	})
}

// addressed is a listener whose connections come from the address that is in from when they come.
type addressed struct {
	net.Listener
	from *atomic.Value
}

func (a addressed) Accept() (net.Conn, error) {
	nc, err := a.Listener.Accept()
	if err != nil {
		return nil, err
	}
	addr, err := net.ResolveTCPAddr("tcp", a.from.Load().(string))
	return remote{nc, addr}, err
}

type remote struct {
	net.Conn
	addr net.Addr
}

func (r remote) RemoteAddr() net.Addr { return r.addr }

const policedURL = "rtmp://test/live/cam"

func (p *policed) publish() (*rtmp.Publisher, error) {
	pub, err := p.dialer.Publish(context.Background(), policedURL)
	if err == nil {
		p.t.Cleanup(func() { pub.Stream().Conn().CloseNow() })
	}
	return pub, err
}

// mustPublish is publish where that has to work.
func (p *policed) mustPublish() *rtmp.Publisher {
	p.t.Helper()
	pub, err := p.publish()
	if err != nil {
		p.t.Fatalf("Publish = %v", err)
	}
	return pub
}

func (p *policed) play(dialer *rtmp.Dialer) *rtmp.Player {
	p.t.Helper()
	player, err := dialer.Play(context.Background(), policedURL)
	if err != nil {
		p.t.Fatalf("Play = %v", err)
	}
	p.t.Cleanup(func() { player.Stream().Conn().CloseNow() })
	synctest.Wait()
	return player
}

// send publishes H.264 as words: "K1" is a key frame, "f1" another one, both with 1000 bytes, and "+1s" lets time pass.
func (p *policed) send(pub *rtmp.Publisher, words string) {
	p.t.Helper()
	for _, word := range strings.Fields(words) {
		if d, err := time.ParseDuration(word); err == nil {
			<-time.After(d)
			continue
		}
		m := &message.Message{Type: message.TypeVideo, Payload: append([]byte{0x27, 1, 0, 0, 0}, make([]byte, 1000)...)}
		if word[0] == 'K' {
			m.Payload[0] = 0x17
		}
		copy(m.Payload[5:], word)
		if err := pub.WriteMessage(m); err != nil {
			p.t.Fatalf("WriteMessage(%s) = %v", word, err)
		}
	}
	if err := pub.Stream().Conn().Flush(context.Background()); err != nil {
		p.t.Fatal(err)
	}
	synctest.Wait()
}

// received returns the words that player gets within a second, and "end" if the stream ends.
func (p *policed) received(player *rtmp.Player) string {
	p.t.Helper()
	player.SetReadDeadline(time.Now().Add(time.Second))
	var words []string
	for {
		m, err := player.ReadMessage()
		if err != nil {
			if err == io.EOF {
				words = append(words, "end")
			}
			return strings.Join(words, " ")
		}
		word, _, _ := bytes.Cut(m.Payload[5:], []byte{0})
		words = append(words, string(word))
	}
}

// wantRefused checks that err is the refusal of a publisher whose name is taken, or nil if want is not set.
func (p *policed) wantRefused(who string, want bool, err error) {
	p.t.Helper()
	var refused *rtmp.StatusError
	if isRefused := errors.As(err, &refused) && refused.Code == "NetStream.Publish.BadName"; isRefused != want || !want && err != nil {
		p.t.Errorf("%s gets %v; wanted refused: %t", who, err, want)
	}
}

// A held is a connection from which nothing is read while it is on, before gate is closed.
type held struct {
	net.Conn
	on   atomic.Bool
	gate chan struct{}
}

func (h *held) Read(b []byte) (int, error) {
	n, err := h.Conn.Read(b)
	if h.on.Load() {
		<-h.gate
	}
	return n, err
}

// playHeld plays over a connection from which nothing is read any more until resume is called.
func (p *policed) playHeld(config *rtmp.Config) (player *rtmp.Player, resume func()) {
	p.t.Helper()
	slow := &held{gate: make(chan struct{})}
	dialer := p.dialer
	dialer.Config = config
	dialer.NetDial = func(ctx context.Context, network, addr string) (nc net.Conn, err error) {
		slow.Conn, err = p.dialer.NetDial(ctx, network, addr)
		return slow, err
	}
	player = p.play(&dialer)
	slow.on.Store(true)
	return player, func() { close(slow.gate) }
}
