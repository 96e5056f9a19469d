package rtmp_test

import (
	"bytes"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/session"
)

// flood returns n messages of a body in wire form, in which each but the first has a header of one byte.
func flood(csid uint32, streamID byte, typ message.Type, payload string, n int) []byte {
	b := append(begin(csid, typ, streamID, len(payload), 0), payload...)
	return append(b, bytes.Repeat(append([]byte{3<<6 | byte(csid)}, payload...), n-1)...)
}

// floods are messages that are cheap to send and not so cheap to take, or to answer.
var floods = []struct {
	name     string
	phase    phase
	csid     uint32
	streamID byte
	typ      message.Type
	payload  string
	answers  bool // each is answered
}{
	{"pings", atConnect, 2, 0, message.TypeUserControl, "\x00\x06\x00\x00\x00\x01", true},
	{"pings before connect", atHandshake, 2, 0, message.TypeUserControl, "\x00\x06\x00\x00\x00\x01", true},
	{"pongs", atConnect, 2, 0, message.TypeUserControl, "\x00\x07\x00\x00\x00\x01", false},
	{"unknown events", atConnect, 2, 0, message.TypeUserControl, "\x01\x00", false},
	{"acknowledgements", atPlay, 2, 0, message.TypeAcknowledgement, "\x00\x00\x00\x01", false},
	{"windows", atPlay, 2, 0, message.TypeWindowAckSize, "\x00\x00\x00\x01", false},
	{"bandwidths", atPlay, 2, 0, message.TypeSetPeerBandwidth, "\x00\x00\x00\x01\x02", false},
	{"chunk sizes", atPlay, 2, 0, message.TypeSetChunkSize, "\x00\x00\x00\x80", false},
	{"calls", atConnect, 3, 0, message.TypeCommand, "\x02\x00\x01x\x00\x40\x00\x00\x00\x00\x00\x00\x00", true},
	{"seek", atPlay, 8, 1, message.TypeCommand, "\x02\x00\x04seek", true},
	{"play without a name", atStream, 8, 1, message.TypeCommand, "\x02\x00\x04play", true},
	{"FCPublish", atConnect, 3, 0, message.TypeCommand, "\x02\x00\x09FCPublish\x00\x40\x00\x00\x00\x00\x00\x00\x00", true},
	{"connect again", atConnect, 3, 0, message.TypeCommand, "\x02\x00\x07connect\x00\x40\x00\x00\x00\x00\x00\x00\x00", true},
	{"connect without end", atHandshake, 3, 0, message.TypeCommand, "\x02\x00\x0ccreateStream\x00\x40\x00\x00\x00\x00\x00\x00\x00", true},
	{"empty audio", atPublish, 4, 1, message.TypeAudio, "", false},
	{"audio of a byte", atPublish, 4, 1, message.TypeAudio, "\xaf", false},
	{"audio for nobody", atConnect, 4, 1, message.TypeAudio, "", false},
	{"empty data", atPublish, 5, 1, message.TypeData, "", false},
	{"unknown messages", atConnect, 6, 0, 99, "", false},
	{"unknown messages of a player", atPlay, 6, 1, 99, "", false},
}

// Floods whose answers are read: all of them are taken, none is held.
func TestHostileFloods(t *testing.T) {
	s := newScene(t, nil, nil)
	n := counts(20_000, 200_000)
	for _, tt := range floods {
		p := s.reach(tt.phase)
		in := flood(tt.csid, tt.streamID, tt.typ, tt.payload, n)
		done := make(chan error, 1)
		go func() {
			_, err := p.nc.Write(in)
			if err == nil {
				err = p.sendPing(0xFFFFFFFF)
			}
			done <- err
		}()
		p.hearPong(tt.name, 0xFFFFFFFF)
		if err := <-done; err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		most := connMemory
		if tt.phase == atPublish {
			most += ringMemory
		}
		s.wantMemory(fmt.Sprintf("%d %s", n, tt.name), most)
		p.nc.Close()
		s.wantEnd(tt.name, p.nc)
	}
}

// sendPing sends a ping from any goroutine.
func (p *peer) sendPing(stamp uint32) error {
	m, err := message.New(0, 0, &message.UserControl{Event: message.EventPingRequest, Timestamp: stamp})
	if err != nil {
		return err
	}
	p.Encoder.Forget(2)
	return p.WriteMessage(m)
}

// Floods whose answers nobody reads: the server stops reading, so that what waits has a bound, and in the end it gives
// up.
func TestHostileFloodsUnread(t *testing.T) {
	const patience = time.Second
	s := newScene(t, &rtmp.Config{WriteTimeout: patience, ConnectTimeout: -1}, nil)
	var peers []*peer
	var filling sync.WaitGroup
	for _, tt := range floods {
		if !tt.answers {
			continue
		}
		p := s.reach(tt.phase)
		p.nc.(*net.TCPConn).SetReadBuffer(4 << 10)
		in := flood(tt.csid, tt.streamID, tt.typ, tt.payload, 1<<20/(1+len(tt.payload)))
		filling.Go(func() {
			if n := fill(p.nc, in, 12+len(tt.payload)); n > 100<<20 {
				t.Errorf("%s: the server has taken %d bytes without a reader of its answers", tt.name, n)
			}
		})
		peers = append(peers, p)
	}
	filling.Wait()
	s.wantMemory(fmt.Sprintf("%d floods whose answers nobody reads", len(peers)), len(peers)*connMemory)
	for _, p := range peers {
		err := s.reason("a flood whose answers nobody reads", p.nc)
		if e := wantAs[*session.TimeoutError](t, "a flood whose answers nobody reads", err); e != nil && e.After != patience {
			t.Errorf("a flood whose answers nobody reads: %v, want after %v", e, patience)
		}
	}
}

// fill writes b again and again, without its first head bytes after the first time, until nothing has been taken for a
// while. It returns the number of bytes that were.
func fill(nc net.Conn, b []byte, head int) (sent int) {
	for sent < 101<<20 {
		nc.SetWriteDeadline(time.Now().Add(600 * time.Millisecond))
		n, err := nc.Write(b)
		if sent += n; err != nil {
			break
		}
		b, head = b[head:], 0
	}
	return sent
}

// A message in chunks of one byte costs the server little more than its bytes, and those only while it is of use.
func TestHostileTinyChunks(t *testing.T) {
	s := newScene(t, nil, nil)
	for _, tt := range []struct {
		phase phase
		size  int
	}{{atConnect, 200_000}, {atPublish, counts(2<<20, 1<<24-1)}} {
		p := s.reach(tt.phase)
		p.say(0, &message.SetChunkSize{Size: 1})
		p.send(&message.Message{Type: message.TypeVideo, StreamID: 1, Payload: make([]byte, tt.size)})
		p.say(0, &message.SetChunkSize{Size: 128})
		p.Writer = chunk.NewWriter(p.nc) // which has no such message in its buffer
		p.ping("a message in chunks of one byte")
		s.wantMemory(fmt.Sprintf("%d chunks of one byte", tt.size), 2*tt.size+connMemory)
		for range 3 {
			p.send(&message.Message{Type: message.TypeAudio, StreamID: 1, Payload: []byte{0xAF}})
		}
		s.wantMemorySoon("a long message is kept in the ring only", min(tt.size, ringMemory)+1<<20)
	}
}
