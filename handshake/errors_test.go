package handshake

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

// TestVersionError wants an error that names what the peer speaks, leaves its bytes alone, and stays.
//
// Bug 17 of the reference system: the byte was gone after the error, and the state one that nothing led out of.
func TestVersionError(t *testing.T) {
	tests := []struct {
		in   string
		want string // a word that must be in the text
	}{
		{"GET / HTTP/1.1\r\n", "HTTP"},
		{"POST /open/1 HTTP/1.1\r\n", "HTTP"},
		{"HTTP/1.1 400 Bad Request\r\n", "HTTP"},
		{"OPTIONS * HTTP/1.1\r\n", "HTTP"},
		{"DELETE / HTTP/1.1\r\n", "HTTP"},
		{"CONNECT a:443 HTTP/1.1\r\n", "HTTP"},
		{"TRACE / HTTP/1.1\r\n", "HTTP"},
		{"\x16\x03\x01\x02\x00", "TLS"},
		{"\x15\x03\x01\x00\x02\x02\x46", "TLS"},
		{"\x06", "RTMPE"},
		{"\x08", "RTMPE"},
		{"\x09", "RTMPE"},
		{"\x00", "obsolete"},
		{"\x02", "obsolete"},
		{"\x04", "version 4"},
		{"\x1f", "version 31"},
		{"SSH-2.0-", "text"},
		{"~", "text"},
		{"\x7f", "0x7f"},
		{"\xff", "0xff"},
	}
	for _, tt := range tests {
		for name, h := range map[string]side{"client": NewClient(nil), "server": NewServer(nil)} {
			n, done, err := h.Input([]byte(tt.in))
			var v *VersionError
			if !errors.As(err, &v) || v.Got != tt.in[0] || n != 0 || done {
				t.Errorf("%s: Input(%q) = %d, %t, %v; want 0, false, a VersionError", name, tt.in, n, done, err)
				continue
			}
			if !strings.HasPrefix(err.Error(), "handshake: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: Input(%q): error %q does not name %s", name, tt.in, err, tt.want)
			}
			if n, done, again := h.Input([]byte{version}); n != 0 || done || again != err {
				t.Errorf("%s: Input after the error = %d, %t, %v; want the same error", name, n, done, again)
			}
			if out := h.Output(); len(out) != 0 {
				t.Errorf("%s: %d bytes of output after the error", name, len(out))
			}
		}
	}
}

// TestRandError runs out of random bytes at every place where some are wanted.
func TestRandError(t *testing.T) {
	broken := errors.New("no entropy")
	hello, reply := NewClient(nil).Output(), talks(t)["ffmpeg-play"].reply
	tests := []struct {
		name  string
		h     func(*Config) side
		input []byte
		good  int // random bytes before the error
	}{
		{"C1", func(c *Config) side { return NewClient(c) }, nil, 0},
		{"C2", func(c *Config) side { return NewClient(c) }, reply, packetSize - randomAt},
		{"S1 alone", func(c *Config) side { return NewServer(c) }, hello[:1], 0},
		{"S1", func(c *Config) side { return NewServer(c) }, hello, 0},
		{"S2", func(c *Config) side { return NewServer(c) }, hello, packetSize - randomAt},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &limited{left: tt.good, err: broken}
			h := tt.h(&Config{Rand: r})
			if _, done, err := h.Input(tt.input); done || !errors.Is(err, broken) {
				t.Errorf("Input = done %t, %v; want %v", done, err, broken)
			}
			if out := h.Output(); len(out) != 0 {
				t.Errorf("%d bytes of output after the error", len(out))
			}
		})
	}

	c := NewClient(&Config{Rand: iotest.ErrReader(broken)})
	if err := c.Run(nil); !errors.Is(err, broken) {
		t.Errorf("Run without random bytes = %v, want %v", err, broken)
	}
}

// limited gives some bytes and then an error.
type limited struct {
	left int
	err  error
}

func (l *limited) Read(p []byte) (int, error) {
	n := min(l.left, len(p))
	l.left -= n
	if n < len(p) {
		return n, l.err
	}
	return n, nil
}
