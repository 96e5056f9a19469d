package session

import (
	"errors"
	"testing"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// TestBug has what an implementation in another language got wrong, by the number it has in our list of its bugs.
// Those of the chunk stream and of AMF alone are tested there.
func TestBug(t *testing.T) {
	t.Run("1 messages interleaved", func(t *testing.T) {
		p, _ := publishing(t, nil)
		picture := video(1, 0, string(make([]byte, 200)))
		chunks := p.encodeMessage(picture) // a header of 12 bytes, 128 bytes, a header of 1, 72 bytes
		ping := p.encode(0, &message.UserControl{Event: message.EventPingRequest, Timestamp: 7})
		sound := p.encodeMessage(audio(1, 0, "sound"))
		for _, b := range [][]byte{chunks[:140], ping, sound, chunks[140:]} {
			must(t, "Input", p.s.Input(p.now, b))
		}
		want(t, "both arrive whole, the one that ended first comes first",
			[]Event{MessageReceived{audio(1, 0, "sound")}, MessageReceived{picture}}, p.events())
		want(t, "the ping in the middle is answered",
			[]said{{0, &message.UserControl{Event: message.EventPingResponse, Timestamp: 7}}}, p.heard())
	})

	t.Run("2 header state after Play.Reset", func(t *testing.T) {
		p, s := playing(t, nil)
		reset := Status{Level: "status", Code: "NetStream.Play.Reset", Description: "Playlist cleared.",
			Info: amf0.Object{{Name: "details", Value: "cam1"}}}
		must(t, "SendStatus", s.SendStatus(1, reset))
		want(t, "a status as long as the first decodes the same",
			[]said{{1, &message.Command{Name: "onStatus", Args: []any{reset.object()}}}}, p.heard())
	})

	t.Run("3 short commands", func(t *testing.T) {
		for _, values := range [][]any{{"connect"}, {"connect", 1.0}, {"play", 1.0}, {"publish"}, {"deleteStream", 0.0}} {
			p, _ := connected(t, nil)
			payload, err := amf0.Append(nil, values...)
			must(t, "Append", err)
			p.send(&message.Message{Type: message.TypeCommand, StreamID: 0, Payload: payload})
			want(t, "refused or ignored", []Event(nil), p.events())
		}
	})

	t.Run("4 @setDataFrame of nothing", func(t *testing.T) {
		for _, begin := range []func(testing.TB, *Config) (*peer, *Server){newServer, publishing} {
			p, s := begin(t, nil)
			p.send(data(t, 1, "@setDataFrame"))
			want(t, "ignored", []Event(nil), p.events())
			want(t, "and counted", uint64(1), s.Ignored())
		}
		p, _ := publishing(t, nil)
		p.send(data(t, 1, "@setDataFrame", "onMetaData"))
		want(t, "no value behind the name", []Event{MessageReceived{data(t, 1, "onMetaData")}}, p.events())
	})

	t.Run("5 nesting", func(t *testing.T) {
		p, _ := newServer(t, nil)
		payload, _ := amf0.Append(nil, "connect", 1.0)
		for range 40_000 {
			payload = append(payload, 0x0A, 0, 0, 0, 1)
		}
		err := p.s.Input(p.now, p.encodeMessage(&message.Message{Type: message.TypeCommand, Payload: payload}))
		if !errors.As(err, new(*CommandError)) || !errors.Is(err, amf0.ErrTooDeep) {
			t.Errorf("connect with 40,000 levels = %v, want a CommandError that is amf0.ErrTooDeep", err)
		}
	})

	t.Run("6 empty messages", func(t *testing.T) {
		p, s := playing(t, nil)
		must(t, "Send", s.Send(audio(1, 20, "")))
		want(t, "silence is sent", []*message.Message{audio(1, 20, "")}, p.messages())
	})

	t.Run("8 chunk size 0", func(t *testing.T) {
		for _, size := range [][]byte{{0, 0, 0, 0}, {0x80, 0, 0, 1}} {
			p, _ := newServer(t, nil)
			in := p.encodeMessage(&message.Message{Type: 99, Payload: size})
			in[7] = byte(message.TypeSetChunkSize)
			if err := p.s.Input(p.now, in); err == nil {
				t.Errorf("chunk size %x was accepted", size)
			}
			if err := p.s.Input(p.now, nil); err == nil {
				t.Errorf("the session goes on after chunk size %x", size)
			}
		}
		p, s := playing(t, nil)
		err := s.Send(&message.Message{Type: message.TypeSetChunkSize, Payload: []byte{0, 0, 0, 0}})
		if err == nil {
			t.Error("chunk size 0 was sent")
		}
		must(t, "Send after that", s.Send(audio(1, 0, "sound")))
		want(t, "nothing else happened", []*message.Message{audio(1, 0, "sound")}, p.messages())
	})

	t.Run("10 running total", func(t *testing.T) {
		p, _ := publishing(t, nil)
		testAcknowledgement(t, p)
	})

	t.Run("11 unknown user control events", func(t *testing.T) {
		p, s := newServer(t, nil)
		before := s.Ignored()
		for _, ev := range []message.Event{5, message.EventSWFVerifyRequest, 33, 0xFFFF} {
			p.say(0, &message.UserControl{Event: ev, Data: []byte{1}})
		}
		want(t, "ignored", before+4, s.Ignored())
		want(t, "no answer", []said(nil), p.heard())
	})

	t.Run("12 closeStream without an argument", func(t *testing.T) {
		for _, c := range []*message.Command{cmd("closeStream", 0), cmd("closeStream", 0, nil), cmd("deleteStream", 0)} {
			p, _ := publishing(t, nil)
			p.say(1, c)
			want(t, "the stream of the message is meant",
				[]Event{StreamEnded{StreamID: 1, Deleted: c.Name == "deleteStream"}}, p.events())
		}
	})

	t.Run("13 refusals", func(t *testing.T) {
		p, s := connected(t, nil)
		p.messages()
		for _, c := range []*message.Command{cmd("publish", 5, "cam1"), cmd("play", 5, "cam1")} {
			p.say(1, c)
			ev := event[StreamRequested](t, c.Name, p.events())
			must(t, "Reject", s.Reject(ev.ID, Status{Code: "NetStream.Publish.BadName", Description: "taken"}))
			want(t, "an onStatus on the stream, whatever the transaction",
				[]said{{1, onStatus("error", "NetStream.Publish.BadName", "taken")}}, p.heard())
		}
		p.say(1, cmd("publish", 5, "cam1"))
		want(t, "publish without a type is live", "live", event[StreamRequested](t, "publish", p.events()).Kind)
	})

	t.Run("14 a client that goes on", func(t *testing.T) {
		p := newPair(t, nil, nil)
		p.connect()
		id := p.play("cam1")
		must(t, "CloseStream", p.client.CloseStream(id))
		must(t, "Send", p.server.Send(audio(id, 0, "sound"))) // has not heard it yet
		p.pump()
		want(t, "media on a closed stream are dropped", []Event(nil), drain(p.client))
		want(t, "the server hears the end", []Event{StreamEnded{StreamID: id, Deleted: true}}, drain(p.server))

		id = p.play("cam1")
		start := Status{"status", "NetStream.Play.Start", "again", nil}
		must(t, "SendStatus", p.server.SendStatus(id, start))
		p.pump()
		want(t, "a second Play.Start is only told", []Event{StatusReceived{id, start}}, drain(p.client))

		request, err := p.client.Play("cam2", 0)
		must(t, "Play", err)
		refused := Status{"error", "NetStream.Play.StreamNotFound", "no such stream", nil}
		must(t, "Reject", p.server.Reject(p.request().ID, refused))
		p.pump()
		want(t, "a refusal is told", []Event{StreamRejected{request, refused}}, drain(p.client))

		must(t, "Send", p.server.Send(audio(id, 0, "sound")))
		p.pump()
		want(t, "the other stream goes on", []Event{MessageReceived{audio(id, 0, "sound")}}, drain(p.client))
	})

	t.Run("14 createStream refused", func(t *testing.T) {
		p := newPair(t, nil, &Config{MaxStreams: 1})
		p.connect()
		p.publish("cam1")
		request, err := p.client.Play("cam1", 0)
		must(t, "Play", err)
		p.pump()
		ev := event[StreamRejected](t, "refused", drain(p.client))
		want(t, "by id", request, ev.ID)
		want(t, "with the reason", "Too many streams.", ev.Status.Description)
	})

	t.Run("15 metadata in other forms", func(t *testing.T) {
		p, _ := publishing(t, nil)
		plain := data(t, 1, "onMetaData", metadata)
		p.send(plain)
		want(t, "without @setDataFrame", []Event{MessageReceived{plain}}, p.events())

		framed := data(t, 1, "@setDataFrame", "onMetaData", metadata)
		framed.Type = message.TypeDataAMF3
		framed.Payload = append([]byte{0}, framed.Payload...)
		p.send(framed)
		m := event[MessageReceived](t, "type 15 with a zero in front", p.events()).Message
		b, err := message.Parse(m)
		must(t, "Parse", err)
		want(t, "the values", []any{"onMetaData", metadata}, b.(*message.Data).Values)
	})

	t.Run("16 time goes back", func(t *testing.T) {
		p, s := playing(t, nil)
		all := []*message.Message{video(1, 100, "a"), video(1, 60, "b"), video(1, 120, "c"), video(1, 180, "d")}
		for _, m := range all {
			must(t, "Send", s.Send(m))
		}
		want(t, "times are kept", all, p.messages())
	})

	t.Run("19 metadata stay whole", func(t *testing.T) {
		p := newPair(t, nil, nil)
		p.connect()
		id := p.publish("cam1")
		m := data(t, id, "onMetaData", amf0.Object{{Name: "z", Value: "avc1"}, {Name: "a", Value: amf0.StrictArray{1.0, nil}}})
		must(t, "Send", p.client.Send(m))
		p.pump()
		want(t, "byte for byte", []Event{MessageReceived{m}}, drain(p.server))
	})
}
