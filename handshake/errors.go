package handshake

import "fmt"

// A VersionError reports a first byte other than 3, so that the peer does not speak RTMP, or not this form of it.
// It ends the connection.
type VersionError struct{ Got byte }

// Error says what the peer probably speaks instead, in words for whoever reads the log.
func (e *VersionError) Error() string {
	switch b := e.Got; {
	case b == 0x15, b == 0x16: // record types alert and handshake
		return fmt.Sprintf("handshake: peer speaks TLS, not RTMP (first byte 0x%02x): one side uses rtmps, the other rtmp", b)
	case b == 6, b == 8, b == 9:
		return fmt.Sprintf("handshake: peer wants encrypted RTMPE (version %d), which is not supported: use rtmp or rtmps", b)
	case b < version:
		return fmt.Sprintf("handshake: peer speaks RTMP version %d, which is obsolete: only version 3 is in use", b)
	case b < 0x20:
		return fmt.Sprintf("handshake: peer speaks RTMP version %d, which does not exist: only version 3 is in use", b)
	case b == 'C', b == 'D', b == 'G', b == 'H', b == 'O', b == 'P', b == 'T': // CONNECT, DELETE, GET, HEAD …
		return fmt.Sprintf("handshake: peer speaks HTTP, not RTMP (first byte %q): a browser, a health check, RTMPT or a wrong port", b)
	case b < 0x7f:
		return fmt.Sprintf("handshake: peer sent text, not RTMP (first byte %q): probably a wrong port", b)
	default:
		return fmt.Sprintf("handshake: peer does not speak RTMP (first byte 0x%02x): probably a wrong port", b)
	}
}
