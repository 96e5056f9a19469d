package handshake

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/internal/golden"
)

// random returns the same random bytes every time.
func random() io.Reader { return rand.NewChaCha8([32]byte{1}) }

// A transcript is all that one side of a handshake did. It can be compared, because there are many to compare.
type transcript struct {
	Out  string
	Used int // bytes of the input that were part of the handshake
	Done bool
	Err  string
	Peer Peer
	Key  [32]byte
}

// diff returns what is different in got; "" means nothing.
func (tr transcript) diff(got transcript) string {
	if tr == got {
		return ""
	}
	return cmp.Diff(tr, got)
}

// side is what Client and Server have in common.
type side interface {
	pusher
	Peer() Peer
	SWFKey() [32]byte
}

// feed gives in to h in pieces that end where pieces says, and then the rest.
func feed(t testing.TB, h side, in []byte, pieces ...int) transcript {
	t.Helper()
	var got transcript
	var out []byte
	take := func() { out = append(out, h.Output()...) }
	take()
	for from := 0; !got.Done && got.Err == ""; {
		to := len(in)
		if len(pieces) > 0 {
			to, pieces = min(pieces[0], len(in)), pieces[1:]
		}
		n, done, err := h.Input(in[from:to])
		take()
		got.Used += n
		if got.Done = done; err != nil {
			got.Err = err.Error()
		}
		if !done && err == nil && n != to-from {
			t.Fatalf("Input(%d bytes) used %d and is not done", to-from, n)
		}
		if from = to; to == len(in) {
			break
		}
	}
	got.Out, got.Peer, got.Key = string(out), h.Peer(), h.SWFKey()
	return got
}

// talk is a conversation in which one side of this package took part.
type talk struct {
	hello  []byte // C0 and C1
	reply  []byte // S0, S1 and S2
	answer []byte // C2
}

// recorded reads one of the recorded conversations.
func recorded(t testing.TB, file string) talk {
	t.Helper()
	flows := golden.Flows(t, "testdata/"+file)
	if len(flows) != 3 || !flows[0].Client || flows[1].Client || !flows[2].Client {
		t.Fatalf("%s is not a handshake", file)
	}
	return talk{hello: flows[0].Bytes, reply: flows[1].Bytes, answer: flows[2].Bytes}
}

// config returns the options with which a Server gives the recorded reply again.
func (r *talk) config() *Config {
	return &Config{Time: 1000, Rand: io.MultiReader(
		bytes.NewReader(r.reply[1+randomAt:1+packetSize]), // of S1, with the digest in place of what was there before
		bytes.NewReader(r.reply[1+packetSize:]),           // of S2
	)}
}

// sent returns what the client sent, and chunk data after it.
func (r *talk) sent() []byte { return bytes.Join([][]byte{r.hello, r.answer, chunkData}, nil) }

// chunkData stands for what follows a handshake.
var chunkData = []byte("\x03\x00\x00\x00\x00\x00\x8c\x14\x00\x00\x00\x00")

// talks returns one of each form that a client can take, most of them recorded.
func talks(t testing.TB) map[string]talk {
	t.Helper()
	m := make(map[string]talk)
	for _, file := range []string{"ffmpeg-publish", "ffmpeg-play", "rtmpdump", "rtmpdump-swf"} {
		m[file] = recorded(t, file+".hex")
	}
	keyFirst := talk{hello: append([]byte{version}, golden.Vector(t, "hs.c1.digest.scheme1").Bytes...)}
	keyFirst.reply = []byte(feed(t, NewServer(&Config{Rand: random()}), keyFirst.hello).Out)
	keyFirst.answer = make([]byte, packetSize) // answers nothing
	m["key first"] = keyFirst
	return m
}

func TestStrings(t *testing.T) {
	got := []string{
		Plain.String(), DigestFirst.String(), KeyFirst.String(), Scheme(7).String(),
		Unverified.String(), Echo.String(), Signed.String(), Answer(7).String(),
	}
	want := []string{
		"plain", "digest first", "key first", "scheme(7)",
		"unverified", "echo", "signed", "answer(7)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

// TestDefaultRand asks that every byte is written, and that no two handshakes have the same.
func TestDefaultRand(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, signatureAt, packetSize - randomAt} {
		var c Config
		seen := make([]byte, n)
		var last []byte
		for range 64 { // a byte that stays zero that long was never written
			p := make([]byte, n)
			if err := c.fill(p); err != nil {
				t.Fatal(err)
			}
			if n >= 8 && bytes.Equal(p, last) {
				t.Errorf("%d bytes came twice: %x", n, p)
			}
			last = p
			for i, b := range p {
				seen[i] |= b
			}
		}
		if i := bytes.IndexByte(seen, 0); i >= 0 {
			t.Errorf("byte %d of %d is never random", i, n)
		}
	}
}

// TestPair lets our two sides talk to each other in all forms.
func TestPair(t *testing.T) {
	tests := []struct {
		name           string
		client, server *Config
		wantClient     Peer // what the server knows of the client
		wantServer     Peer
	}{
		{
			name:       "digest",
			wantClient: Peer{Version: clientVersion, Scheme: DigestFirst, Answer: Signed},
			wantServer: Peer{Version: serverVersion, Scheme: DigestFirst, Answer: Signed},
		},
		{
			name:       "digest with clocks",
			client:     &Config{Time: 1},
			server:     &Config{Time: 0xFFFFFFFF},
			wantClient: Peer{Time: 1, Version: clientVersion, Scheme: DigestFirst, Answer: Signed},
			wantServer: Peer{Time: 0xFFFFFFFF, Version: serverVersion, Scheme: DigestFirst, Answer: Signed},
		},
		{
			name:       "plain",
			client:     &Config{Simple: true},
			wantClient: Peer{Answer: Echo},
			wantServer: Peer{Answer: Echo},
		},
		{
			name:       "plain with clocks",
			client:     &Config{Simple: true, Time: 5},
			server:     &Config{Simple: true, Time: 6},
			wantClient: Peer{Time: 5, Answer: Echo},
			wantServer: Peer{Time: 6, Answer: Echo},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, s := NewClient(tt.client), NewServer(tt.server)
			if n, done, err := s.Input(c.Output()); n != 1+packetSize || done || err != nil {
				t.Fatalf("server after C1: %d, %t, %v", n, done, err)
			}
			if n, done, err := c.Input(s.Output()); n != Size || !done || err != nil {
				t.Fatalf("client after S2: %d, %t, %v", n, done, err)
			}
			if n, done, err := s.Input(append(bytes.Clone(c.Output()), chunkData...)); n != packetSize || !done || err != nil {
				t.Fatalf("server after C2: %d, %t, %v", n, done, err)
			}
			if diff := cmp.Diff(tt.wantClient, s.Peer()); diff != "" {
				t.Errorf("the client as the server sees it (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.wantServer, c.Peer()); diff != "" {
				t.Errorf("the server as the client sees it (-want +got):\n%s", diff)
			}
			if c.SWFKey() != s.SWFKey() || c.SWFKey() == [32]byte{} {
				t.Errorf("keys for SWF verification: client %x, server %x", c.SWFKey(), s.SWFKey())
			}
			for name, h := range map[string]side{"client": c, "server": s} {
				if n, done, err := h.Input(chunkData); n != 0 || !done || err != nil {
					t.Errorf("%s after the end: Input = %d, %t, %v; want 0, true, no error", name, n, done, err)
				}
				if out := h.Output(); len(out) != 0 {
					t.Errorf("%s after the end: %d bytes of output", name, len(out))
				}
			}
			for name, m := range map[string]*machine{"client": &c.m, "server": &s.m} {
				if m.in != nil || m.out != nil || m.first != nil {
					t.Errorf("%s holds buffers after the end", name)
				}
			}
		})
	}
}
