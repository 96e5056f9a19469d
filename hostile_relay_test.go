package rtmp_test

import (
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// The tests of this file are about players and publishers that harm the relay.

// playOn plays name on a stream with the given number, which the peer gets by giving back all before it.
func (p *peer) playOn(id uint32, name string) {
	p.t.Helper()
	for i := uint32(1); ; i++ {
		p.command(0, "createStream", 2)
		p.hear("_result")
		if i == id {
			break
		}
		p.command(0, "deleteStream", 0, float64(i))
	}
	p.command(id, "play", 0, name)
	p.hear("onStatus")
}

// Players choose the numbers of their streams. What is kept of a stream must not become more by that.
func TestHostileStreamNumbers(t *testing.T) {
	s := newScene(t, nil, nil)
	const each = 100_000
	n, messages := uint32(counts(40, 200)), 40
	var players sync.WaitGroup
	for i := range n {
		p := s.reach(atConnect)
		p.playOn(i+1, "attack")
		players.Go(func() {
			for got := 0; got < messages; {
				m, err := p.ReadMessage()
				if err != nil {
					t.Errorf("player %d: %v", i, err)
					return
				}
				if m.Type != message.TypeAudio {
					continue
				}
				if m.StreamID != i+1 || len(m.Payload) != each || m.Payload[each-1] != byte(got) {
					t.Errorf("player %d: message %d has %d bytes on stream %d", i, got, len(m.Payload), m.StreamID)
				}
				got++
			}
		})
	}
	p := s.reach(atPublish)
	p.say(0, &message.SetChunkSize{Size: 1 << 20})
	for i := range messages {
		m := audio(i, each)
		m.StreamID = 1
		p.send(m)
	}
	players.Wait()
	s.wantMemory(fmt.Sprintf("%d players of %d bytes", n, messages*each), messages*each+int(n)*128<<10)
}

// A player that asks for a stream that nobody publishes, sends commands all the time, and leaves: nobody reads what it
// says, and it has to be noticed that it is gone.
func TestHostilePlayerTalks(t *testing.T) {
	const messages = 5000 // 10 MB
	s := newScene(t, nil, nil)
	for _, leave := range []func(nc *net.TCPConn){
		func(nc *net.TCPConn) { nc.CloseWrite() },
		func(nc *net.TCPConn) { nc.SetLinger(0); nc.Close() },
	} {
		p := s.reach(atPlay)
		p.say(0, &message.SetChunkSize{Size: 1 << 16})
		pause, err := message.New(1, 0, &message.Command{Name: "pause", Args: []any{true, 0.0, string(random(2000))}})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range messages {
				if err := p.WriteMessage(pause); err != nil {
					t.Errorf("pause: %v", err)
					return
				}
			}
		}()
		for range messages {
			p.next("an answer to pause")
		}
		<-done
		s.wantMemory("a talkative player", connMemory)
		leave(p.nc.(*net.TCPConn))
		s.wantEnd("a player leaves", p.nc)
	}
}

// Players that read nothing of a stream that is larger than what is kept of it.
func TestHostilePlayersThatDoNotRead(t *testing.T) {
	s := newScene(t, nil, nil)
	n := counts(20, 200)
	for range n {
		s.reach(atPlay)
	}
	p := s.reach(atPublish)
	p.say(0, &message.SetChunkSize{Size: 1 << 20})
	src := &rtmptest.Source{StreamID: 1, Duration: 40 * time.Second, FrameSize: 40_000}
	for {
		m, err := src.ReadMessage()
		if err == io.EOF {
			break
		}
		p.send(m)
	}
	p.ping("a publisher is not held up by its players")
	s.wantMemory(fmt.Sprintf("%d players that do not read", n), ringMemory+min(attackMemory, n<<20))
}

// A stream that says other things about itself with every message costs no more than it may.
func TestHostileHeaders(t *testing.T) {
	s := newScene(t, nil, nil)
	p := s.reach(atPublish)
	p.say(0, &message.SetChunkSize{Size: 1 << 20})
	for i := range 3000 {
		track := byte(i)
		header := append([]byte{0x96, 0x00, 'h', 'v', 'c', '1', track}, random(8000)...) // multitrack, one track, sequence start
		p.send(&message.Message{Type: message.TypeVideo, StreamID: 1, Payload: header})
		if i%10 == 0 {
			payload, err := amf0.Append(nil, "@setDataFrame", "onMetaData", amf0.Object{{Name: fmt.Sprint("k", i), Value: string(random(50_000))}})
			if err != nil {
				t.Fatal(err)
			}
			p.send(&message.Message{Type: message.TypeData, StreamID: 1, Payload: payload})
		}
	}
	p.ping("headers")
	players := counts(50, 500)
	for range players {
		s.reach(atPlay) // which is sent the headers, and does not read them
	}
	const headers = 1 << 20
	s.wantMemory(fmt.Sprintf("3000 headers and %d players", players), ringMemory+headers+connMemory+players*128<<10)
}
