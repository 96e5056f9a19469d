package session

import (
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// An Event is something that the session wants its owner to know: one of the types of this file.
type Event any

// Events of both roles.
type (
	// MessageReceived carries a message for the owner: audio, video, data, aggregates, shared objects, unknown
	// types, and the commands that the session answers or leaves alone (pause, seek, receiveAudio, …, unknown
	// commands without a transaction). Message is owned. A leading "@setDataFrame" is already stripped.
	//
	// A server's owner also gets what follows a publish that it has not answered yet, because some encoders send
	// the headers of their streams without waiting; after Reject it may forget them. A client's owner does not
	// get "|RtmpSampleAccess", and onStatus and onPlayStatus come as StatusReceived or StreamEnded also if they
	// were data messages.
	MessageReceived struct{ Message *message.Message }

	// CallReceived asks for a remote method. The owner must answer it with Reply or ReplyError; Message is the
	// command as it came. Calls without a transaction come as MessageReceived instead.
	CallReceived struct {
		Command *message.Command
		Message *message.Message
	}

	// StatusReceived is an onStatus that neither begins, refuses nor ends anything. StreamID is 0 if it is about
	// the connection.
	StatusReceived struct {
		StreamID uint32
		Status   Status
	}

	// StreamEnded tells, once, that the peer ended a stream that had been accepted: deleteStream, closeStream or
	// FCUnpublish seen by a server; Play.Stop, Play.Complete, UnpublishNotify, Unpublish.Success or an error seen
	// by a client. The user control event StreamEOF alone ends nothing. Status is what the peer said, if
	// anything. On a server the stream id is gone after Deleted, else the client can use it again; a client
	// still has to call CloseStream.
	StreamEnded struct {
		StreamID uint32
		Deleted  bool
		Status   *Status
	}

	// PongReceived answers Ping: Timestamp is what Ping returned. Pings that the session sends by itself are
	// answered too.
	PongReceived struct{ Timestamp uint32 }

	// AckReceived is the peer's running total of received bytes, modulo 2^32.
	AckReceived struct{ Bytes uint32 }
)

// Events of a Server.
type (
	// ConnectRequested must be answered with Accept or Reject. Object is the whole connect object, Args what
	// followed it. App has no slashes at its ends and no double ones, and keeps its query.
	ConnectRequested struct {
		ID                   uint32
		App, TCURL, FlashVer string
		Object               amf0.Object
		Args                 []any
	}

	// StreamRequested asks to publish or play; it must be answered with Accept or Reject, unless
	// RequestWithdrawn with the same ID comes first. Name has at most 1 KiB and no control characters; it may be
	// empty, and has its query.
	StreamRequested struct {
		ID       uint32
		StreamID uint32
		Publish  bool
		Name     string
		Kind     string        // publish: "live", "record" or "append"
		Start    time.Duration // play: -2 s live or recorded, -1 s live only, else the position
		Duration time.Duration // play: negative means all of it
		Reset    bool          // play: asked for explicitly
	}

	// RequestWithdrawn tells that the peer closed or deleted the stream of a waiting request.
	RequestWithdrawn struct{ ID, StreamID uint32 }
)

// Events of a Client.
type (
	// ConnectAccepted and ConnectRejected end Connect.
	ConnectAccepted struct{ Properties, Info amf0.Object }
	ConnectRejected struct{ Status Status }

	// StreamAccepted ends Publish or Play well, StreamRejected badly. ID is what Publish or Play returned. A
	// rejected stream is already deleted.
	StreamAccepted struct{ ID, StreamID uint32 }
	StreamRejected struct {
		ID     uint32
		Status Status
	}

	// CallReturned ends Call. Err is nil for _result. Values are what follows the transaction id.
	CallReturned struct {
		ID     uint32
		Values []any
		Err    *Status
	}

	// ReconnectRequested asks the client to connect again, to TCURL if that is not empty.
	//
	// Enhanced RTMP v2, "Reconnect Request".
	ReconnectRequested struct{ TCURL, Description string }
)

// A Status is the information object of an onStatus, _result or _error.
type Status struct {
	Level       string // "status", "warning" or "error"
	Code        string // for example "NetStream.Play.Start"
	Description string
	Info        amf0.Object // further members, in order
}
