package main

import (
	"bytes"
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/gortmp/rtmp/cmd/rtmp/internal/clip"
	"github.com/gortmp/rtmp/message"
)

// The demo says where its stream is, the stream is there, the line counts who watches, and Ctrl-C ends it.
func TestDemo(t *testing.T) {
	t.Parallel()
	demo := start(t, "demo", "--addr", "127.0.0.1:0")
	url := demo.out.await(t, `ffplay \S+ \S+ (rtmp://\S+)\n`)[1]
	play := start(t, "play", url, "-o", "-")
	demo.out.await(t, `up 0:00:\d\d   1 player   [1-9]\d* kbit/s sent\n`)
	play.stop()
	if code := play.wait(t); code != exitOK {
		t.Errorf("play: exit code %d: %s", code, play.err)
	}
	demo.out.await(t, `   0 players   `)
	demo.stop()
	if code := demo.wait(t); code != exitOK || !strings.HasSuffix(demo.out.String(), "Stopped.\n") {
		t.Errorf("demo: exit code %d:\n%s%s", code, demo.out, demo.err)
	}

	src, err := clip.Open()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for {
		m, err := src.ReadMessage()
		if err != nil {
			break
		}
		want[string(m.Payload)] = true
	}
	got := readFLV(t, []byte(play.out.String()))
	if len(got) < 20 {
		t.Errorf("%d messages were played", len(got))
	}
	for _, m := range got {
		if m.Type != message.TypeData && !want[string(m.Payload)] {
			t.Errorf("%v at %d ms is not from the clip", m.Type, m.Timestamp)
		}
	}
}

// Without a wish of the user's, a port that is taken is no obstacle.
func TestDemoPortTaken(t *testing.T) {
	t.Parallel()
	if l, err := net.Listen("tcp", "127.0.0.1:1935"); err == nil {
		defer l.Close() // else somebody else has taken it, which is as good
	}
	demo := start(t, "demo")
	port := demo.out.await(t, `^Port 1935 is taken by another program; this one has taken port (\d+)\.\n`)[1]
	demo.out.await(t, `rtmp://localhost:`+port+`/live/demo\n`)
	demo.stop()
	if code := demo.wait(t); code != exitOK {
		t.Errorf("demo: exit code %d: %s", code, demo.err)
	}
}

func TestReachable(t *testing.T) {
	tests := []struct {
		ip   string
		port int
		want string
	}{
		{"127.0.0.1", 1935, "localhost"},
		{"127.0.0.1", 1936, "localhost:1936"},
		{"::", 1935, "localhost"},
		{"0.0.0.0", 11935, "localhost:11935"},
		{"::1", 1935, "[::1]"},
		{"::1", 1936, "[::1]:1936"},
		{"192.0.2.7", 1935, "192.0.2.7"},
		{"2001:db8::7", 1936, "[2001:db8::7]:1936"},
	}
	for _, tt := range tests {
		addr := &net.TCPAddr{IP: net.ParseIP(tt.ip), Port: tt.port}
		if got := reachable(addr, 1935); got != tt.want {
			t.Errorf("reachable(%v) = %q, want %q", addr, got, tt.want)
		}
	}
}

// The clip is part of the program; it must not make it fat.
func TestClipSize(t *testing.T) {
	src, err := clip.Open()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for {
		m, err := src.ReadMessage()
		if err != nil {
			break
		}
		b.Write(m.Payload)
	}
	if b.Len() == 0 || b.Len() >= 400_000 {
		t.Errorf("the clip has %d bytes, want less than 400,000", b.Len())
	}
}

func TestElsewhere(t *testing.T) {
	tests := []struct{ ip, want string }{
		{"127.0.0.1", `^$`},
		{"192.0.2.7", `^$`},
		{"0.0.0.0", `^(\n    rtmp://[0-9.]+:1999/live/demo   from other machines)?$`}, // nothing without a network
	}
	for _, tt := range tests {
		if got := elsewhere(&net.TCPAddr{IP: net.ParseIP(tt.ip), Port: 1999}); !regexp.MustCompile(tt.want).MatchString(got) {
			t.Errorf("elsewhere(%s) = %q, want %s", tt.ip, got, tt.want)
		}
	}
}
