package dump

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/gortmp/rtmp/message"
)

// Fixed by RTMP 1.0, section 5.2.
const (
	handshakeVersion = 3
	packetSize       = 1536             // bytes of C1, C2, S1 and S2 each
	handshakeSize    = 1 + packetSize*2 // C0 C1 C2, or S0 S1 S2
	prefixSize       = 1 + 4 + 4        // C0, and the time and the software version of C1
	longestControl   = 64               // ours: payload bytes that no control message has
)

// listHandshake skips a handshake at the front of r, if there is one, and lists it. It returns its length.
func listHandshake(w io.Writer, r *bufio.Reader) (n int64, err error) {
	prefix, err := r.Peek(prefixSize)
	if len(prefix) == 0 {
		return 0, err
	}
	if foreign(prefix) {
		return 0, fmt.Errorf("%w: they begin with %q", ErrForeign, prefix)
	}
	if len(prefix) < prefixSize || !isHandshake(prefix) {
		return 0, nil
	}
	sent := binary.BigEndian.Uint32(prefix[1:])
	v := [4]byte(prefix[5:])
	fmt.Fprintf(w, "handshake: version %d, clock %d ms, software %d.%d.%d.%d\n", prefix[0], sent, v[0], v[1], v[2], v[3])
	skipped, err := r.Discard(handshakeSize)
	if err == io.EOF {
		err = ErrHandshake
	}
	return int64(skipped), err
}

// isHandshake tells C0 and C1 (or S0 and S1) from a chunk stream without a handshake, whose first header may well
// begin with the same byte: type 0, chunk stream 3. The header's bytes for length and type are then what C1 has
// for its software version, and no known version makes the header of a message that exists.
func isHandshake(p []byte) bool {
	if p[0] != handshakeVersion {
		return false
	}
	size := int(p[4])<<16 | int(p[5])<<8 | int(p[6])
	switch t := message.Type(p[7]); {
	case t == message.TypeUserControl || t.IsProtocolControl():
		return size > longestControl
	case t.IsMedia(), t.IsCommand(), t == message.TypeSharedObject, t == message.TypeSharedObjectAMF3:
		return false
	}
	return true
}

// foreign recognises HTTP and TLS. In a chunk stream both would begin with a type 1 header, or with type 0 on
// chunk stream 22 and a timestamp of nine hours.
func foreign(p []byte) bool {
	if len(p) < 4 {
		return false
	}
	switch string(p[:4]) {
	case "GET ", "POST", "HTTP", "HEAD", "PUT ", "OPTI", "CONN":
		return true
	}
	return (p[0] == 0x15 || p[0] == 0x16) && p[1] == 3 && p[2] <= 4
}
