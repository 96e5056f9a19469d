package session

import (
	"slices"
	"testing"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// TestReference has the cases C1 to C24 and V1 to V26, which the sessions of a mature implementation in another
// language satisfy. Where that one is wrong, the case wants what is right.
func TestReference(t *testing.T) {
	referenceClient(t)
	referenceServer(t)
}

// metadata has the eleven fields that encoders send, and one more.
var metadata = amf0.ECMAArray{
	{Name: "width", Value: 1920.0},
	{Name: "height", Value: 1080.0},
	{Name: "videocodecid", Value: 10.0},
	{Name: "framerate", Value: 30.0},
	{Name: "videodatarate", Value: 1200.0},
	{Name: "audiocodecid", Value: 7.0},
	{Name: "audiodatarate", Value: 96.0},
	{Name: "audiosamplerate", Value: 48000.0},
	{Name: "audiosamplesize", Value: 16.0},
	{Name: "audiochannels", Value: 2.0},
	{Name: "stereo", Value: true},
	{Name: "encoder", Value: "an encoder"},
}

func testPingRequest(t *testing.T, p *peer) {
	t.Helper()
	p.say(0, &message.UserControl{Event: message.EventPingRequest, Timestamp: 5230})
	want(t, "a ping is answered with its own time",
		[]said{{0, &message.UserControl{Event: message.EventPingResponse, Timestamp: 5230}}}, p.heard())
}

func testPing(t *testing.T, p *peer, ping func(now time.Time) uint32) {
	t.Helper()
	ts := ping(epoch.Add(5230 * time.Millisecond))
	want(t, "time of a ping is the age of the session", uint32(5230), ts)
	want(t, "the ping", []said{{0, &message.UserControl{Event: message.EventPingRequest, Timestamp: ts}}}, p.heard())
}

func testPingResponse(t *testing.T, p *peer) {
	t.Helper()
	p.say(0, &message.UserControl{Event: message.EventPingResponse, Timestamp: 5230})
	want(t, "the answer to a ping", []Event{PongReceived{5230}}, p.events())
}

// testAcknowledgement wants one acknowledgement, of all bytes so far, per input that fills the window.
func testAcknowledgement(t *testing.T, p *peer) {
	t.Helper()
	received := func() uint32 { return uint32(p.s.(interface{ BytesIn() uint64 }).BytesIn()) }
	isAck := func(m *message.Message) bool { return m.Type == message.TypeAcknowledgement }
	input := func(why string, wanted bool, size int) {
		t.Helper()
		p.send(&message.Message{Type: 99, Payload: make([]byte, size)})
		acks := slices.DeleteFunc(p.messages(), func(m *message.Message) bool { return !isAck(m) })
		if !wanted {
			want(t, why, 0, len(acks))
			return
		}
		if len(acks) != 1 {
			t.Fatalf("%s: %d acknowledgements, want 1", why, len(acks))
		}
		b, err := message.Parse(acks[0])
		must(t, "Parse", err)
		want(t, why, message.Body(&message.Acknowledgement{SequenceNumber: received()}), b)
	}
	p.messages()
	input("nothing before the peer wants it", false, 1000)
	p.say(0, &message.WindowAckSize{Size: 100})
	p.messages()
	input("more than the window", true, 150)
	input("less than the window", false, 20)
	input("the window is full again", true, 100)
}
