package session

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// takeCommand takes a command of the server.
func (c *Client) takeCommand(m *message.Message, cmd *message.Command) error {
	switch cmd.Name {
	case "_result", "_error":
		c.takeAnswer(m, cmd)
	case "onStatus":
		if st, ok := parseStatus(cmd.Args...); ok {
			c.takeStatus(m.StreamID, st)
		} else {
			c.ignored++
		}
	case "onBWDone":
		if c.phase == clientConnected {
			c.must(c.tell("_checkbw"))
		}
	case "_onbwcheck":
		c.checks++
		c.must(c.Reply(cmd, m.StreamID, float64(c.checks)))
	case "onFCPublish":
		if st, ok := parseStatus(cmd.Args...); ok && st.refuses() {
			c.refuseAll(st)
		}
	case "onFCSubscribe", "onFCUnpublish", "_onbwdone":
	case "close":
		c.close(Status{Level: levelStatus, Code: codeConnectClosed, Description: "The server closed the connection."})
	default:
		if cmd.TransactionID == 0 {
			c.emit(MessageReceived{Message: m})
		} else {
			c.emit(CallReceived{Command: cmd, Message: m})
		}
	}
	return c.err
}

// takeAnswer takes _result and _error.
func (c *Client) takeAnswer(m *message.Message, cmd *message.Command) {
	id := toID(cmd.TransactionID)
	kind := c.calls[id]
	delete(c.calls, id)
	switch kind {
	case callConnect:
		c.takeConnectAnswer(cmd)
	case callCreateStream:
		c.takeStreamID(id, cmd)
	case callRemote:
		ev := CallReturned{ID: id, Values: append([]any{cmd.Object}, cmd.Args...)}
		if cmd.Name == "_error" {
			st := refusal(cmd, codeCallFailed)
			ev.Err = &st
		}
		c.emit(ev)
	default:
		st := c.stream(m.StreamID)
		if st == nil && id == 0 {
			st = c.only(streamWaiting) // publish and play were sent with transaction 0
		}
		if cmd.Name == "_error" && st != nil && st.state == streamWaiting {
			c.refuse(st, refusal(cmd, codeStreamFailed))
			return
		}
		c.ignored++
	}
}

// takeConnectAnswer ends Connect. Some servers refuse with _result.
func (c *Client) takeConnectAnswer(cmd *message.Command) {
	if c.phase != clientAsking {
		return
	}
	st := refusal(cmd, "")
	if cmd.Name == "_error" || st.Code != codeConnectSuccess && strings.HasPrefix(st.Code, "NetConnection.Connect.") {
		c.phase = clientOver
		st.Code = cmp.Or(st.Code, codeConnectRejected)
		c.emit(ConnectRejected{Status: st})
		return
	}
	c.phase = clientConnected
	if c.promised != c.config.WindowAckSize { // else Set Peer Bandwidth has made us say so
		c.announceWindow(c.config.WindowAckSize)
	}
	c.control(0, &message.SetChunkSize{Size: c.chunkSize()})
	var ev ConnectAccepted
	ev.Properties, _ = amf0.AsObject(cmd.Object)
	if len(cmd.Args) > 0 {
		ev.Info, _ = amf0.AsObject(cmd.Args[0])
	}
	c.emit(ev)
}

// takeStreamID goes on with the request called id.
func (c *Client) takeStreamID(id uint32, cmd *message.Command) {
	r, wanted := c.requests[id]
	delete(c.requests, id)
	if cmd.Name == "_error" {
		if wanted {
			c.emit(StreamRejected{ID: id, Status: refusal(cmd, codeStreamFailed)})
		}
		return
	}
	v, _ := arg[float64](cmd, 0)
	switch streamID := toID(v); {
	case streamID == 0 || c.stream(streamID) != nil:
		if wanted {
			c.emit(StreamRejected{ID: id, Status: Status{Level: levelError, Code: codeStreamFailed,
				Description: "The server gave no usable stream id."}})
		}
	case wanted:
		c.start(id, streamID, r)
	default: // cancelled
		c.say(streamID, "deleteStream", 0, nil, float64(streamID))
	}
}

// refusal returns the status in an _error, with what the server left out.
func refusal(cmd *message.Command, code string) Status {
	st, _ := parseStatus(append(slices.Clone(cmd.Args), cmd.Object)...)
	st.Level = cmp.Or(st.Level, levelError)
	st.Code = cmp.Or(st.Code, code)
	st.Description = cmp.Or(st.Description, "The server gave no reason.")
	return st
}

// takeStatus takes an onStatus that came as a command or as a data message.
func (c *Client) takeStatus(streamID uint32, st Status) {
	if st.Code == codeReconnect {
		url, _ := st.Info.String("tcUrl")
		c.emit(ReconnectRequested{TCURL: url, Description: st.Description})
		return
	}
	s := c.stream(streamID)
	if s == nil && streamID == 0 && strings.HasPrefix(st.Code, "NetStream.") {
		s = cmp.Or(c.only(streamWaiting), c.only(streamOpen))
	}
	switch {
	case s == nil && streamID != 0: // of a stream that we have closed
		c.ignored++
		return
	case s == nil && st.refuses() && c.refuseAll(st):
		return
	case s == nil:
	case s.state == streamWaiting && st.begins(s.publish):
		c.accept(s)
		return
	case s.state == streamWaiting && (st.refuses() || st.ends()):
		c.refuse(s, st)
		return
	case s.state == streamOpen && (st.ends() || st.refuses() && !st.concernsRequest()):
		c.end(s, &st)
		return
	case s.state == streamEnded && st.ends():
		return // the second of UnpublishNotify and Stop
	}
	if s != nil {
		streamID = s.id
	}
	c.emit(StatusReceived{StreamID: streamID, Status: st})
}

// refuseAll ends with st whatever waits for an answer of the server, and reports whether there was something.
func (c *Client) refuseAll(st Status) (told bool) {
	if c.phase == clientAsking {
		told = true
		c.phase = clientOver
		c.emit(ConnectRejected{Status: st})
	}
	for _, id := range slices.Sorted(maps.Keys(c.requests)) {
		told = true
		delete(c.requests, id)
		c.emit(StreamRejected{ID: id, Status: st})
	}
	for _, id := range slices.Sorted(maps.Keys(c.streams)) {
		if s := c.streams[id]; s.state == streamWaiting {
			told = true
			c.refuse(s, st)
		}
	}
	return told
}

// close ends everything, because the server will say nothing more.
func (c *Client) close(st Status) {
	c.refuseAll(st)
	for _, id := range slices.Sorted(maps.Keys(c.streams)) {
		if s := c.streams[id]; s.state == streamOpen {
			c.end(s, &st)
		}
	}
	c.phase = clientOver
}
