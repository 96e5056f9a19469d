package load

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// ErrEnded is the failure of a player whose stream the server ended.
var ErrEnded = errors.New("load: the server ended the stream")

// ErrNoPicture is the failure of a player that got no key frame.
var ErrNoPicture = errors.New("load: no key frame came")

// A player receives one stream and checks it.
type player struct {
	t      *Test
	stream *publisher
	player *rtmp.Player
	ready  func()        // to be called when it has a picture, or is over
	caught chan struct{} // closed when the last frame is there
	over   chan struct{} // closed when it has ended

	started time.Duration // when it began to dial

	mu           sync.Mutex    // guards the fields below
	joined       time.Duration // when the first picture came; negative before
	video, audio track
	hasFinal     bool
	finalVideo   uint32 // frames that were sent in all, if hasFinal
	finalAudio   uint32
	isCaught     bool
}

func newPlayer(t *Test, stream *publisher) *player {
	return &player{
		t: t, stream: stream, ready: sync.OnceFunc(t.playersToJoin.done), joined: -1,
		caught: make(chan struct{}), over: make(chan struct{}),
		video: track{due: videoTime}, audio: track{due: audioTime},
	}
}

// dial starts the playing.
func (p *player) dial(ctx context.Context) error {
	p.started = p.t.now()
	ctx, cancel := p.t.config.Limit(ctx)
	defer cancel()
	var err error
	p.player, err = p.t.config.Dialer.Play(ctx, p.t.config.url(p.stream.number))
	return err
}

// run plays until the stream ends, which is always an error, or ctx does.
func (p *player) run(ctx context.Context) error {
	defer p.player.Close()
	stop := context.AfterFunc(ctx, func() { p.player.SetReadDeadline(time.Now()) })
	defer stop()
	var m message.Message
	for ctx.Err() == nil {
		if err := p.player.Stream().ReadInto(&m); err != nil {
			if err == io.EOF {
				return ErrEnded
			}
			return err
		}
		now := p.t.now()
		p.t.received.Add(uint64(len(m.Payload)))
		if m.Type != message.TypeAggregate {
			p.take(&m, now)
			continue
		}
		body, err := message.Parse(&m)
		if err != nil {
			return err
		}
		for _, inner := range body.(*message.Aggregate).Messages {
			p.take(inner, now)
		}
	}
	return nil
}

// take checks a message that came at the time now.
func (p *player) take(m *message.Message, now time.Duration) {
	isVideo, isPicture := m.Type == message.TypeVideo, false
	switch m.Type {
	case message.TypeVideo:
		v, err := media.ParseVideo(m.Payload)
		if err != nil || !v.IsCoded() {
			return
		}
		isPicture = v.IsKeyFrame()
	case message.TypeAudio:
		a, err := media.ParseAudio(m.Payload)
		if err != nil || !a.IsCoded() {
			return
		}
	default:
		return
	}
	p.t.frames.Add(1)
	st, isWhole, ok := findStamp(m.Payload)
	if !ok || st.run != p.t.run || st.stream != uint32(p.stream.number) {
		p.t.foreign.Add(1)
		return
	}
	isMeasured := p.t.isMeasured(st.sent)
	if isMeasured {
		p.t.receivedThen.Add(uint64(len(m.Payload)))
	}
	if !isWhole || isVideo && st.isKey != isPicture {
		p.t.damaged.Add(1)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	tr := &p.audio
	if isVideo {
		if tr = &p.video; p.joined < 0 && !isPicture {
			return // nothing can be shown yet
		}
	}
	if !isWhole && st.seq != tr.next {
		return // its number is not to be trusted
	}
	v := tr.see(st, m.Timestamp, p.joined)
	p.t.lost.Add(uint64(v.lost))
	p.t.skipped.Add(uint64(v.skipped))
	if v.isBack {
		p.t.back.Add(1)
	}
	if v.isOff {
		p.t.off.Add(1)
	}
	switch {
	case p.joined < 0 && isPicture:
		p.joined = now
		p.t.join.add(now - p.started)
		p.t.joined.Add(1)
		p.ready()
	case isMeasured && p.joined >= 0 && st.sent >= p.joined:
		p.t.latency.add(now - st.sent)
	}
	p.checkCaught()
}

// finish says how many frames were sent, now that there will be no more.
func (p *player) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hasFinal, p.finalVideo, p.finalAudio = true, p.stream.src.video, p.stream.src.audio
	p.checkCaught()
}

// checkCaught closes caught if everything is there. p.mu is held.
func (p *player) checkCaught() {
	if p.hasFinal && !p.isCaught && p.video.next >= p.finalVideo && p.audio.next >= p.finalAudio {
		p.isCaught = true
		close(p.caught)
	}
}

// missing returns the frames at the end that did not come, and whether there was ever a picture.
func (p *player) missing() (frames uint64, hasPicture bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.joined < 0 {
		return 0, false
	}
	for _, t := range []struct {
		track *track
		final uint32
	}{{&p.video, p.finalVideo}, {&p.audio, p.finalAudio}} {
		if t.track.started && t.track.next < t.final {
			frames += uint64(t.final - t.track.next)
		}
	}
	return frames, true
}
