package session

import (
	"bytes"
	"cmp"
	"fmt"
	"testing"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/internal/golden"
	"github.com/gortmp/rtmp/message"
)

// sound is the audio message of the recordings.
func sound(streamID uint32) *message.Message {
	return audio(streamID, 0, "\x2f\xff\xfb\x90\x64\x00\x00\x00\x00")
}

// TestServerDialogue replays what clients said to a Server, and wants the Server to say what they understood.
func TestServerDialogue(t *testing.T) {
	tests := map[string][]string{
		"ffmpeg-publish": {"connect live", "publish cam1 live", "data", "video", "video", "end 1"},
		"gst-publish":    {"connect live", "publish cam1 live", "data", "video", "video", "video", "end 1"},
		"ffmpeg-play":    {"connect live", "play cam1 -2s"},
		"gst-play":       {"connect live", "play cam1 -2s"},
		"rtmpdump-play":  {"connect live", "play cam1 -1s"},
	}
	for name, wanted := range tests {
		t.Run(name, func(t *testing.T) {
			s := NewServer(nil, epoch)
			var heard []string
			owner := func(ev Event) {
				switch ev := ev.(type) {
				case ConnectRequested:
					heard = append(heard, "connect "+ev.App)
					must(t, "Accept", s.Accept(ev.ID))
				case StreamRequested:
					must(t, "Accept", s.Accept(ev.ID))
					if ev.Publish {
						heard = append(heard, fmt.Sprintf("publish %s %s", ev.Name, ev.Kind))
						return
					}
					heard = append(heard, fmt.Sprintf("play %s %v", ev.Name, ev.Start))
					must(t, "Send", s.Send(sound(ev.StreamID)))
				case MessageReceived:
					heard = append(heard, ev.Message.Type.String())
				case StreamEnded:
					heard = append(heard, fmt.Sprintf("end %d", ev.StreamID))
				default:
					heard = append(heard, fmt.Sprintf("%T", ev))
				}
			}
			replay(t, name, s, true, owner, func() { must(t, "Finish", s.Finish(1)) })
			want(t, "what the owner heard", wanted, heard)
		})
	}
}

// TestClientDialogue replays what servers said to a Client.
func TestClientDialogue(t *testing.T) {
	tests := map[string][]string{
		"client-ffmpeg-publish": {"connected", "open 1"},
		"client-nginx-publish":  {"connected", "open 1"},
		"client-nginx-play":     {"connected", "open 1"},
	}
	for name, wanted := range tests {
		t.Run(name, func(t *testing.T) {
			publish := name != "client-nginx-play"
			port := map[string]string{"client-ffmpeg-publish": "29352"}[name]
			c := NewClient(nil, epoch)
			url := "rtmp://127.0.0.1:" + cmp.Or(port, "29353") + "/live"
			must(t, "Connect", c.Connect(amf0.Object{
				{Name: "app", Value: "live"}, {Name: "type", Value: "nonprivate"}, {Name: "tcUrl", Value: url},
			}))
			var heard []string
			owner := func(ev Event) {
				switch ev := ev.(type) {
				case ConnectAccepted:
					heard = append(heard, "connected")
					if publish {
						must(t, "Publish", second(c.Publish("cam1", "")))
					} else {
						must(t, "Play", second(c.Play("cam1", 0)))
					}
				case StreamAccepted:
					heard = append(heard, fmt.Sprintf("open %d", ev.StreamID))
					if publish {
						m := data(t, ev.StreamID, "onMetaData", amf0.ECMAArray{{Name: "audiocodecid", Value: 2.0}})
						must(t, "Send", c.Send(m))
						must(t, "Send", c.Send(sound(ev.StreamID)))
						must(t, "CloseStream", c.CloseStream(ev.StreamID))
					}
				default:
					heard = append(heard, fmt.Sprintf("%T", ev))
				}
			}
			replay(t, name, c, false, owner, nil)
			want(t, "what the owner heard", wanted, heard)
		})
	}
}

// replay gives s the flows of the other side and wants it to say its own, byte for byte. finish is called where s
// spoke of itself.
func replay(t *testing.T, name string, s session, server bool, owner func(Event), finish func()) {
	t.Helper()
	for i, flow := range golden.Flows(t, "testdata/"+name+".hex") {
		if flow.Client == server {
			must(t, fmt.Sprintf("Input of flow %d", i), s.Input(epoch, flow.Bytes))
			for _, ev := range drain(s) {
				owner(ev)
			}
			continue
		}
		out := s.Output(nil)
		if len(out) < len(flow.Bytes) && finish != nil {
			finish()
			out = append(out, s.Output(nil)...)
		}
		if !bytes.Equal(out, flow.Bytes) {
			t.Fatalf("flow %d is\n%x\nwant\n%x", i, out, flow.Bytes)
		}
	}
	if rest := s.Output(nil); len(rest) > 0 {
		t.Errorf("after the last flow the session says %x", rest)
	}
}
