package publish

import (
	"time"

	"github.com/gortmp/rtmp"
)

// An Options holds options for File, Reader and To. Nil and the zero value mean the defaults. It is copied: do not
// change what it points to while publishing.
type Options struct {
	// Also are the URLs of further targets. All targets get the same, none of them holds up another, and publishing
	// goes on as long as one of them is left.
	Also []string

	Dialer *rtmp.Dialer // makes the connections; nil means the default

	// ConnectTimeout bounds an attempt to connect and to begin to publish. Zero means 15 seconds; negative means no
	// bound.
	ConnectTimeout time.Duration

	// RetryDelay is the time before the first attempt to connect again. Every further one waits 1.5 times as long, up
	// to RetryMax; all of them are changed by up to a quarter at random. Zero means 2 seconds and 60 seconds.
	RetryDelay, RetryMax time.Duration

	// Tries is the number of attempts in a row that may fail before a target is given up. Zero means 25; negative
	// means no bound. A connection that held for 10 seconds begins a new row.
	Tries int

	// FirstTries takes the place of Tries until a target was live for the first time. Zero means that it does not.
	FirstTries int

	// DropLesser, DropVideo and DropAll are the lengths of the queue of a target from which on frames are left out,
	// because the uplink is too slow: pictures that others do not need; all pictures up to the next key frame; and
	// everything but headers. Zero means 700 ms, 900 ms and 5 seconds; negative means never.
	DropLesser, DropVideo, DropAll time.Duration

	// OnStatus is called when the state of a target changes, from the goroutine of that target. It must not call
	// Close.
	OnStatus func(Status)

	// OnQueue is called with the queue of a target after frames were left out of it, and otherwise at most four times
	// a second, from the goroutine that writes. It is what an encoder that can change its bitrate goes by. It must
	// be quick, and must not write to the Publisher or close it.
	OnQueue func(Status)

	// OnKeyFrame is called when a target needs a key frame to begin with, from the goroutine of that target.
	OnKeyFrame func()

	// OnWarning is called when what is published is not what a known platform accepts, once for each kind of
	// problem. See Profiles. The rules are those of OnQueue.
	OnWarning func(Warning)

	// LegacyHEVC sends H.265 as codec id 12, which is no standard but all that some servers know.
	LegacyHEVC bool

	// The rest is for File and Reader.

	Source  *SourceOptions
	Start   time.Duration       // where to begin: at the last key frame that is not later
	Loop    bool                // begin again at the end; a Reader must be able to seek
	Live    bool                // the input has the pace of real time itself: what comes without a connection is lost
	NoPace  bool                // as fast as the slowest target takes it, with nothing left out, instead of in real time
	Silence bool                // add silent sound if there is none: some platforms want it
	OnFrame func(time.Duration) // is called with the position, in time published, before each frame

	// OnOpen is called once, when the input is open and before a server is asked, with its tracks and with a
	// Publisher for its Status. The Publisher must be neither written to nor closed.
	OnOpen func(tracks []Track, p *Publisher)
}

// Ours, after what OBS does and the waits that platforms ask for.
const (
	defaultConnectTimeout = 15 * time.Second
	defaultRetryDelay     = 2 * time.Second
	defaultRetryMax       = 60 * time.Second
	defaultTries          = 25
	defaultDropLesser     = 700 * time.Millisecond
	defaultDropVideo      = 900 * time.Millisecond
	defaultDropAll        = 5 * time.Second
	retryFactor           = 1.5
	steadyAfter           = 10 * time.Second // a connection that held for so long was good

	// What the connection itself may hold is not in reach of the queue, so it has to be little.
	writeBuffer  = 16 << 10         // bytes
	writeTimeout = 10 * time.Second // a peer that takes nothing for so long is gone
)

// withDefaults returns a copy of o with its zero values replaced, and negative durations by ones that are never
// reached.
func (o *Options) withDefaults() *Options {
	c := Options{}
	if o != nil {
		c = *o
	}
	never := time.Duration(1<<63 - 1)
	set := func(d *time.Duration, value time.Duration) {
		switch {
		case *d == 0:
			*d = value
		case *d < 0:
			*d = never
		}
	}
	set(&c.ConnectTimeout, defaultConnectTimeout)
	set(&c.RetryDelay, defaultRetryDelay)
	set(&c.RetryMax, defaultRetryMax)
	set(&c.DropLesser, defaultDropLesser)
	set(&c.DropVideo, defaultDropVideo)
	set(&c.DropAll, defaultDropAll)
	if c.NoPace {
		c.DropLesser, c.DropVideo, c.DropAll = never, never, never // the queue is as long as it is, in time
	}
	if c.Tries == 0 {
		c.Tries = defaultTries
	}
	var dialer rtmp.Dialer
	if c.Dialer != nil {
		dialer = *c.Dialer
	}
	config := dialer.Config.Clone()
	if config == nil {
		config = new(rtmp.Config)
	}
	if config.WriteBuffer == 0 {
		config.WriteBuffer = writeBuffer
	}
	if config.WriteTimeout == 0 {
		config.WriteTimeout = writeTimeout
	}
	dialer.Config = config
	if dialer.NetDial == nil {
		dialer.NetDial = dialQuietly
	}
	c.Dialer = &dialer
	return &c
}
