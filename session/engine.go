package session

import (
	"cmp"
	"time"

	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
)

// An engine is what Server and Client share: the chunk streams, the queue of events, control messages, timeouts.
type engine struct {
	config Config // complete, see withDefaults
	role   role
	err    error // the first fatal error

	dec chunk.Decoder
	out []byte        // encoded, not yet taken by Output
	enc chunk.Encoder // beside out, because that is what writing around the session looks at

	scratch []byte // for payloads that are being made

	events []Event // from head on not yet taken by Next
	head   int

	streams map[uint32]*stream
	recent  *stream // the last one that was looked up

	start     time.Time
	now       time.Duration // of the last Input, since start, as all times below
	lastByte  time.Duration
	lastMedia time.Duration // on a stream that the peer publishes
	mediaDue  bool          // wait for media from the next Input on
	lastSign  time.Duration // of life: a byte, or that the peer took some
	pinged    bool          // since lastSign
	receiving int           // streams that the peer publishes and the owner has accepted

	received uint64 // bytes, in all
	acked    uint64 // of them told to the peer
	window   uint32 // the peer wants an acknowledgement after so many; 0: none
	promised uint32 // the WindowAckSize that we sent last
	ignored  uint64 // messages
}

// A role is the part of a session in which server and client differ.
type role interface {
	// takeCommand takes a command. c and m are owned.
	takeCommand(m *message.Message, c *message.Command) error

	// takeData takes a data message, which is owned and without "@setDataFrame".
	takeData(m *message.Message)

	// early is asked about media on a stream that the peer fills and that nobody accepted yet. It reports
	// whether they are to be delivered.
	early(s *stream) bool

	// chunkSizeChanged tells that the peer announced a chunk size.
	chunkSizeChanged()

	// connected reports whether connect was accepted.
	connected() bool

	// connectDue returns the time since start by which the peer must have sent connect, if it must.
	connectDue() (time.Duration, bool)
}

func (e *engine) init(config *Config, now time.Time, r role) {
	e.config = config.withDefaults()
	e.role = r
	e.start = now
	e.dec.MaxMessageSize = e.config.MaxEarlyMessage
	e.streams = make(map[uint32]*stream)
}

// Input takes bytes that arrived from the peer after the handshake. p is not kept and may be cut anywhere; an
// empty p tells that time has passed. now must not go back.
//
// An error ends the session and is returned by all later calls: those of chunk.Decoder, *CommandError,
// *TimeoutError. Events and output from before it can still be taken.
func (e *engine) Input(now time.Time, p []byte) error {
	_, err := e.take(now, p, false)
	return err
}

// Feed is Input that stops as soon as there is an event. It returns the number of bytes that it took; the rest of p is
// for another call. An owner that takes each event before the next, and gives payloads back with Reuse, needs the memory
// of a single message, however many came at once.
func (e *engine) Feed(now time.Time, p []byte) (int, error) { return e.take(now, p, true) }

// take takes bytes from the front of p: all, or with step up to the first event.
func (e *engine) take(now time.Time, p []byte, step bool) (n int, err error) {
	if e.err != nil {
		return 0, e.err
	}
	e.now = now.Sub(e.start)
	if e.mediaDue {
		e.lastMedia, e.mediaDue = e.now, false
	}
	if len(p) > 0 {
		e.lastByte, e.lastSign, e.pinged = e.now, e.now, false
	}
	for {
		k, m, err := e.dec.Decode(p[n:])
		n += k
		e.received += uint64(k)
		if err == nil && m != nil {
			err = e.handle(m)
		}
		if err != nil {
			e.err = err
			return n, err
		}
		if m == nil || step && e.head < len(e.events) {
			break
		}
	}
	e.acknowledge()
	e.err = e.checkTime()
	return n, e.err
}

// handle takes a message, which is borrowed; its payload is owned.
func (e *engine) handle(b *message.Message) error {
	switch t := b.Type; {
	case t == message.TypeAudio, t == message.TypeVideo, t == message.TypeAggregate:
		m := *b
		if e.takesMedia(&m) {
			e.emit(MessageReceived{Message: &m})
		}
	case t.IsData():
		m := *b
		if message.TrimSetDataFrame(&m) && len(m.Payload) == 0 {
			e.ignored++ // "@setDataFrame" of nothing
			return nil
		}
		e.role.takeData(&m)
	case t.IsCommand():
		return e.handleCommand(b)
	case t.IsProtocolControl(), t == message.TypeUserControl:
		e.handleControl(b)
	default:
		if !e.role.connected() {
			e.ignored++
			return nil
		}
		m := *b
		e.emit(MessageReceived{Message: &m})
	}
	return nil
}

func (e *engine) handleCommand(b *message.Message) error {
	if len(b.Payload) == 0 {
		e.ignored++
		return nil
	}
	m := *b
	body, err := message.Parse(&m)
	if err != nil {
		return &CommandError{StreamID: m.StreamID, Err: err}
	}
	return e.role.takeCommand(&m, body.(*message.Command))
}

// takesMedia reports whether m, media of the peer, is to be delivered, and counts it if not. On stream 0 it belongs to
// the only stream there is: ffmpeg as a server and Node-Media-Server send all media there, whatever createStream
// answered. m then gets the id of that stream.
func (e *engine) takesMedia(m *message.Message) bool {
	s := e.stream(m.StreamID)
	if s == nil && m.StreamID == 0 {
		if s = cmp.Or(e.only(streamOpen), e.only(streamWaiting)); s != nil {
			m.StreamID = s.id
		}
	}
	if s == nil || !s.inbound || s.state != streamOpen && !e.role.early(s) {
		e.ignored++
		return false
	}
	e.lastMedia = e.now
	return true
}

func (e *engine) emit(ev Event) {
	if e.head > 0 && e.head >= len(e.events)/2 && len(e.events) == cap(e.events) {
		n := copy(e.events, e.events[e.head:])
		clear(e.events[n:])
		e.events, e.head = e.events[:n], 0
	}
	e.events = append(e.events, ev)
}

// Next returns the next event, in the order in which things happened, and false if there is none at present.
func (e *engine) Next() (Event, bool) {
	if e.head == len(e.events) {
		return nil, false
	}
	ev := e.events[e.head]
	e.events[e.head] = nil
	e.head++
	if e.head == len(e.events) {
		e.head = 0
		e.events = e.events[:0]
		if cap(e.events) > maxIdleEvents {
			e.events = nil
		}
	}
	return ev, true
}

// Ours: what an idle session keeps of its buffers.
const (
	maxIdleEvents  = 1 << 10
	maxIdleScratch = 4 << 10 // bytes
)

// Reuse gives the session the memory of a payload that came in a MessageReceived, for a later message. The owner
// must not use it any more. It is never needed, but saves an allocation per message.
func (e *engine) Reuse(payload []byte) { e.dec.Reuse(payload) }

// BytesIn returns the number of bytes that Input was given.
func (e *engine) BytesIn() uint64 { return e.received }

// Ignored returns the number of messages that came and had no effect: media on a stream that is not open,
// control messages that are too short or say nothing new, answers that nobody waits for.
func (e *engine) Ignored() uint64 { return e.ignored }
