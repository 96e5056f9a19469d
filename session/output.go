package session

import (
	"cmp"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
)

// Output returns the bytes to send so far, which are owned by the caller, and makes the session go on in
// spare[:0], which may be nil. What one call of Input or of a method produced comes out together.
func (e *engine) Output(spare []byte) []byte {
	out := e.out
	e.out = spare[:0]
	return out
}

// OutputLen returns the number of bytes that Output would return. An owner that cannot get rid of them stops
// calling Input, because answers are as many as questions.
func (e *engine) OutputLen() int { return len(e.out) }

// ChunkSize returns the number of payload bytes per chunk that we send with now.
func (e *engine) ChunkSize() uint32 { return e.enc.ChunkSize() }

// Prepared tells that bytes which the session did not make went out on chunk stream csid: the next message there
// starts with a header that depends on nothing before.
func (e *engine) Prepared(csid uint32) { e.enc.Forget(csid) }

// Send encodes m on the chunk stream that chunk.StreamID gives. m is not kept. A Set Chunk Size message
// changes our chunk size. What a client sends on a stream that it publishes and that begins with "onMetaData"
// gets "@setDataFrame" in front.
//
// Errors: *StreamError for audio, video, data and aggregates on a stream that does not exist, those of
// chunk.Encoder, both of which end nothing; and the error that ended the session.
func (e *engine) Send(m *message.Message) error {
	if e.err != nil {
		return e.err
	}
	if m.Type.IsMedia() {
		s := e.stream(m.StreamID)
		if s == nil {
			return sendError(m)
		}
		if m.Type.IsData() && s.publish && !s.inbound {
			return e.sendData(m)
		}
	}
	return e.append(m)
}

// sendData sends a data message to the server that we publish to.
func (e *engine) sendData(m *message.Message) error {
	name, _, ok := message.PeekName(m)
	if !ok || string(name) != "onMetaData" {
		return e.append(m)
	}
	framed := *m
	framed.Payload = message.AppendSetDataFrame(e.scratch[:0], m)
	err := e.append(&framed)
	e.keepScratch(framed.Payload)
	return err
}

func (e *engine) append(m *message.Message) error {
	out, err := e.enc.Append(e.out, chunk.StreamID(m), m)
	if err != nil {
		return err
	}
	e.out = out
	return nil
}

// keepScratch takes a payload made in scratch back for the next one.
func (e *engine) keepScratch(payload []byte) {
	e.scratch = payload[:0]
	if cap(payload) > maxIdleScratch {
		e.scratch = nil
	}
}

// put sends a message that the session itself made in scratch, always with a whole header: some devices do not
// read shortened ones at the beginning of a connection.
func (e *engine) put(t message.Type, streamID uint32, payload []byte) error {
	m := message.Message{Type: t, StreamID: streamID, Payload: payload}
	e.enc.Forget(chunk.StreamID(&m))
	err := e.append(&m)
	e.keepScratch(payload)
	return err
}

// control sends a control message. Its values are ours and fit.
func (e *engine) control(streamID uint32, b message.Body) {
	payload, err := b.AppendPayload(e.scratch[:0])
	if err == nil {
		err = e.put(b.MessageType(), streamID, payload)
	}
	e.must(err)
}

// userControl sends a user control message about stream id, in the message stream carrier.
func (e *engine) userControl(carrier uint32, ev message.Event, id uint32) {
	e.control(carrier, &message.UserControl{Event: ev, StreamID: id})
}

// command sends a command. Its errors are those of amf0.Append and chunk.Encoder, for values of the owner.
func (e *engine) command(streamID uint32, name string, txn float64, object any, args ...any) error {
	b := amf0.AppendNumber(amf0.AppendString(e.scratch[:0], name), txn)
	b, err := amf0.Append(b, object)
	if err == nil {
		b, err = amf0.Append(b, args...)
	}
	if err != nil {
		return err
	}
	return e.put(message.TypeCommand, streamID, b)
}

// say is command for values of our own, which can always be encoded.
func (e *engine) say(streamID uint32, name string, txn float64, object any, args ...any) {
	e.must(e.command(streamID, name, txn, object, args...))
}

// sayData sends a data message with values of our own.
func (e *engine) sayData(streamID uint32, values ...any) {
	b, err := amf0.Append(e.scratch[:0], values...)
	if err == nil {
		err = e.put(message.TypeData, streamID, b)
	}
	e.must(err)
}

// must keeps an error of encoding values that we chose. It would be a bug; the session ends rather than leave
// the peer without an answer.
func (e *engine) must(err error) {
	if err != nil && e.err == nil {
		e.err = err
	}
}

// SendStatus sends an onStatus on a stream; on stream 0 it is about the connection. An empty Level is "status".
func (e *engine) SendStatus(streamID uint32, st Status) error {
	if e.err != nil {
		return e.err
	}
	if streamID != 0 && e.stream(streamID) == nil {
		return &StreamError{StreamID: streamID, Op: "send a status"}
	}
	st.Level = cmp.Or(st.Level, levelStatus)
	return e.command(streamID, "onStatus", 0, nil, st.object())
}

// status is SendStatus for codes of our own, on streams that may not exist.
func (e *engine) status(streamID uint32, level, code, description string, info ...amf0.Property) {
	st := Status{Level: level, Code: code, Description: description, Info: info}
	e.say(streamID, "onStatus", 0, nil, st.object())
}

// Reply answers the call c, which came on the stream streamID, with _result and values. A call with transaction
// 0 wants no answer and gets none.
func (e *engine) Reply(c *message.Command, streamID uint32, values ...any) error {
	if e.err != nil || c.TransactionID == 0 {
		return e.err
	}
	return e.command(streamID, "_result", c.TransactionID, nil, values...)
}

// ReplyError answers the call c with _error. An empty Level is "error", an empty Code NetConnection.Call.Failed.
func (e *engine) ReplyError(c *message.Command, streamID uint32, st Status) error {
	if e.err != nil || c.TransactionID == 0 {
		return e.err
	}
	st.Level = cmp.Or(st.Level, levelError)
	st.Code = cmp.Or(st.Code, codeCallFailed)
	return e.command(streamID, "_error", c.TransactionID, nil, st.object())
}
