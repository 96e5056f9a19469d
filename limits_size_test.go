package rtmp_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/relay"
	"github.com/gortmp/rtmp/session"
)

// The tests of this file go through the limits in size. A peer that is past one of them is gone at once, and the error
// has the figures.

// A sizeLimit is a thing of which a peer may have so much and no more.
type sizeLimit struct {
	name   string
	config *rtmp.Config
	phase  phase
	atIt   func(p *peer) // what is allowed
	past   func(p *peer) // what is not, after that
	check  func(t *testing.T, why string, err error)
	kept   int // bytes that the server may keep at the limit because they were sent
}

// run goes to the limit and past it beside a healthy pair: in fake time, where nothing may be late at all, and on the
// loopback interface, where it is seen what the limit costs.
func (l *sizeLimit) run(t *testing.T) {
	t.Run("in fake time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := &rtmp.Server{Config: l.config, Handler: new(relay.Hub)}
			serveBeside(t, s)
			v := newVictim(t, s)
			l.try(t, v.reach(l.phase), func() {}, func(why string) error { return v.wantEnd(why, v.until()) })
		})
	})
	t.Run("loopback", func(t *testing.T) {
		s := newScene(t, l.config, nil)
		p := s.reach(l.phase)
		l.try(t, p, func() { s.wantMemory(l.name, connMemory+l.kept) }, func(why string) error { return s.wantEnd(why, p.nc) })
	})
}

// try does it as p. It calls atIt at the limit, and wantEnd to wait for the end of the connection.
func (l *sizeLimit) try(t *testing.T, p *peer, atIt func(), wantEnd func(why string) error) {
	l.atIt(p)
	p.ping(l.name + ", at the limit")
	p.Writer = chunk.NewWriter(p.nc) // without the buffer of a long message
	atIt()
	if l.past == nil {
		return
	}
	l.past(p)
	err := wantEnd(l.name + ", past the limit")
	wantAs[*rtmp.ProtocolError](t, l.name, err)
	l.check(t, l.name, err)
}

// wantSize checks for a message that is too long.
func wantSize(size, limit uint32) func(t *testing.T, why string, err error) {
	return func(t *testing.T, why string, err error) {
		t.Helper()
		if e := wantAs[*chunk.SizeError](t, why, err); e != nil && (e.Size != size || e.Limit != limit) {
			t.Errorf("%s: %v, want size %d and limit %d", why, e, size, limit)
		}
	}
}

// wantLimit checks for a limit of the chunk stream.
func wantLimit(kind error, value, limit uint64) func(t *testing.T, why string, err error) {
	return func(t *testing.T, why string, err error) {
		t.Helper()
		if e := wantAs[*chunk.LimitError](t, why, err); e != nil && (e.Err != kind || e.Value != value || e.Limit != limit) {
			t.Errorf("%s: %v, want %v, value %d and limit %d", why, e, kind, value, limit)
		}
	}
}

// wantAMF checks for a command that breaks a limit of AMF.
func wantAMF(kind error, limit int) func(t *testing.T, why string, err error) {
	return func(t *testing.T, why string, err error) {
		t.Helper()
		wantAs[*session.CommandError](t, why, err)
		if e := wantAs[*amf0.LimitError](t, why, err); e != nil && (!errors.Is(e, kind) || e.Limit != limit) {
			t.Errorf("%s: %v, want %v and limit %d", why, e, kind, limit)
		}
	}
}

// sized returns what sends a video message of so many bytes.
func sized(streamID uint32, n int) func(p *peer) {
	return func(p *peer) {
		p.say(0, &message.SetChunkSize{Size: 1 << 16})
		p.send(&message.Message{Type: message.TypeVideo, StreamID: streamID, Payload: make([]byte, n)})
	}
}

// announced returns what sends the first bytes of n messages of so many bytes, each on a chunk stream of its own.
func announced(n int, first uint32, length int) func(p *peer) {
	return func(p *peer) {
		for i := range n {
			p.raw(begin(first+uint32(i), message.TypeVideo, 1, length, min(length, 128)))
		}
	}
}

func TestLimitSizes(t *testing.T) {
	const (
		early = 256 << 10
		most  = 1<<24 - 1 // that the wire can say: one less than the limit
		spare = 1 << 20
		ping  = 6 // which is to get through at the limit
	)
	small := &rtmp.Config{MaxMessageSize: 1 << 20, MaxEarlyMessageSize: 1000}
	past := func(csid uint32, length int) func(p *peer) {
		return func(p *peer) { p.raw(begin(csid, message.TypeVideo, 1, length, 0)) }
	}
	tests := []sizeLimit{
		{"one message, before connect", nil, atHandshake, sized(1, early), past(9, early+1), wantSize(early+1, early), 0},
		{"one message, before publish", nil, atStream, sized(1, early), past(9, early+1), wantSize(early+1, early), 0},
		{"one message, published", nil, atPublish, sized(1, most), nil, nil, 2 * most}, // with who reads it, and in the relay
		{"one message, played", nil, atPlay, sized(1, most), nil, nil, 0},
		{"one message, configured", small, atPublish, sized(1, 1<<20), past(9, 1<<20+1), wantSize(1<<20+1, 1<<20), 0},
		{"one message, configured, before publish", small, atStream, sized(1, 1000), past(9, 1001), wantSize(1001, 1000), 0},
		{"all unfinished", nil, atPublish, func(p *peer) {
			announced(1, 10, most)(p)
			announced(1, 11, spare+1-ping)(p)
		}, past(12, ping+1), wantLimit(chunk.ErrUnfinishedBytes, most+spare+2, most+spare+1), 0},
		{"all unfinished, before publish", nil, atStream, func(p *peer) {
			announced(4, 10, early)(p)
			announced(1, 14, early-ping)(p)
		}, past(20, ping+1), wantLimit(chunk.ErrUnfinishedBytes, early+spare+1, early+spare), 0},
		{"chunk streams in mid-message", nil, atPublish, announced(64, 10, 1000), past(90, 129),
			wantLimit(chunk.ErrUnfinishedStreams, 65, 64), 0},
		{"chunk streams in mid-message, before connect", nil, atHandshake, announced(64, 10, 1000), past(90, 129),
			wantLimit(chunk.ErrUnfinishedStreams, 65, 64), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

// nested returns the payload of a command whose last value has so many levels.
func nested(t *testing.T, name string, txn float64, levels int) []byte {
	t.Helper()
	b, err := amf0.Append(nil, name, txn, nil)
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, strings.Repeat("\x0a\x00\x00\x00\x01", levels-1)...)
	return append(b, "\x0a\x00\x00\x00\x00"...)
}

// nestedIn returns what sends such a command.
func nestedIn(name string, txn float64, levels int) func(p *peer) {
	return func(p *peer) {
		p.send(&message.Message{Type: message.TypeCommand, Payload: nested(p.t, name, txn, levels)})
	}
}

// nodesIn returns a command of so many AMF values.
func nodesIn(name string, txn float64, n int) func(p *peer) {
	return func(p *peer) {
		p.say(0, &message.SetChunkSize{Size: 1 << 16})
		p.command(0, name, txn, append([]any{amf0.Object{}}, make([]any, n-3)...)...) // name, transaction and object are three
	}
}

func TestLimitAMF(t *testing.T) {
	const depth, nodes = 64, 64 << 10
	tests := []sizeLimit{
		{"nesting in connect", nil, atHandshake, nestedIn("connect", 1, depth), nestedIn("connect", 1, depth+1),
			wantAMF(amf0.ErrTooDeep, depth), 0},
		{"nesting in a call", nil, atPublish, nestedIn("anything", 7, depth), nestedIn("anything", 7, depth+1),
			wantAMF(amf0.ErrTooDeep, depth), 0},
		{"values in connect", nil, atHandshake, nodesIn("connect", 1, nodes), nodesIn("connect", 1, nodes+1),
			wantAMF(amf0.ErrTooManyNodes, nodes), 0},
		{"values in a call", nil, atPublish, nodesIn("anything", 7, nodes), nodesIn("anything", 7, nodes+1),
			wantAMF(amf0.ErrTooManyNodes, nodes), 0},
		// What is passed on unread has no such limits.
		{"nesting in metadata", nil, atPublish, func(p *peer) {
			payload := []byte("\x02\x00\x0aonMetaData")
			for range depth + 100 {
				payload = append(payload, 0x0A, 0, 0, 0, 1)
			}
			p.send(&message.Message{Type: message.TypeData, StreamID: 1, Payload: append(payload, 0x05)})
		}, nil, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}
