package relay

import (
	"cmp"
	"io"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// servePlay feeds s from a stream until either ends.
func (h *Hub) servePlay(s *rtmp.Stream, r *rtmp.Request) error {
	sub, err := h.Subscribe(name(r))
	if err != nil {
		return err
	}
	defer sub.Close()
	if err := s.Accept(); err != nil {
		return err
	}
	live, err := sub.awaitLive(r.Context(), cmp.Or(h.PlayWait, defaultPlayWait))
	if err != nil {
		return err
	}
	if !live {
		return notFound(name(r))
	}
	p := player{stream: s, sub: sub, audio: true, video: true}
	var batch []*rtmp.PreparedMessage
	for {
		clear(batch)
		if batch, err = sub.read(r.Context(), batch[:0]); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		if s.Buffered() > 0 {
			p.obey()
		}
		if batch = p.wanted(batch); len(batch) == 0 {
			continue
		}
		if err := s.WritePrepared(batch...); err != nil {
			return err
		}
	}
}

// A player carries out what its peer asks for while it plays. The session has answered it already.
type player struct {
	stream       *rtmp.Stream
	sub          *Subscription
	paused       bool
	audio, video bool
}

// obey reads the commands that have come.
func (p *player) obey() {
	for p.stream.Buffered() > 0 {
		m, err := p.stream.ReadMessage()
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
			if p.paused && !on {
				p.sub.skip()
			}
			p.paused = on
		case "receiveAudio":
			p.audio = on
		case "receiveVideo":
			if !p.video && on {
				p.sub.skip()
			}
			p.video = on
		}
	}
}

// wanted removes what the peer does not want from batch.
func (p *player) wanted(batch []*rtmp.PreparedMessage) []*rtmp.PreparedMessage {
	if p.audio && p.video && !p.paused {
		return batch
	}
	n := 0
	for _, pm := range batch {
		switch t := pm.Message().Type; {
		case p.paused, t == message.TypeAudio && !p.audio, t == message.TypeVideo && !p.video:
			continue
		}
		batch[n] = pm
		n++
	}
	clear(batch[n:])
	return batch[:n]
}
