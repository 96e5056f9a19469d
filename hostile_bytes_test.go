package rtmp_test

import (
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/handshake"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/session"
)

// random returns n bytes, the same on every run.
func random(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// Whoever speaks something else than RTMP is told from whoever does by the first byte, and gone at once.
func TestHostileProtocols(t *testing.T) {
	s := newScene(t, nil, nil)
	tests := []struct {
		name, sent, text string
	}{
		{"HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP"},
		{"RTMPT", "POST /fcs/ident2 HTTP/1.1\r\nContent-Length: 1\r\n\r\n\x00", "HTTP"},
		{"TLS", string(clientHello(t)), "TLS"},
		{"RTMPE", "\x06" + string(random(1536)), "RTMPE"},
		{"SSH", "SSH-2.0-OpenSSH_9.6\r\n", "text"},
		{"RTSP", "OPTIONS rtsp://localhost/ RTSP/1.0\r\n\r\n", "HTTP"},
		{"zeros", string(make([]byte, 10_000)), "version 0"},
		{"garbage", "\xd7" + string(random(100_000)), "0xd7"},
		{"an escape sequence", "\x1b]0;title\x07", "version 27"},
	}
	for _, tt := range tests {
		nc := s.dial()
		io.WriteString(nc, tt.sent)
		err := s.wantEnd(tt.name, nc)
		wantAs[*rtmp.ProtocolError](t, tt.name, err)
		wantAs[*handshake.VersionError](t, tt.name, err)
		if err == nil || !strings.Contains(err.Error(), tt.text) || hasControl(err.Error()) {
			t.Errorf("%s: %q, want a text with %q", tt.name, err, tt.text)
		}
	}
}

// clientHello returns what a TLS client says first.
func clientHello(t *testing.T) []byte {
	t.Helper()
	c1, c2 := net.Pipe()
	defer c2.Close()
	go func() {
		defer c1.Close()
		tls.Client(c1, &tls.Config{ServerName: "localhost"}).Handshake() // fails when c2 closes
	}()
	b := make([]byte, 4096)
	n, err := c2.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}

// hasControl reports whether s has characters that do something to a terminal.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 })
}

// A handshake that is cut off ends as a connection that is lost.
func TestHostileHalfHandshake(t *testing.T) {
	s := newScene(t, nil, nil)
	hello := append([]byte{3}, random(1536)...)
	for _, n := range []int{0, 1, 2, 1000, 1536, 1537} {
		nc := s.dial()
		nc.Write(hello[:n])
		nc.(*net.TCPConn).CloseWrite()
		wantError(t, "a handshake that ends in the middle", io.ErrUnexpectedEOF, s.wantEnd("half a handshake", nc))
	}
}

// Random bytes after each phase end the connection, or are waited for, but never do anything else.
func TestHostileGarbage(t *testing.T) {
	s := newScene(t, nil, nil)
	for _, ph := range []phase{atHandshake, atConnect, atStream, atMedia, atPlay} {
		for seed := range counts(20, 500) {
			p := s.reach(ph)
			b := random(20_000 + seed)[seed:]
			p.nc.Write(b)
			p.nc.(*net.TCPConn).CloseWrite()
			err := s.wantEnd("garbage "+ph.String(), p.nc)
			if err != io.EOF && !errors.As(err, new(*rtmp.ProtocolError)) {
				t.Errorf("garbage %v, number %d: %v, want a *ProtocolError or the end", ph, seed, err)
			}
			if hasControl(err.Error()) {
				t.Errorf("garbage %v, number %d: an error with control characters: %q", ph, seed, err)
			}
		}
	}
}

// What is wrong with chunks and with commands ends the connection at once; other nonsense does nothing.
func TestHostileLengths(t *testing.T) {
	s := newScene(t, nil, nil)
	isHeader := func(err error) bool { return errors.Is(err, chunk.ErrHeader) }
	isControl := func(err error) bool { return errors.Is(err, chunk.ErrControl) }
	isCommand := func(err error) bool { return errors.As(err, new(*session.CommandError)) }
	short := func(err error) bool { return isCommand(err) && errors.Is(err, amf0.ErrShort) }
	marker := func(err error) bool { return isCommand(err) && errors.As(err, new(*amf0.MarkerError)) }
	control := func(typ message.Type, payload string) []byte {
		return append(begin(2, typ, 0, len(payload), 0), payload...)
	}
	call := func(payload string) []byte {
		return append(begin(3, message.TypeCommand, 0, len(payload), 0), payload...)
	}
	const connect = "\x02\x00\x07connect\x00\x3f\xf0\x00\x00\x00\x00\x00\x00"
	tests := []struct {
		name string
		sent []byte
		is   func(error) bool // nil: it lives on
	}{
		{"a continuation of nothing", []byte{0xC9}, isHeader},
		{"a header that leaves out what was never said", []byte{0x89, 0, 0, 0}, isHeader},
		{"a new header inside a message", append(begin(9, 9, 1, 1000, 128), 0x49, 0, 0, 0, 0, 1, 0, 9), isHeader},
		{"chunk size 0", control(message.TypeSetChunkSize, "\x00\x00\x00\x00"), isControl},
		{"chunk size 2^31", control(message.TypeSetChunkSize, "\x80\x00\x00\x00"), isControl},
		{"half a chunk size", control(message.TypeSetChunkSize, "\x00\x01"), isControl},
		{"an empty Abort", control(message.TypeAbort, ""), isControl},
		{"Abort of nothing", control(message.TypeAbort, "\x00\x00\x00\x63"), nil},
		{"an empty acknowledgement", control(message.TypeAcknowledgement, ""), nil},
		{"half a user control event", control(message.TypeUserControl, "\x00"), nil},
		{"a ping without a time", control(message.TypeUserControl, "\x00\x06"), nil},
		{"an unknown event", control(message.TypeUserControl, "\xff\xff\x00"), nil},
		{"a window of 0", control(message.TypeWindowAckSize, "\x00\x00\x00\x00"), nil},
		{"a bandwidth of 0", control(message.TypeSetPeerBandwidth, "\x00\x00\x00\x00\x09"), nil},
		{"an empty command", call(""), nil},
		{"a name longer than the message", call("\x02\xff\xffconnect"), short},
		{"a long name longer than the message", call("\x0c\xff\xff\xff\xffconnect"), short},
		{"a list of 2^32 values", call(connect + "\x0a\xff\xff\xff\xff"), short},
		{"an object without its end", call(connect + "\x03\x00\x03app\x02\x00\x04li"), short},
		{"an AMF3 array of 2^28 values", call(connect + "\x11\x09\xff\xff\xff\xff\x01"), isCommand},
		{"an unknown marker", call(connect + "\x20"), marker},
		{"a number for a name", call("\x00\x00\x00\x00\x00\x00\x00\x00\x00"), isCommand},
		{"a name for a number", call("\x02\x00\x01x\x02\x00\x01x"), isCommand},
		{"a reference to nothing", call(connect + "\x07\x00\x09"), isCommand},
		{"a reference to itself", call(connect + "\x03\x00\x01a\x07\x00\x00\x00\x00\x09"), isCommand},
		{"a transaction that is no number", call("\x02\x00\x01x\x00\x7f\xf8\x00\x00\x00\x00\x00\x01"), nil},
		{"a transaction without end", call("\x02\x00\x0ccreateStream\x00\x7f\xf0\x00\x00\x00\x00\x00\x00"), nil},
	}
	for _, tt := range tests {
		for _, ph := range []phase{atHandshake, atConnect, atMedia, atPlay} {
			why := tt.name + " " + ph.String()
			p := s.reach(ph)
			p.raw(tt.sent)
			if tt.is == nil {
				p.ping(why)
				p.nc.Close()
				continue
			}
			err := s.wantEnd(why, p.nc)
			wantAs[*rtmp.ProtocolError](t, why, err)
			if !tt.is(err) {
				t.Errorf("%s: %v is another error than wanted", why, err)
			}
			if hasControl(err.Error()) {
				t.Errorf("%s: an error with control characters: %q", why, err)
			}
		}
	}
}

// More chunk streams than anybody needs.
func TestHostileChunkStreams(t *testing.T) {
	s := newScene(t, nil, nil)
	p := s.reach(atConnect)
	var in []byte
	for i := range 2000 { // in the form with two bytes
		in = append(in, 0x01, byte(i), byte(i>>8))
		in = append(in, begin(0, 99, 0, 0, 0)[1:]...)
	}
	p.nc.Write(in)
	err := s.wantEnd("2000 chunk streams", p.nc)
	wantError(t, "2000 chunk streams", chunk.ErrTooManyStreams, err)
	s.wantMemory("2000 chunk streams", connMemory)
}
