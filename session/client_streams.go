package session

import (
	"cmp"
	"time"

	"github.com/gortmp/rtmp/message"
)

// Publish asks the server to take a stream called name. kind is "live", "record" or "append"; empty means live.
// The answer is StreamAccepted or StreamRejected with the same id.
//
// Errors: ErrNotConnected, and the error that ended the session.
//
// RTMP 1.0, section 7.2.2.6; releaseStream and FCPublish are what encoders send and some services need.
func (c *Client) Publish(name, kind string) (id uint32, err error) {
	if err := c.ready(); err != nil {
		return 0, err
	}
	for _, command := range []string{"releaseStream", "FCPublish"} {
		if err := c.tell(command, name); err != nil {
			return 0, err
		}
	}
	return c.createStream(clientRequest{publish: true, name: name, kind: cmp.Or(kind, "live")})
}

// Play asks the server for the stream called name. start is the position to begin at; zero and -2 seconds mean
// the live stream of that name, else the recorded one, and -1 second a live stream only. The answer is
// StreamAccepted or StreamRejected with the same id.
//
// Errors: ErrNotConnected, and the error that ended the session.
//
// RTMP 1.0, section 7.2.2.1; FCSubscribe is what some services need for live streams.
func (c *Client) Play(name string, start time.Duration) (id uint32, err error) {
	if err := c.ready(); err != nil {
		return 0, err
	}
	id, err = c.createStream(clientRequest{name: name, start: start})
	if err == nil && start == startLive {
		err = c.tell("FCSubscribe", name)
	}
	return id, err
}

func (c *Client) createStream(r clientRequest) (id uint32, err error) {
	id, err = c.ask(callCreateStream, "createStream", nil)
	if err == nil {
		c.requests[id] = r
	}
	return id, err
}

// start asks for what the request called id wants on the new stream. The commands carry transaction 0: they are
// answered with onStatus.
func (c *Client) start(id, streamID uint32, r clientRequest) {
	st := c.addStream(streamID)
	*st = stream{id: streamID, state: streamWaiting, publish: r.publish, inbound: !r.publish, request: id, name: r.name}
	// The first picture may come before the answer, and be as large as any.
	c.dec.MaxMessageSize = c.config.MaxMessageSize
	if r.publish {
		c.say(streamID, "publish", 0, nil, r.name, r.kind)
		return
	}
	c.setBuffer(streamID, c.config.BufferLength)
	switch {
	case r.start == startLive:
		c.say(streamID, "play", 0, nil, r.name, -1000.0) // as encoders write it
	case r.start > 0:
		c.say(streamID, "play", 0, nil, r.name, r.start.Seconds())
	default:
		c.say(streamID, "play", 0, nil, r.name)
	}
}

// CloseStream ends what we publish or play on a stream and deletes it. Media that are still on their way are
// dropped.
//
// Errors: *StreamError for a stream that does not exist, and the error that ended the session.
//
// RTMP 1.0, section 7.2.2.3.
func (c *Client) CloseStream(streamID uint32) error {
	if c.err != nil {
		return c.err
	}
	st := c.stream(streamID)
	if st == nil {
		return &StreamError{StreamID: streamID, Op: "close"}
	}
	if st.publish && st.state != streamEnded { // the server would take another one of that name for it
		if err := c.tell("FCUnpublish", st.name); err != nil {
			return err
		}
	}
	c.deleteStream(st)
	return c.err
}

// deleteStream gives the stream back to the server.
func (c *Client) deleteStream(st *stream) {
	c.say(st.id, "deleteStream", 0, nil, float64(st.id))
	c.removeStream(st)
}

// Cancel withdraws what Publish or Play asked for under that id, whether the answer has come or not. No event
// follows.
//
// Errors: ErrNoRequest, and the error that ended the session.
func (c *Client) Cancel(id uint32) error {
	if c.err != nil {
		return c.err
	}
	if _, ok := c.requests[id]; ok {
		delete(c.requests, id) // the stream is deleted when it comes
		return nil
	}
	for _, st := range c.streams {
		if st.request == id {
			return c.CloseStream(st.id)
		}
	}
	return ErrNoRequest
}

// Pause stops a stream that we play at the position at, or lets it go on from there. The answer is a
// StatusReceived with NetStream.Pause.Notify or NetStream.Unpause.Notify.
//
// Errors: *StreamError for a stream that we do not play, and the error that ended the session.
//
// RTMP 1.0, section 7.2.2.8.
func (c *Client) Pause(streamID uint32, on bool, at time.Duration) error {
	return c.steer(streamID, "pause", on, milliseconds(at))
}

// Seek goes to another position of a stream that we play. The answer is a StatusReceived with
// NetStream.Seek.Notify, or an error such as NetStream.Seek.InvalidTime. Errors are those of Pause.
//
// RTMP 1.0, section 7.2.2.7.
func (c *Client) Seek(streamID uint32, to time.Duration) error {
	return c.steer(streamID, "seek", milliseconds(to))
}

// SetBuffer tells the server how much of a stream that we play is buffered. Errors are those of Pause.
//
// RTMP 1.0, section 7.1.7.
func (c *Client) SetBuffer(streamID uint32, d time.Duration) error {
	if err := c.playing(streamID, "set buffer length"); err != nil {
		return err
	}
	c.setBuffer(streamID, d)
	return c.err
}

func (c *Client) setBuffer(streamID uint32, d time.Duration) {
	c.control(0, &message.UserControl{
		Event: message.EventSetBufferLength, StreamID: streamID, BufferLength: uint32(milliseconds(d)),
	})
}

func (c *Client) steer(streamID uint32, name string, args ...any) error {
	if err := c.playing(streamID, name); err != nil {
		return err
	}
	return c.command(streamID, name, 0, nil, args...)
}

func (c *Client) playing(streamID uint32, op string) error {
	if c.err != nil {
		return c.err
	}
	if st := c.stream(streamID); st == nil || st.publish || st.state == streamEnded {
		return &StreamError{StreamID: streamID, Op: op}
	}
	return nil
}

// milliseconds returns d as the wire has it.
func milliseconds(d time.Duration) float64 {
	return float64(max(0, min(d.Milliseconds(), 1<<32-1)))
}
