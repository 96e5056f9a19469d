package main

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/relay"
)

// serveFlags are the flags of serve that say how it treats publishers and players. The defaults are those of the
// library, in words.
type serveFlags struct {
	chunkSize int
	maxConns  int

	handshakeTimeout, stallTimeout, idleTimeout, writeTimeout time.Duration

	conflict            conflict
	conflictWait, grace time.Duration
	playWait            time.Duration

	gop             bool
	queue           byteSize
	queueTime       time.Duration
	merge, patience time.Duration
}

// add adds the flags to cmd.
func (f *serveFlags) add(cmd *cobra.Command) {
	f.conflict, f.queue = "refuse", 8<<20
	flags := cmd.Flags()
	flags.IntVar(&f.chunkSize, "chunk-size", 65536, "payload `bytes` per chunk that is sent, 1 to 16777215")
	flags.IntVar(&f.maxConns, "max-conns", 0,
		"`number` of connections per address to listen on; more wait (default 0, no limit)")
	flags.DurationVar(&f.handshakeTimeout, "handshake-timeout", 10*time.Second,
		"time for the handshake of a client, and then for its connect")
	flags.DurationVar(&f.stallTimeout, "stall-timeout", 30*time.Second,
		"silence after which a publisher is disconnected")
	flags.DurationVar(&f.idleTimeout, "idle-timeout", time.Minute,
		"silence after which a client is disconnected, pinged in vain")
	flags.DurationVar(&f.writeTimeout, "write-timeout", 30*time.Second,
		"time after which a player that takes nothing is disconnected")
	flags.Var(&f.conflict, "conflict", "`what` becomes of a second publisher under a name, see above")
	flags.DurationVar(&f.conflictWait, "conflict-wait", 30*time.Second,
		"time that it waits at most with --conflict wait, more than 0")
	flags.DurationVar(&f.grace, "grace", 0,
		"time that players stay when a publisher has gone; 0 for none (default 0s)")
	flags.DurationVar(&f.playWait, "play-wait", 5*time.Minute,
		"time that a player waits for a publisher; 0 for none")
	flags.BoolVar(&f.gop, "gop", true, "players begin at the newest key frame held; with =false at the next")
	flags.Var(&f.queue, "queue", "`bytes` held of a stream for players that join or are late")
	flags.DurationVar(&f.queueTime, "queue-time", 10*time.Second,
		"time that a player may be late; then it skips to the newest key frame")
	flags.DurationVar(&f.merge, "merge", 0,
		"time that media wait to be sent in one piece, 100ms for many players (default 0s)")
	flags.DurationVar(&f.patience, "patience", 0,
		"time that a publisher is held up before a late player loses anything (default 0s)")
}

// apply makes s keep to the flags.
func (f *serveFlags) apply(s *service) error {
	if f.chunkSize < 1 || f.chunkSize > 1<<24-1 {
		return &usageError{"--chunk-size must be from 1 to 16777215"}
	}
	if f.maxConns < 0 {
		return &usageError{"--max-conns cannot be negative"}
	}
	if f.conflictWait <= 0 {
		return &usageError{"--conflict-wait must be more than 0"}
	}
	s.maxConns = f.maxConns
	s.config = rtmp.Config{
		ChunkSize:        f.chunkSize,
		HandshakeTimeout: bound(f.handshakeTimeout),
		ConnectTimeout:   bound(f.handshakeTimeout),
		StallTimeout:     bound(f.stallTimeout),
		IdleTimeout:      bound(f.idleTimeout),
		WriteTimeout:     bound(f.writeTimeout),
	}
	hub := &s.hub
	hub.MaxBytes, hub.MaxDuration, hub.NextKey = int(f.queue), bound(f.queueTime), !f.gop
	hub.Merge, hub.Patience = f.merge, f.patience
	hub.PlayWait, hub.PublishWait, hub.Grace = bound(f.playWait), f.conflictWait, f.grace
	switch f.conflict {
	case "takeover":
		hub.Conflict = relay.TakeOver
	case "takeover-same-address":
		hub.Conflict, hub.Identity = relay.TakeOver, peerHost
	case "wait":
		hub.Conflict = relay.Wait
	}
	return nil
}

// bound returns d as the library writes it, where zero is the default and negative means none.
func bound(d time.Duration) time.Duration {
	if d <= 0 {
		return -1
	}
	return d
}

// peerHost is the identity of a publisher for --conflict takeover-same-address.
func peerHost(r *rtmp.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr.String())
	if err != nil {
		return ""
	}
	return host
}

const conflicts = "refuse, takeover, takeover-same-address or wait"

// A conflict is the value of --conflict.
type conflict string

func (c *conflict) String() string { return string(*c) }
func (c *conflict) Type() string   { return "what" }

// Set takes one of conflicts.
func (c *conflict) Set(text string) error {
	switch text {
	case "refuse", "takeover", "takeover-same-address", "wait":
		*c = conflict(text)
		return nil
	}
	return fmt.Errorf("want %s", conflicts)
}

// A byteSize is the value of a flag, in bytes.
type byteSize int

// units are those of a byteSize, and what they are in bytes.
var units = []struct {
	name  string
	bytes int
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}, {"", 1}}

// String returns s in the largest unit in which it is a whole number.
func (s *byteSize) String() string {
	for _, u := range units {
		if n := int(*s); n >= u.bytes && n%u.bytes == 0 {
			return fmt.Sprint(n/u.bytes, u.name)
		}
	}
	return "0B"
}

// Type returns the name of the value in the help.
func (s *byteSize) Type() string { return "bytes" }

// Set takes a whole number with a unit; without one it means bytes.
func (s *byteSize) Set(text string) error {
	for _, u := range units {
		digits, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(digits)
		if err != nil || n < 1 || n > (1<<31-1)/u.bytes {
			break
		}
		*s = byteSize(n * u.bytes)
		return nil
	}
	return errors.New("want a number with KiB, MiB or GiB, more than 0 and less than 2GiB")
}
