package handshake

import "io"

// A Server is the server's side of one handshake. Once it is done and its last Output was taken, it holds no
// buffer.
//
// S0, S1 and S2 go out together once C1 is complete, in the form of C1: with a digest in the same scheme, or
// plain with four zero bytes for a version. Only for a client that sends C0 alone, and so perhaps waits for S1,
// S0 and S1 go out at once. That S1 has a digest, as nobody can know yet whether the client has one; S2 then
// follows the client. A client that did not wait after all takes both: that S1 is random bytes to a plain one,
// and the others look in both places.
type Server struct{ m machine }

// NewServer returns a Server with the options of c, which is copied and may be nil.
func NewServer(c *Config) *Server {
	h := &Server{m: machine{server: true, ours: &serverKeys, theirs: &playerKeys, version: serverVersion}}
	if c != nil {
		h.m.config = *c
	}
	h.m.config.Simple = false
	return h
}

// serverVersion must begin with 3 or more: below that, ffmpeg takes the server for a plain one.
var serverVersion = [4]byte{3, 5, 1, 1}

// Input takes the next bytes from the client, cut anywhere; p is not kept. It returns how many of them belong to
// the handshake and whether that is over: p[n:] are then the first chunks. It is over when C2 is complete,
// whatever C2 holds.
//
// A first byte other than 3 is a *VersionError and n is 0, so that the listener can give the connection to
// somebody who understands it. An error is final.
func (h *Server) Input(p []byte) (n int, done bool, err error) {
	n, done, err = h.m.input(p)
	if err == nil && h.m.state == wantFirst && len(h.m.in) == 0 && h.m.first == nil {
		h.m.greet(DigestFirst, 0)
		err = h.m.err
	}
	return n, done, err
}

// Output returns the bytes to send that it has not returned before. They are borrowed until the handshake is
// over. It is empty when there is nothing to send.
func (h *Server) Output() []byte { return h.m.output() }

// Peer returns what is known of the client so far.
func (h *Server) Peer() Peer { return h.m.peer }

// SWFKey returns the end of S1, with which the client's answer to a SWF verification request must be signed; see
// AppendSWFResponse. It is zero until S1 has gone out.
func (h *Server) SWFKey() [32]byte { return h.m.swfKey }

// Run does the whole handshake over rw and never reads past the last byte of C2. It calls Read and Write at the
// same time and returns when both have; only the deadline or the closing of rw cuts it short.
//
// It returns io.EOF if the client ended before its first byte, and io.ErrUnexpectedEOF if it did later. After a
// *VersionError up to 1537 bytes of whatever the peer sent are gone.
func (h *Server) Run(rw io.ReadWriter) error { return run(rw, h, &h.m) }
