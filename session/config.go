package session

import (
	"cmp"
	"time"
)

// A Config holds what a session announces, and the limits it sets its peer. The zero value means the defaults.
// It is copied by NewServer and NewClient.
type Config struct {
	// ChunkSize is the number of payload bytes per chunk that we send. Zero means 65,536 for a server. For a
	// client it means 4,096 until the server announces more, then as much as the server, at most 65,536.
	ChunkSize uint32

	// WindowAckSize is the number of bytes after which the peer shall acknowledge. Zero means 2,500,000.
	WindowAckSize uint32

	// PeerBandwidth is what a server proposes as the client's own acknowledgement window, in bytes. Zero means
	// 2,500,000.
	PeerBandwidth uint32

	// MaxMessageSize bounds the payload of one received message, in bytes. Zero means 16 MiB.
	MaxMessageSize uint32

	// MaxEarlyMessage takes the place of MaxMessageSize, if it is smaller, until a server has accepted its first
	// publish or play and until a client has got its first stream. Zero means 256 KiB.
	MaxEarlyMessage uint32

	// MaxStreams bounds the message streams that a client may create on a server. Zero means 32.
	MaxStreams int

	// MaxRequests bounds the publish and play requests that wait for the answer of a server's owner. Zero
	// means 16.
	MaxRequests int

	// ConnectTimeout is the time that a server waits for the connect command, counted from NewServer: bytes
	// that arrive do not extend it. Zero means 10 seconds, negative no bound.
	ConnectTimeout time.Duration

	// StallTimeout ends a session in which a message is half-way and no byte arrives, and a server's in which
	// something is published and no media arrives. Zero means 30 seconds, negative no bound.
	StallTimeout time.Duration

	// IdleTimeout ends a session in which no byte at all arrives. After half of it the peer is pinged. Zero
	// means 60 seconds, negative no bound and no pings.
	IdleTimeout time.Duration

	// BWDone makes a server send onBWDone after it accepted a connect, as Flash media servers do.
	BWDone bool

	// FMSVersion is the fmsVer of a server's answer to connect. Empty means "FMS/3,0,1,123".
	FMSVersion string

	// FlashVer is the flashVer of a client's connect, unless the connect object has one. Empty means
	// "FMLE/3.0 (compatible; FMSc/1.0)".
	FlashVer string

	// BufferLength is how much a client that plays says it buffers. Zero means 2 seconds.
	BufferLength time.Duration
}

// Ours. The rest of the defaults is explained in Config.
const (
	maxName = 1 << 10 // bytes of an app or a stream name

	clientChunkSize = 4096    // what every server known takes
	maxChunkSize    = 1 << 16 // more saves nothing

	maxTimeout = 1 << 61 * time.Nanosecond // 73 years; a longer one could overflow where it is added to a time
)

// withDefaults returns a copy of c in which every zero field has its default. c may be nil.
func (c *Config) withDefaults() Config {
	var d Config
	if c != nil {
		d = *c
	}
	d.WindowAckSize = cmp.Or(d.WindowAckSize, 2_500_000)
	d.PeerBandwidth = cmp.Or(d.PeerBandwidth, 2_500_000)
	d.MaxMessageSize = cmp.Or(d.MaxMessageSize, 16<<20)
	d.MaxEarlyMessage = min(cmp.Or(d.MaxEarlyMessage, 256<<10), d.MaxMessageSize)
	d.MaxStreams = cmp.Or(d.MaxStreams, 32)
	d.MaxRequests = cmp.Or(d.MaxRequests, 16)
	d.ConnectTimeout = cmp.Or(d.ConnectTimeout, 10*time.Second)
	d.StallTimeout = min(cmp.Or(d.StallTimeout, 30*time.Second), maxTimeout)
	d.IdleTimeout = min(cmp.Or(d.IdleTimeout, 60*time.Second), maxTimeout)
	d.FMSVersion = cmp.Or(d.FMSVersion, "FMS/3,0,1,123")
	d.FlashVer = cmp.Or(d.FlashVer, "FMLE/3.0 (compatible; FMSc/1.0)")
	d.BufferLength = cmp.Or(d.BufferLength, 2*time.Second)
	return d
}
