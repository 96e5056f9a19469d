package relay

import (
	"io"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// servePlay feeds s from a stream until either ends.
func (h *Hub) servePlay(s *rtmp.Stream, r *rtmp.Request) error {
	sub, err := h.subscribe(name(r), s, r.RemoteAddr)
	if err != nil {
		return err
	}
	defer sub.Close()
	sub.isClassic = !readsMultitrack(r.Conn.Connect)
	if err := s.Accept(); err != nil {
		return err
	}
	var batch []*rtmp.PreparedMessage
	for {
		batch, err = sub.read(r.Context(), batch[:0])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if s.Buffered() > 0 {
			sub.obey(s)
		}
		if len(batch) == 0 {
			continue
		}
		if err := s.WritePrepared(batch...); err != nil {
			return err
		}
		clear(batch) // what is out of the ring is to be gone, also while we wait
	}
}

// obey carries out the commands that have come on st, which have been answered already. It must not be called during
// a read.
func (s *Subscription) obey(st *rtmp.Stream) {
	for st.Buffered() > 0 {
		m, err := st.ReadMessage()
		if err != nil {
			return // the next write says the same
		}
		if !m.Type.IsCommand() {
			continue
		}
		body, err := message.Parse(m)
		if err != nil {
			continue
		}
		c := body.(*message.Command)
		if len(c.Args) == 0 {
			continue
		}
		on, ok := c.Args[0].(bool)
		if !ok {
			continue
		}
		switch c.Name {
		case "pause", "pauseRaw":
			s.pause(on)
		case "receiveAudio":
			s.want(isAudio, on)
		case "receiveVideo":
			s.want(isVideo, on)
		}
	}
}

// readsMultitrack reports whether a player that sent the given object with connect can read multitrack messages.
func readsMultitrack(connect amf0.Object) bool {
	const multitrack = 2
	if caps, ok := connect.Number("capsEx"); ok {
		return caps > 0 && caps < 1<<32 && uint32(caps)&multitrack != 0
	}
	list, _ := connect.Get("fourCcList")
	codecs, _ := list.(amf0.StrictArray)
	for _, c := range codecs {
		switch c {
		case "*", "av01", "hvc1", "vp09": // known to the first version, which had no tracks
		default:
			return true
		}
	}
	return false
}
