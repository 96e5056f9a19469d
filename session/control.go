package session

import (
	"time"

	"github.com/gortmp/rtmp/message"
)

// handleControl takes a control message, on whatever stream it came: PTZ cameras send them everywhere. The chunk
// decoder has already obeyed Set Chunk Size and Abort. Other bodies that cannot be read are ignored.
//
// RTMP 1.0, sections 5.4 and 7.1.7.
func (e *engine) handleControl(m *message.Message) {
	body, err := message.Parse(m)
	if err != nil {
		e.ignored++
		return
	}
	switch b := body.(type) {
	case *message.SetChunkSize:
		e.role.chunkSizeChanged()
	case *message.Acknowledgement:
		e.emit(AckReceived{Bytes: b.SequenceNumber})
	case *message.WindowAckSize:
		e.window = b.Size
	case *message.SetPeerBandwidth:
		if b.Size != 0 && b.Size != e.promised {
			e.announceWindow(b.Size)
		}
	case *message.UserControl:
		e.handleUserControl(b)
	}
}

// handleUserControl answers pings. The other events tell a player what it sees by itself; events that nobody
// documented come from some servers and mean nothing.
func (e *engine) handleUserControl(u *message.UserControl) {
	switch u.Event {
	case message.EventPingRequest:
		e.control(0, &message.UserControl{Event: message.EventPingResponse, Timestamp: u.Timestamp})
	case message.EventPingResponse:
		e.emit(PongReceived{Timestamp: u.Timestamp})
	default:
		e.ignored++
	}
}

// announceWindow tells the peer to acknowledge every size bytes.
func (e *engine) announceWindow(size uint32) {
	e.promised = size
	e.control(0, &message.WindowAckSize{Size: size})
}

// acknowledge sends an Acknowledgement if the peer's window is full: at most one per Input, and with the running
// total, handshake not included.
//
// RTMP 1.0, section 5.4.3.
func (e *engine) acknowledge() {
	if e.window == 0 || e.received-e.acked < uint64(e.window) {
		return
	}
	e.acked = e.received
	e.control(0, &message.Acknowledgement{SequenceNumber: uint32(e.received)})
}

// Ping asks the peer for a sign of life, which comes as PongReceived. It returns the timestamp that the answer
// will have: milliseconds since the session began.
func (e *engine) Ping(now time.Time) uint32 {
	ts := uint32(now.Sub(e.start).Milliseconds())
	e.control(0, &message.UserControl{Event: message.EventPingRequest, Timestamp: ts})
	return ts
}
