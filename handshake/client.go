package handshake

import "io"

// A Client is the client's side of one handshake. It has something to say before it has heard anything: Output
// comes first. Once it is done and its last Output was taken, it holds no buffer.
//
// A server that knows no digest, which its plain S1 or its echo shows, is answered in the plain form.
type Client struct {
	m       machine
	started bool
}

// NewClient returns a Client with the options of c, which is copied and may be nil.
func NewClient(c *Config) *Client {
	h := &Client{m: machine{ours: &playerKeys, theirs: &serverKeys, version: clientVersion}}
	if c != nil {
		h.m.config = *c
	}
	return h
}

// clientVersion is Flash Player 9.0.124.2, as ffmpeg says too.
var clientVersion = [4]byte{9, 0, 124, 2}

// Input takes the next bytes from the server, cut anywhere; p is not kept. It returns how many of them belong to
// the handshake and whether that is over: p[n:] are then the first chunks. C2 goes out as soon as S1 is complete,
// and the handshake is over when S2 is, whatever it holds.
//
// A first byte other than 3 is a *VersionError. An error is final.
func (h *Client) Input(p []byte) (n int, done bool, err error) {
	h.start()
	return h.m.input(p)
}

// Output returns the bytes to send that it has not returned before; at first C0 and C1. They are borrowed until
// the handshake is over. It is empty when there is nothing to send.
func (h *Client) Output() []byte {
	h.start()
	return h.m.output()
}

// start makes C0 and C1.
func (h *Client) start() {
	if h.started {
		return
	}
	h.started = true
	if h.m.config.Simple {
		h.m.greet(Plain, 0)
	} else {
		h.m.greet(DigestFirst, 0)
	}
}

// Peer returns what is known of the server so far.
func (h *Client) Peer() Peer { return h.m.peer }

// SWFKey returns the end of S1, with which AppendSWFResponse signs. It is zero until S1 has come.
func (h *Client) SWFKey() [32]byte { return h.m.swfKey }

// Run does the whole handshake over rw and never reads past the last byte of S2. It calls Read and Write at the
// same time and returns when both have; only the deadline or the closing of rw cuts it short.
//
// It returns io.EOF if the server ended before its first byte, and io.ErrUnexpectedEOF if it did later.
func (h *Client) Run(rw io.ReadWriter) error {
	h.start()
	return run(rw, h, &h.m)
}
