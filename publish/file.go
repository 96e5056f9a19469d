package publish

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// File publishes a file to url, in real time unless told otherwise, and returns when it is over; "-" is standard
// input. Nothing is sent before the first of the targets is live. While there is no connection to any target the file
// stands still; after that it goes on, from the next key frame. With Options.Live it does neither. When ctx ends, the stream is ended politely and File
// returns the cause.
//
// Errors are those of Open, an io.ErrUnexpectedEOF for a file that is cut, after everything before the cut was sent,
// and a *TargetError when the last target was given up. If others went on to the end, it is returned then.
//
// Of an FLV file, the payloads of sound and picture arrive as they are in it; a header that has not changed is sent
// once. Of its metadata, what is about a file and not about a stream is left out. With Options.Loop the input begins
// again when its longest track is over, and headers that have not changed are not sent again.
func File(ctx context.Context, url, path string, o *Options) error {
	if path == "-" {
		return Reader(ctx, url, os.Stdin, o)
	}
	return run(ctx, url, o, func(bool) (Source, error) { return Open(path, o.sourceOptions()) })
}

// Reader is File for something that is open already; r may be a file, a pipe, the body of an HTTP response. It is not
// closed. To be repeated with Options.Loop it has to be an io.Seeker. When ctx ends, a Read of an r that cannot seek is
// not waited for: it may still be under way when Reader has returned.
func Reader(ctx context.Context, url string, r io.Reader, o *Options) error {
	seeker, _ := r.(io.Seeker)
	var begin int64
	if seeker != nil {
		var err error
		if begin, err = seeker.Seek(0, io.SeekCurrent); err != nil {
			seeker = nil
		}
	}
	if seeker == nil {
		r = &abortable{ctx: ctx, r: r}
	}
	if seeker == nil && o != nil && o.Loop {
		return ErrLoop
	}
	return run(ctx, url, o, func(again bool) (Source, error) {
		if again {
			if _, err := seeker.Seek(begin, io.SeekStart); err != nil {
				return nil, err
			}
		}
		return NewSource(r, o.sourceOptions())
	})
}

func (o *Options) sourceOptions() *SourceOptions {
	if o == nil {
		return nil
	}
	return o.Source
}

// run publishes what open gives.
func run(ctx context.Context, url string, o *Options, open func(again bool) (Source, error)) error {
	o = o.withDefaults()
	f, err := newFeed(open, o)
	if err != nil {
		return err
	}
	defer func() { f.src.Close() }()

	p := newPublisher(ctx, url, o)
	if o.OnOpen != nil {
		o.OnOpen(f.tracks(), p)
	}
	p.start()
	err = p.play(f)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if e := p.Close(); err == nil {
		err = e
	}
	return err
}

// play publishes f until it ends, and returns what ended it.
func (p *Publisher) play(f *feed) error {
	if !p.o.Live {
		if err := p.Ready(p.ctx); err != nil {
			return err
		}
		p.settled(p.ctx)
	}
	if err := p.setTracks(f); err != nil {
		return err
	}
	var clock pacer
	for {
		pk, err := f.next()
		if err != nil {
			return err
		}
		if err := p.due(&clock, pk); err != nil {
			return err
		}
		if err := p.sendPosition(pk); err != nil {
			return err
		}
	}
}

// due waits until pk may be sent.
func (p *Publisher) due(clock *pacer, pk *Packet) error {
	switch {
	case p.o.Live:
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.errLocked()
	case p.o.NoPace:
		for _, t := range p.targets {
			t.waitRoom(unpacedQueue)
		}
	case !isHeader(pk):
		if err := clock.wait(p.ctx, pk.DTS); err != nil {
			return err
		}
	}
	return p.Ready(p.ctx)
}

// setTracks begins with the tracks of f.
func (p *Publisher) setTracks(f *feed) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mux.given = metadataOf(f.src)
	asIs := isAsIs(f.src)
	for i, t := range f.tracks() {
		if !p.o.Loop {
			p.mux.duration = max(p.mux.duration, t.Duration-p.o.Start)
		}
		if _, err := p.addTrack(t, next); err != nil {
			return err
		}
		p.mux.tracks[i].asIs = asIs && i < len(f.src.Tracks())
	}
	return p.begin()
}

func (p *Publisher) sendPosition(pk *Packet) error {
	p.mu.Lock()
	err := p.send(pk)
	at := p.mux.now
	p.mu.Unlock()
	if err == nil && p.o.OnFrame != nil {
		p.o.OnFrame(at)
	}
	return err
}

// isHeader reports whether p is a message from a file that is no frame, and whose time means nothing.
func isHeader(p *Packet) bool {
	if p.Message == nil {
		return false
	}
	switch p.Message.Type {
	case message.TypeVideo:
		v, err := media.ParseVideo(p.Message.Payload)
		return err == nil && (v.IsSequenceHeader() || v.IsMetadata())
	case message.TypeAudio:
		a, err := media.ParseAudio(p.Message.Payload)
		return err == nil && !a.Silence && !a.IsCoded() && !a.IsEnd()
	}
	return false
}

// isFrame reports whether p is a coded frame of a track that is known.
func isFrame(p *Packet) bool {
	if p.Message == nil {
		return true
	}
	if p.Track < 0 {
		return false
	}
	if p.Message.Type == message.TypeVideo {
		v, err := media.ParseVideo(p.Message.Payload)
		return err == nil && v.IsCoded()
	}
	a, err := media.ParseAudio(p.Message.Payload)
	return err == nil && a.IsCoded()
}

// isEnd reports whether p ends a sequence.
func isEnd(p *Packet) bool {
	if p.Message == nil {
		return false
	}
	switch p.Message.Type {
	case message.TypeVideo:
		v, err := media.ParseVideo(p.Message.Payload)
		return err == nil && v.IsEnd()
	case message.TypeAudio:
		a, err := media.ParseAudio(p.Message.Payload)
		return err == nil && a.IsEnd() && !a.Silence
	}
	return false
}
