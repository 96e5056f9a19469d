package dump

import (
	"fmt"
	"strconv"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

const firstBytes = 16 // ours: bytes of media that are shown; enough for every header

// appendBody appends what is inside m on one line. It returns the messages of an aggregate, which want lines of
// their own.
func appendBody(dst []byte, m *message.Message) (line []byte, parts []*message.Message) {
	body, err := message.Parse(m)
	if err != nil {
		dst = fmt.Appendf(dst, "unreadable: %v: ", err)
		return appendHex(dst, m.Payload), nil
	}
	switch b := body.(type) {
	case *message.SetChunkSize:
		dst = fmt.Appendf(dst, "%d bytes", b.Size)
	case *message.Abort:
		dst = fmt.Appendf(dst, "chunk stream %d", b.ChunkStreamID)
	case *message.Acknowledgement:
		dst = fmt.Appendf(dst, "%d bytes received", b.SequenceNumber)
	case *message.WindowAckSize:
		dst = fmt.Appendf(dst, "%d bytes", b.Size)
	case *message.SetPeerBandwidth:
		limit := [...]string{"hard", "soft", "dynamic"}[b.Limit] // Parse accepts no other
		dst = fmt.Appendf(dst, "%d bytes, %s", b.Size, limit)
	case *message.UserControl:
		dst = appendUserControl(dst, b)
	case *message.Command:
		dst = append(dst, b.Name...)
		dst = append(dst, ' ')
		dst = strconv.AppendFloat(dst, b.TransactionID, 'g', -1, 64)
		dst = append(dst, ' ')
		dst = appendValue(dst, b.Object)
		dst = appendValues(dst, b.Args)
	case *message.Data:
		if name := b.Name(); name != "" {
			dst = append(dst, name...)
			dst = appendValues(dst, b.Values[1:])
		} else {
			dst = appendValues(dst, b.Values)
		}
	case *message.SharedObject:
		dst = appendSharedObject(dst, b)
	case *message.Aggregate:
		dst = fmt.Appendf(dst, "%d messages", len(b.Messages))
		parts = b.Messages
	default:
		switch m.Type {
		case message.TypeAudio:
			dst = appendAudio(dst, m.Payload)
		case message.TypeVideo:
			dst = appendVideo(dst, m.Payload)
		}
		dst = appendHex(dst, m.Payload)
	}
	return dst, parts
}

func appendUserControl(dst []byte, u *message.UserControl) []byte {
	dst = append(dst, u.Event.String()...)
	switch u.Event {
	case message.EventPingRequest, message.EventPingResponse:
		dst = fmt.Appendf(dst, ", clock %d ms", u.Timestamp)
	case message.EventSetBufferLength:
		dst = fmt.Appendf(dst, ", stream %d, %d ms", u.StreamID, u.BufferLength)
	case message.EventStreamBegin, message.EventStreamEOF, message.EventStreamDry, message.EventStreamIsRecorded,
		message.EventBufferEmpty, message.EventBufferReady:
		dst = fmt.Appendf(dst, ", stream %d", u.StreamID)
	}
	if len(u.Data) > 0 {
		dst = append(dst, ": "...)
		dst = appendHex(dst, u.Data)
	}
	return dst
}

func appendAudio(dst []byte, payload []byte) []byte {
	a, err := media.ParseAudio(payload)
	switch {
	case err != nil:
		return fmt.Appendf(dst, "unreadable: %v: ", err)
	case a.Silence:
		return append(dst, "silence"...)
	}
	return fmt.Appendf(dst, "%v %v%s: ", a.Codec, a.PacketType, tracks(a.Multitrack, a.Track))
}

func appendVideo(dst []byte, payload []byte) []byte {
	v, err := media.ParseVideo(payload)
	if err != nil {
		return fmt.Appendf(dst, "unreadable: %v: ", err)
	}
	if v.IsCommand() {
		return fmt.Appendf(dst, "command %d: ", v.Command)
	}
	what := v.PacketType.String()
	if v.IsCoded() {
		what = v.FrameType.String()
	}
	if v.Composition != 0 {
		what += fmt.Sprintf(" %+d ms", v.Composition)
	}
	return fmt.Appendf(dst, "%v %s%s: ", v.Codec, what, tracks(v.Multitrack, v.Track))
}

// tracks returns which track a message is of, if there is anything to say about that.
func tracks(m media.Multitrack, id uint8) string {
	switch m {
	case media.SingleTrack:
		return ""
	case media.OneTrack:
		return fmt.Sprintf(", track %d", id)
	}
	return ", " + m.String()
}

func appendSharedObject(dst []byte, so *message.SharedObject) []byte {
	dst = strconv.AppendQuote(dst, so.Name)
	dst = fmt.Appendf(dst, " version %d flags %d", so.Version, so.Flags)
	for _, e := range so.Events {
		dst = fmt.Appendf(dst, ", event %d", e.Type)
		if len(e.Properties) > 0 {
			dst = append(dst, ' ')
			dst = appendValue(dst, e.Properties)
		}
		for _, name := range e.Names {
			dst = append(dst, ' ')
			dst = strconv.AppendQuote(dst, name)
		}
		dst = appendValues(dst, e.Values)
		if e.Code != "" || e.Level != "" {
			dst = fmt.Appendf(dst, " %q %q", e.Code, e.Level)
		}
		if len(e.Data) > 0 {
			dst = append(dst, ' ')
			dst = appendHex(dst, e.Data)
		}
	}
	return dst
}

// appendHex appends the first bytes of b, and dots if there are more.
func appendHex(dst, b []byte) []byte {
	dst = fmt.Appendf(dst, "% x", b[:min(len(b), firstBytes)])
	if len(b) > firstBytes {
		dst = append(dst, " …"...)
	}
	return dst
}
