package rtmp_test

import (
	"encoding/binary"
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/relay"
)

// The tests of this file are about memory that a peer would have us use and has not paid for in bytes of its own.

// Values in values, keys without end, references to references: whether refused, ignored or taken, they cost little, and
// a stack never overflows.
func TestHostileAMF(t *testing.T) {
	list := func(head, element string, n int) string {
		return head + string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}) + strings.Repeat(element, n)
	}
	doubling := "\x0a\x00\x00\x00\x02\x05\x05"
	for i := range 40 { // each has the one before twice
		doubling += "\x0a\x00\x00\x00\x02\x07\x00" + string([]byte{byte(i)}) + "\x07\x00" + string([]byte{byte(i)})
	}
	bombs := []struct {
		name, value string
		limit       error // nil: it is taken
	}{
		{"objects, 100,000 levels", strings.Repeat("\x03\x00\x00", 100_000), amf0.ErrTooDeep},
		{"objects, 4,000,000 levels", strings.Repeat("\x03\x00\x00", 4_000_000), amf0.ErrTooDeep},
		{"lists, 100,000 levels", strings.Repeat("\x0a\x00\x00\x00\x01", 100_000), amf0.ErrTooDeep},
		{"maps, 100,000 levels", strings.Repeat("\x08\x00\x00\x00\x01\x00\x00", 100_000), amf0.ErrTooDeep},
		{"AMF3 arrays, 4,000,000 levels", "\x11" + strings.Repeat("\x09\x03\x01", 4_000_000), amf0.ErrTooDeep},
		{"a million nulls", strings.Repeat("\x05", 1_000_000), amf0.ErrTooManyNodes},
		{"a million keys", "\x03" + strings.Repeat("\x00\x00\x05", 1_000_000) + "\x00\x00\x09", amf0.ErrTooManyNodes},
		{"60,000 keys", "\x03" + strings.Repeat("\x00\x01k\x05", 60_000) + "\x00\x00\x09", nil},
		{"60,000 different keys", keys("\x03", 60_000), nil},
		{"60,000 nulls", list("\x0a", "\x05", 60_000), nil},
		{"60,000 empty lists", list("\x0a", "\x0a\x00\x00\x00\x00", 60_000), nil},
		{"references that double", doubling, amf0.ErrTooLarge},
		{"15 MB of text", list("\x0c", "x", 15_000_000), nil},
	}
	s := newScene(t, nil, nil) // which does not count the bombs themselves
	explode := func(ph phase, value string, limit error, why string) {
		p := s.reach(ph)
		p.say(0, &message.SetChunkSize{Size: 1 << 20})
		payload, err := amf0.Append(nil, "anything", 5.0, nil)
		if err != nil {
			t.Fatal(err)
		}
		p.WriteMessage(&message.Message{Type: message.TypeCommand, Payload: append(payload, value...)})
		switch {
		case ph == atConnect && len(value) > 256<<10:
			wantError(t, why, chunk.ErrTooLarge, s.wantEnd(why, p.nc))
		case limit != nil:
			wantError(t, why, limit, s.wantEnd(why, p.nc))
		default:
			p.ping(why)
			p.nc.Close()
			s.wantEnd(why, p.nc)
		}
	}
	for _, tt := range bombs {
		for _, ph := range []phase{atConnect, atPublish} {
			explode(ph, tt.value, tt.limit, tt.name+" "+ph.String())
		}
	}
	s.wantMemorySoon("AMF bombs", connMemory)
}

// keys returns an object of n null values under different names, behind the given marker.
func keys(marker string, n int) string {
	b := []byte(marker)
	for i := range n {
		b = append(b, 0, 4)
		b = append(binary.BigEndian.AppendUint32(b, 0x41000000+uint32(i)), 5)
	}
	return string(append(b, 0, 0, 9))
}

// keysAMF3 is keys for AMF3: each name comes once, and in a second object again as a reference to it.
func keysAMF3(n int) string {
	u29 := func(b []byte, v int) []byte { return append(b, byte(v>>14)|0x80, byte(v>>7)|0x80, byte(v&0x7f)) } // of 21 bits
	b := []byte{0x11, 0x09, 2<<1 | 1, 1}                                                                      // an array of two
	b = append(b, 0x0a, 0x0b, 1)                                                                              // a dynamic object without a class
	for i := range n / 2 {
		b = append(b, 4<<1|1)
		b = append(binary.BigEndian.AppendUint32(b, 0x41000000+uint32(i)), 1)
	}
	b = append(b, 1, 0x0a, 0x01) // the end, and one with the same traits
	for i := range n / 2 {
		b = append(u29(b, i<<1), 1)
	}
	return string(append(b, 1))
}

// Ten times as many keys cost some ten times as much time, and not a hundred times. The best of several tries counts, for
// the machine may have other things to do.
func TestHostileKeyTables(t *testing.T) {
	const few, many = 6_000, 60_000
	s := newScene(t, nil, nil)
	for _, tt := range []struct {
		name  string
		table func(n int) string
	}{
		{"an object", func(n int) string { return keys("\x03", n) }},
		{"an array with names", func(n int) string { return keys("\x08\xff\xff\xff\xff", n) }},
		{"AMF3 objects", keysAMF3},
	} {
		best := func(n int) time.Duration {
			p := s.reach(atPublish)
			p.say(0, &message.SetChunkSize{Size: 1 << 20})
			payload, err := amf0.Append(nil, "anything", 5.0, nil)
			if err != nil {
				t.Fatal(err)
			}
			payload = append(payload, tt.table(n)...)
			best := time.Minute
			for range 7 {
				begin := time.Now()
				p.send(&message.Message{Type: message.TypeCommand, Payload: payload})
				p.ping(tt.name)
				best = min(best, time.Since(begin))
			}
			p.nc.Close()
			s.wantEnd("it leaves", p.nc)
			return best
		}
		short, long := best(few), best(many)
		t.Logf("%s: %d keys took %v, %d took %v", tt.name, few, short, many, long)
		if long > 40*short {
			t.Errorf("%s: %d keys took %v, %d took %v, which is out of proportion", tt.name, few, short, many, long)
		}
	}
}

// What is kept of a connect command is not more than what was paid for it.
func TestHostileConnectObject(t *testing.T) {
	s := newScene(t, nil, nil)
	bombs := map[string]string{
		"keys":          "\x03" + "\x00\x03app\x02\x00\x04live" + strings.Repeat("\x00\x00\x05", 60_000) + "\x00\x00\x09",
		"empty objects": "\x03" + "\x00\x03app\x02\x00\x04live" + strings.Repeat("\x00\x00\x03\x00\x00\x09", 40_000) + "\x00\x00\x09",
	}
	n := counts(20, 200)
	sent := 0
	for _, bomb := range bombs {
		for range n / 2 {
			p := s.reach(atHandshake)
			payload, err := amf0.Append(nil, "connect", 1.0)
			if err != nil {
				t.Fatal(err)
			}
			payload = append(payload, bomb...)
			sent += len(payload)
			p.send(&message.Message{Type: message.TypeCommand, Payload: payload})
			p.ping("a large connect object")
		}
	}
	s.wantMemory(fmt.Sprintf("%d connections that sent %d bytes", n, sent), sent)
}

// Many messages are begun and promised to be long, on many connections.
func TestHostilePromises(t *testing.T) {
	s := newScene(t, nil, nil)
	p := s.reach(atPublish)
	p.raw(begin(10, message.TypeVideo, 1, 1<<24-1, 128))
	p.ping("one promise")
	s.wantMemory("16 MiB were promised", 1<<20)
	p.raw(begin(11, message.TypeVideo, 1, 1<<24-1, 128))
	wantError(t, "a second promise", chunk.ErrUnfinishedBytes, s.wantEnd("a second promise", p.nc))

	p = s.reach(atStream)
	p.raw(begin(10, message.TypeVideo, 1, 1<<24-1, 0))
	wantError(t, "16 MiB before publish", chunk.ErrTooLarge, s.wantEnd("16 MiB before publish", p.nc))

	for range 100 {
		p := s.reach(atConnect)
		p.command(0, "createStream", 2)
		p.hear("_result")
		p.command(1, "publish", 0, fmt.Sprint("attack", p.nc.LocalAddr()), "live")
		p.hear("onStatus")
		p.raw(begin(10, message.TypeVideo, 1, 1<<24-1, 128))
		announced(63, 11, 16_000)(p)
		p.ping("16 MiB and more were promised")
	}
	s.wantMemory("100 times 17 MiB were promised", connMemory)

	n := counts(100, 500)
	for range n {
		p := s.reach(atConnect)
		announced(64, 10, 20_000)(p)
		for i := range 900 { // chunk streams that are only used
			p.raw(begin(100+uint32(i)%200, 99, 0, 0, 0))
		}
		p.ping("64 promises")
	}
	s.wantMemory(fmt.Sprintf("%d connections with 64 promises each", n), min(attackMemory, n*128<<10))
}

// Connections that never finish their handshake.
func TestHostileHandshakesAtOnce(t *testing.T) {
	s := newScene(t, nil, nil)
	n := counts(500, 2000)
	conns := make([]net.Conn, n)
	for i := range conns {
		conns[i] = s.dial()
		conns[i].Write(append([]byte{3}, random(1536)...))
	}
	for _, nc := range conns { // S0, S1 and S2 have come, C2 is missing
		b := make([]byte, 1+2*1536)
		if _, err := readFull(nc, b); err != nil {
			t.Fatal(err)
		}
	}
	s.wantMemory(fmt.Sprintf("%d halves of handshakes", n), n*16<<10)
}

// Requests that wait for an answer, with media in front of it.
func TestHostileEarlyMedia(t *testing.T) {
	const requests = 15
	open := make(chan struct{})
	s := newScene(t, nil, func(hub *relay.Hub) rtmp.Handler {
		return rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			if r.App == "live" {
				<-open // judges it
			}
			return hub.ServeRTMP(s, r)
		})
	})
	p := s.reach(atConnect)
	p.say(0, &message.SetChunkSize{Size: 1 << 20})
	for i := range requests {
		p.command(0, "createStream", 9)
		p.hear("_result")
		p.command(uint32(i+1), "publish", 0, fmt.Sprint("key", i), "live")
	}
	sent := 0
	for i := 0; ; i++ {
		m := &message.Message{Type: message.TypeVideo, StreamID: uint32(i%requests + 1), Payload: make([]byte, 100_000)}
		p.nc.SetWriteDeadline(time.Now().Add(time.Second))
		if p.WriteMessage(m) != nil {
			break // the server has stopped reading
		}
		if sent += len(m.Payload); sent > 200<<20 {
			t.Fatalf("the server has taken %d bytes that nobody has asked for", sent)
		}
	}
	s.wantMemory(fmt.Sprintf("%d requests, %d bytes before the answers", requests, sent), connMemory)
	close(open)
}

// Connections that cannot tell whether there is something to read, such as those of TLS, and whose peers send just so
// much that a large buffer is borrowed, and then nothing.
func TestHostileBorrowedBuffers(t *testing.T) {
	const n, fills = 200, 512
	synctest.Test(t, func(t *testing.T) {
		s := &rtmp.Server{Handler: new(relay.Hub)}
		defer s.Close()
		peers := make([]*peer, n)
		for i := range peers {
			peers[i] = newVictim(t, s).reach(atConnect)
			peers[i].say(0, &message.SetChunkSize{Size: 1 << 16})
		}
		synctest.Wait()
		before := heapInUse()
		for _, p := range peers {
			p.raw(begin(6, 99, 0, fills-12, fills-12))
		}
		synctest.Wait()
		if grown := int64(heapInUse()) - int64(before); grown > n*20<<10 {
			t.Errorf("%d connections that sent %d bytes each: memory grew by %d bytes, want at most 20 KiB each", n, fills, grown)
		}
		runtime.KeepAlive(peers) // and what they read with
	})
}
