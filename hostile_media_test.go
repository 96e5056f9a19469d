package rtmp_test

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/internal/wire"
	"github.com/gortmp/rtmp/message"
)

var mediaTypes = []message.Type{
	message.TypeAudio, message.TypeVideo, message.TypeData, message.TypeDataAMF3, message.TypeAggregate,
	message.TypeSharedObject, message.TypeSharedObjectAMF3, 0, 7, 200,
}

// Media where there should be none are ignored.
func TestHostileMediaOutOfPlace(t *testing.T) {
	s := newScene(t, nil, nil)
	for _, ph := range []phase{atHandshake, atConnect, atStream, atPublish, atPlay} {
		p := s.reach(ph)
		for _, typ := range mediaTypes {
			for _, id := range []uint32{0, 1, 2, 77, 1<<32 - 1} {
				for _, payload := range []string{"", "\x17", "\x17\x01\x00\x00\x00picture", "\x02\x00\x0aonMetaData\x03\x00\x00\x09"} {
					p.send(&message.Message{Type: typ, StreamID: id, Payload: []byte(payload)})
				}
			}
		}
		p.ping("media " + ph.String())
		p.nc.Close()
		s.wantEnd("it leaves", p.nc)
	}
}

// lies returns payloads that are empty, shorter than their headers, or not what their headers say.
func lies() (all []string) {
	all = append(all, "")
	for first := range 256 {
		for _, n := range []int{0, 1, 2, 4, 5, 6, 12, 40} {
			all = append(all, string([]byte{byte(first)})+string(random(n + first))[first:])
		}
	}
	for kind := range 16 { // Enhanced headers: in front of a ModEx chain, several tracks, or nothing
		for _, rest := range []string{
			"", "h", "hvc", "hvc1", "hvc1\x00", "hvc1\x00\x00\x00", "none", "\x00\x00\x00\x00",
			"\x00", "\xff\xff\xff\xff", strings.Repeat("\x00\x00\x07", 1000), strings.Repeat("\x02\x00\x00\x00\x07", 100),
			"\x00hvc1\x00", "\x10hvc1\x00\xff\xff\xff", "\x11hvc1\x00\x00\x00\x02x\x01\x00\x00\x01", "\x21avc1\x00\x00\x00\x01x\xff",
			"\x10hvc1" + strings.Repeat("\x00\x00\x00\x00", 500), "\xf0hvc1\x00",
		} {
			for _, first := range []byte{0x80, 0x90, 0xd0, 0xe0, 0xf0, 0x9f} { // of video; audio has the format 9
				all = append(all, string([]byte{first&0xf0 | byte(kind)})+rest)
			}
		}
	}
	return all
}

// aggregates returns payloads of aggregates that lie about their parts.
func aggregates() (all []string) {
	tag := func(typ message.Type, size int, payload string) string {
		b := wire.AppendUint24([]byte{byte(typ)}, uint32(size))
		return string(append(append(b, 0, 0, 0, 0, 0, 0, 0), payload...))
	}
	back := "\x00\x00\x00\x0b"
	return []string{
		"", "\x09", "\x09\x00\x00", tag(9, 0, ""), tag(9, 0, "\x00"), tag(9, 5, "abcd"), tag(9, 1<<24-1, "abcd"),
		tag(9, 4, "abcd") + "\xff\xff\xff\xff" + tag(8, 4, "abcd") + back, tag(22, 15, tag(9, 0, "")+back) + back,
		tag(1, 4, "\x00\x00\x00\x01") + back, tag(2, 4, "\x00\x00\x00\x01") + back, tag(20, 3, "\x02\x00\x00") + back,
		strings.Repeat(tag(9, 0, "")+back, 1000), strings.Repeat(tag(255, 1, "x")+"\x00\x00\x00\x0c", 100),
		strings.Repeat(tag(22, 0, "")+back, 100), string(random(1000)),
	}
}

// A publisher that lies with every message is published, and whoever plays that is served: with all of it, or with what
// the relay understands. Nobody else notices.
func TestHostileMedia(t *testing.T) {
	s := newScene(t, nil, nil)
	p := s.reach(atPublish)
	var players sync.WaitGroup
	for _, caps := range []amf0.Object{nil, {{Name: "capsEx", Value: amf0.Undefined{}}, {Name: "fourCcList", Value: amf0.Undefined{}}}} {
		player, err := (&rtmp.Dialer{Connect: caps}).Play(t.Context(), s.server.URL+"/live/attack")
		if err != nil {
			t.Fatal(err)
		}
		players.Go(func() {
			defer player.Close()
			n := 0
			for ; ; n++ {
				if _, err := player.ReadMessage(); err != nil {
					if err != io.EOF {
						t.Errorf("a player of lies: %v", err)
					}
					break
				}
			}
			t.Logf("a player of lies got %d messages", n)
		})
	}
	sent := 0
	send := func(typ message.Type, at int, payload string) {
		p.send(&message.Message{Type: typ, StreamID: 1, Timestamp: message.Timestamp(at), Payload: []byte(payload)})
		sent++
	}
	for i, lie := range lies() {
		send(message.TypeVideo, -i*1000, lie) // back in time, through the end of 32 bits
		send(message.TypeAudio, i*1<<24, lie)
		send(message.TypeData, -1-i, lie)
	}
	for i, lie := range aggregates() {
		send(message.TypeAggregate, i, lie)
	}
	for _, meta := range []string{
		"\x02\x00\x0d@setDataFrame", "\x02\x00\x0d@setDataFrame\x02\xff\xffonMetaData", "\x02\x00\x0aonMetaData\x08\xff\xff\xff\xff",
		"\x02\x00\x0f@clearDataFrame", "\x02\x00\x0f@clearDataFrame\x05", "\x02\x00\x0aonMetaData" + strings.Repeat("\x03\x00\x00", 1_000_000),
	} {
		send(message.TypeData, 0, meta)
		send(message.TypeDataAMF3, 0, "\x00"+meta)
	}
	p.ping(fmt.Sprintf("after %d lies", sent))
	p.command(0, "deleteStream", 0, 1.0)
	players.Wait()
	s.wantMemorySoon(fmt.Sprintf("%d lies", sent), connMemory)
}
