package handshake

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// readWriter is a connection made of two halves.
type readWriter struct {
	io.Reader
	io.Writer
}

// pipe returns the two ends of an unbuffered pipe, on which a Write ends only with the Read that takes it.
func pipe(t *testing.T) (client, server net.Conn) {
	client, server = net.Pipe()
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

// TestRun lets Client and Server block on each other, with chunk data right behind C2.
func TestRun(t *testing.T) {
	byteAtATime := func(c net.Conn) io.ReadWriter { return readWriter{iotest.OneByteReader(c), c} }
	whole := func(c net.Conn) io.ReadWriter { return c }
	tests := []struct {
		name           string
		simple         bool
		client, server func(net.Conn) io.ReadWriter
		want           Scheme
	}{
		{"digest", false, whole, whole, DigestFirst},
		{"plain", true, whole, whole, Plain},
		{"server reads single bytes and so speaks first", false, whole, byteAtATime, DigestFirst},
		{"both read single bytes", true, byteAtATime, byteAtATime, Plain},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			nc, ns := pipe(t)
			c, s := NewClient(&Config{Simple: tt.simple}), NewServer(nil)
			errc := make(chan error, 1)
			go func() {
				err := c.Run(tt.client(nc))
				if err == nil {
					_, err = nc.Write(chunkData)
				}
				errc <- err
			}()
			if err := s.Run(tt.server(ns)); err != nil {
				t.Fatalf("server: %v", err)
			}
			got := make([]byte, len(chunkData))
			if _, err := io.ReadFull(ns, got); err != nil {
				t.Fatal(err)
			}
			if err := <-errc; err != nil {
				t.Fatalf("client: %v", err)
			}
			if diff := cmp.Diff(chunkData, got); diff != "" {
				t.Errorf("after the handshake (-want +got):\n%s", diff)
			}
			want, schemes := [2]Scheme{tt.want, tt.want}, [2]Scheme{c.Peer().Scheme, s.Peer().Scheme}
			if diff := cmp.Diff(want, schemes); diff != "" {
				t.Errorf("schemes of server and client (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRunLeavesTheRest asks that bytes glued to the end of the handshake stay in the reader.
func TestRunLeavesTheRest(t *testing.T) {
	r := recorded(t, "ffmpeg-play.hex")
	for _, tt := range []struct {
		name string
		run  func(io.ReadWriter) error
		in   []byte
	}{
		{"server", NewServer(r.config()).Run, r.sent()},
		{"client", NewClient(nil).Run, append(bytes.Clone(r.reply), chunkData...)},
	} {
		in := bytes.NewReader(tt.in)
		var out bytes.Buffer
		if err := tt.run(readWriter{in, &out}); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		rest, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(chunkData, rest); diff != "" {
			t.Errorf("%s left in the reader (-want +got):\n%s", tt.name, diff)
		}
		if out.Len() != Size {
			t.Errorf("%s wrote %d bytes, want %d", tt.name, out.Len(), Size)
		}
	}
}

// TestRunCut ends the input everywhere, with io.EOF after the last byte and with it.
func TestRunCut(t *testing.T) {
	r := recorded(t, "rtmpdump.hex")
	for n := range Size {
		want := io.ErrUnexpectedEOF
		if n == 0 {
			want = io.EOF
		}
		in := r.sent()[:n]
		for name, rd := range map[string]io.Reader{
			"EOF after":  bytes.NewReader(in),
			"EOF with":   iotest.DataErrReader(bytes.NewReader(in)),
			"single EOF": iotest.OneByteReader(bytes.NewReader(in)),
		} {
			if n%101 != 0 && name == "single EOF" {
				continue // 3 MB of single bytes
			}
			if err := NewServer(nil).Run(readWriter{rd, io.Discard}); err != want {
				t.Fatalf("%s %d bytes: server error = %v, want %v", name, n, err, want)
			}
		}
		if err := NewClient(nil).Run(readWriter{bytes.NewReader(r.reply[:n]), io.Discard}); err != want {
			t.Fatalf("after %d bytes: client error = %v, want %v", n, err, want)
		}
	}
}

func TestRunErrors(t *testing.T) {
	r := recorded(t, "ffmpeg-publish.hex")
	broken := errors.New("broken")
	brokenWriter := writerFunc(func([]byte) (int, error) { return 0, broken })
	reply := func() io.Reader { return bytes.NewReader(r.reply) } // good enough for a server too
	tests := []struct {
		name string
		rw   func() readWriter
	}{
		{"read", func() readWriter { return readWriter{iotest.ErrReader(broken), io.Discard} }},
		{"read, later", func() readWriter {
			return readWriter{io.MultiReader(io.LimitReader(reply(), 100), iotest.ErrReader(broken)), io.Discard}
		}},
		{"write", func() readWriter { return readWriter{reply(), brokenWriter} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := NewClient(nil).Run(tt.rw()); err != broken {
				t.Errorf("client error = %v, want %v", err, broken)
			}
			if err := NewServer(nil).Run(tt.rw()); err != broken {
				t.Errorf("server error = %v, want %v", err, broken)
			}
		})
	}

	t.Run("version", func(t *testing.T) {
		var v *VersionError
		in := bytes.NewReader([]byte("GET / HTTP/1.1\r\n\r\n"))
		if err := NewServer(nil).Run(readWriter{in, io.Discard}); !errors.As(err, &v) || v.Got != 'G' {
			t.Errorf("error = %v, want a VersionError", err)
		}
	})

	t.Run("closed", func(t *testing.T) { // Close is what ends a Run that waits in Read and in Write
		nc, _ := pipe(t)
		errc := make(chan error)
		go func() { errc <- NewClient(nil).Run(nc) }()
		nc.Close()
		if err := <-errc; err != io.ErrClosedPipe {
			t.Errorf("error = %v, want %v", err, io.ErrClosedPipe)
		}
	})
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestRunAfterInput goes on with what was begun by hand.
func TestRunAfterInput(t *testing.T) {
	r := recorded(t, "ffmpeg-play.hex")
	in := r.sent()
	h := NewServer(r.config())
	if _, _, err := h.Input(in[:2000]); err != nil {
		t.Fatal(err)
	}
	rest := bytes.NewReader(in[2000:])
	var out bytes.Buffer
	if err := h.Run(readWriter{rest, &out}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.reply, out.Bytes()); diff != "" {
		t.Errorf("S0, S1 and S2 (-want +got):\n%s", diff)
	}
	if rest.Len() != len(chunkData) {
		t.Errorf("%d bytes left, want %d", rest.Len(), len(chunkData))
	}
	if err := h.Run(readWriter{rest, &out}); err != nil || rest.Len() != len(chunkData) {
		t.Errorf("Run after the end = %v with %d bytes left; want no error and %d", err, rest.Len(), len(chunkData))
	}
}
