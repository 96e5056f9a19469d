package load

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gortmp/rtmp"
)

// Ours.
const (
	defaultRamp   = 100              // connections per second
	settleTime    = time.Second      // from the first frame to the first player, who shall join in mid-stream
	joinTime      = 10 * time.Second // how long the last player may take to its first picture before it is measured without it
	defaultGrace  = 5 * time.Second  // how long the last frames may take
	defaultDialer = 10 * time.Second // how long a server may take to answer
)

// A Config says what a Test does. It must not be changed afterwards.
type Config struct {
	// URL names the stream. With more than one publisher, "-1", "-2" and so on are added to its name, in front
	// of a query.
	URL string

	// Publishers is the number of streams, Players that of all players together, who are dealt out to the
	// streams that could be published.
	Publishers, Players int

	// Rate is the bitrate of a stream, video and audio, in bits per second: MinRate to MaxRate.
	Rate int

	// Duration is the time that is measured. It begins when everybody is there.
	Duration time.Duration

	// Ramp is the number of connections per second that are opened. Zero means 100.
	Ramp int

	// Grace is how long frames that were sent may take at the end. Zero means 5 seconds.
	Grace time.Duration

	Dialer *rtmp.Dialer // nil means the default

	// Limit returns ctx with the time limit for a connection, from dialing to the server's consent. Nil means
	// 10 seconds.
	Limit func(ctx context.Context) (context.Context, context.CancelFunc)
}

// resolved returns a copy of c with every zero replaced by its default.
func (c Config) resolved() Config {
	if c.Ramp == 0 {
		c.Ramp = defaultRamp
	}
	if c.Grace == 0 {
		c.Grace = defaultGrace
	}
	if c.Dialer == nil {
		c.Dialer = new(rtmp.Dialer)
	}
	if c.Limit == nil {
		c.Limit = func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, defaultDialer)
		}
	}
	return c
}

// url returns the URL of the stream with that number, from 0.
func (c *Config) url(number int) string {
	if c.Publishers < 2 {
		return c.URL
	}
	base, query, hasQuery := strings.Cut(c.URL, "?")
	base = fmt.Sprintf("%s-%d", base, number+1)
	if hasQuery {
		base += "?" + query
	}
	return base
}
