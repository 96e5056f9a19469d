package session

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
)

// connected returns a server that has accepted a connect and created stream 1.
func connected(t testing.TB, config *Config) (*peer, *Server) {
	t.Helper()
	p, s := newServer(t, config)
	p.say(0, connectCommand("live"))
	must(t, "Accept", s.Accept(event[ConnectRequested](t, "connect", p.events()).ID))
	p.say(0, cmd("createStream", 2))
	return p, s
}

// publishing returns a server on whose stream 1 the client publishes.
func publishing(t testing.TB, config *Config) (*peer, *Server) {
	t.Helper()
	p, s := connected(t, config)
	p.say(1, cmd("publish", 0, "cam1", "live"))
	must(t, "Accept", s.Accept(event[StreamRequested](t, "publish", p.events()).ID))
	p.messages()
	return p, s
}

// playing returns a server on whose stream 1 the client plays.
func playing(t testing.TB, config *Config) (*peer, *Server) {
	t.Helper()
	p, s := connected(t, config)
	p.say(1, cmd("play", 0, "cam1"))
	must(t, "Accept", s.Accept(event[StreamRequested](t, "play", p.events()).ID))
	p.messages()
	return p, s
}

// BenchmarkRelay is one publisher and many players, without any network: a video message of 10,000 bytes comes in
// chunks of 128 or 4,096 bytes and goes out to each player in chunks of 4,096. MB/s are of payload that came in.
// "send" has every player's session encode it; "prepared" encodes it once and lets the players share the bytes.
func BenchmarkRelay(b *testing.B) {
	for _, prepared := range []bool{false, true} {
		for _, size := range []uint32{128, 4096} {
			for _, players := range []int{2, 50} {
				name := map[bool]string{false: "send", true: "prepared"}[prepared]
				b.Run(fmt.Sprintf("%s/chunk=%d/players=%d", name, size, players), func(b *testing.B) {
					benchmarkRelay(b, prepared, size, players)
				})
			}
		}
	}
}

func benchmarkRelay(b *testing.B, prepared bool, size uint32, players int) {
	const outSize = 4096
	p, publisher := publishing(b, nil)
	p.say(0, &message.SetChunkSize{Size: size})
	payload := bytes.Repeat([]byte{1}, 10_000)
	in := p.encodeMessage(&message.Message{Type: message.TypeVideo, StreamID: 1, Payload: payload})

	sessions := make([]*Server, players)
	for i := range sessions {
		_, sessions[i] = playing(b, &Config{ChunkSize: outSize})
	}
	var shared, spare []byte
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	for b.Loop() {
		if err := publisher.Input(epoch, in); err != nil {
			b.Fatal(err)
		}
		ev, _ := publisher.Next()
		m := ev.(MessageReceived).Message
		csid := chunk.StreamID(m)
		var err error
		if prepared {
			if shared, err = chunk.AppendMessage(shared[:0], outSize, csid, m); err != nil {
				b.Fatal(err)
			}
		}
		for _, s := range sessions {
			if prepared {
				s.Prepared(csid)
				continue
			}
			if err := s.Send(m); err != nil {
				b.Fatal(err)
			}
			spare = s.Output(spare)
		}
	}
}
