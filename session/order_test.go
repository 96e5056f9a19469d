package session

import (
	"math/rand/v2"
	"testing"

	"github.com/gortmp/rtmp/message"
)

// addOrders makes seeds that are long enough to get somewhere.
func addOrders(f *testing.F) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 0))
		script := make([]byte, 200)
		for i := range script {
			script[i] = byte(r.Uint32())
		}
		f.Add(script)
	}
}

// FuzzServerOrder says commands to a server in any order, lets its owner answer at any time, and wants the events
// to make sense: an end for what was accepted and only once, media where something is published, an answer that
// is taken exactly as long as the request waits.
func FuzzServerOrder(f *testing.F) {
	addOrders(f)
	f.Fuzz(func(t *testing.T, script []byte) {
		p, s := newServer(t, &Config{MaxStreams: 3, MaxRequests: 2})
		waiting := map[uint32]StreamRequested{} // by id; connect has StreamID 0
		open := map[uint32]bool{}               // by stream id: publish
		for _, b := range script {
			streamID, id := uint32(b>>4)&3, uint32(b>>4)+1
			switch b & 15 {
			case 0:
				p.say(0, connectCommand("live"))
			case 1:
				p.say(0, cmd("createStream", 2))
			case 2:
				p.say(streamID, cmd("publish", 3, "cam1"))
			case 3:
				p.say(streamID, cmd("play", 3, "cam1"))
			case 4:
				p.say(0, cmd("closeStream", 0, float64(streamID)))
			case 5:
				p.say(streamID, cmd("deleteStream", 0, float64(streamID)))
			case 6:
				p.say(0, cmd("FCUnpublish", 4, "cam1"))
			case 7:
				p.say(streamID, cmd("pause", 0, true))
			case 8, 9:
				p.send(audio(streamID, 0, "sound"))
			case 10:
				if err := s.Finish(streamID); (err == nil) != has(open, streamID) {
					t.Fatalf("Finish(%d) = %v, it is open: %t", streamID, err, has(open, streamID))
				}
				delete(open, streamID)
			case 11:
				err := s.Reject(id, Status{})
				if _, wanted := waiting[id]; wanted != (err == nil) {
					t.Fatalf("Reject(%d) = %v, it waits: %t", id, err, wanted)
				}
				delete(waiting, id)
			default:
				err := s.Accept(id)
				r, wanted := waiting[id]
				if wanted != (err == nil) {
					t.Fatalf("Accept(%d) = %v, it waits: %t", id, err, wanted)
				}
				delete(waiting, id)
				if r.StreamID != 0 {
					open[r.StreamID] = r.Publish
				}
			}
			p.messages()
			for _, ev := range p.events() {
				switch ev := ev.(type) {
				case ConnectRequested:
					waiting[ev.ID] = StreamRequested{}
				case StreamRequested:
					if has(open, ev.StreamID) || ev.StreamID == 0 {
						t.Fatalf("%+v on a stream in use", ev)
					}
					waiting[ev.ID] = ev
				case RequestWithdrawn:
					if r, ok := waiting[ev.ID]; !ok || r.StreamID != ev.StreamID {
						t.Fatalf("%+v of no request", ev)
					}
					delete(waiting, ev.ID)
				case StreamEnded:
					if !has(open, ev.StreamID) {
						t.Fatalf("%+v of a stream that is not open", ev)
					}
					delete(open, ev.StreamID)
				case MessageReceived:
					publish := open[ev.Message.StreamID]
					for _, r := range waiting {
						publish = publish || r.Publish && r.StreamID == ev.Message.StreamID
					}
					if ev.Message.Type == message.TypeAudio && !publish {
						t.Fatalf("media on stream %d", ev.Message.StreamID)
					}
				}
			}
		}
		publishing := 0
		for _, publish := range open {
			if publish {
				publishing++
			}
		}
		if s.receiving != publishing {
			t.Errorf("the session counts %d published streams, there are %d", s.receiving, publishing)
		}
	})
}

func has[K comparable, V any](m map[K]V, k K) bool {
	_, ok := m[k]
	return ok
}

// FuzzClientOrder has a server say anything at any time to a client whose owner does anything at any time. Each
// request wants one answer, each stream one end, and media come only in between.
func FuzzClientOrder(f *testing.F) {
	addOrders(f)
	codes := []string{
		"NetStream.Publish.Start", "NetStream.Play.Start", "NetStream.Play.Reset", "NetStream.Play.Stop",
		"NetStream.Play.UnpublishNotify", "NetStream.Publish.BadName", "NetStream.Failed", "NetStream.Pause.Notify",
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		p, c := connectedClient(t, nil)
		waiting := map[uint32]bool{} // by id
		open := map[uint32]uint32{}  // by stream id: id
		var created []uint32         // transactions of createStream that nobody answered
		for _, b := range script {
			streamID, n := uint32(b>>4)&3, int(b>>4)
			switch b & 15 {
			case 0, 1:
				ask := func() (uint32, error) { return c.Publish("cam1", "") }
				if b&1 == 1 {
					ask = func() (uint32, error) { return c.Play("cam1", 0) }
				}
				if id, err := ask(); err == nil {
					waiting[id] = true
					created = append(created, id)
				}
			case 2, 3, 4:
				if len(created) > 0 {
					p.say(0, cmd("_result", float64(created[0]), float64(streamID)))
					created = created[1:]
				}
			case 5:
				p.say(0, cmd("_error", float64(n)))
			case 6, 7, 8:
				p.say(streamID, onStatus("", codes[n%len(codes)], ""))
			case 9, 10:
				p.send(audio(streamID, 0, "sound"))
			case 11:
				p.send(data(t, streamID, "onPlayStatus", Status{Code: "NetStream.Play.Complete"}.object()))
			case 12:
				if st := c.stream(streamID); st != nil {
					delete(waiting, st.request) // if it waits, it is cancelled
				}
				if err := c.CloseStream(streamID); err != nil && has(open, streamID) {
					t.Fatalf("CloseStream of an open stream: %v", err)
				}
				delete(open, streamID)
			case 13:
				for id := range waiting {
					must(t, "Cancel", c.Cancel(id))
					delete(waiting, id)
					break
				}
			case 14:
				p.say(0, onStatus("error", "NetConnection.Connect.Rejected", ""))
			case 15:
				if n == 15 {
					p.say(0, cmd("close", 0))
				}
			}
			p.messages()
			for _, ev := range p.events() {
				switch ev := ev.(type) {
				case StreamAccepted:
					if has(open, ev.StreamID) {
						t.Fatalf("%+v for a stream that is open", ev)
					}
					wantWaiting(t, waiting, ev.ID)
					open[ev.StreamID] = ev.ID
				case StreamRejected:
					wantWaiting(t, waiting, ev.ID)
				case StreamEnded:
					if !has(open, ev.StreamID) {
						t.Fatalf("%+v of a stream that is not open", ev)
					}
					delete(open, ev.StreamID)
				case MessageReceived:
					if ev.Message.Type == message.TypeAudio && !has(open, ev.Message.StreamID) {
						t.Fatalf("media on stream %d", ev.Message.StreamID)
					}
				}
			}
		}
	})
}

// wantWaiting wants that the request called id has not been answered.
func wantWaiting(t *testing.T, waiting map[uint32]bool, id uint32) {
	t.Helper()
	if !waiting[id] {
		t.Fatalf("an answer to request %d, which does not wait", id)
	}
	delete(waiting, id)
}
