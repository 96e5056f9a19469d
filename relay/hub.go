package relay

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/gortmp/rtmp"
)

// Ours.
const (
	defaultMaxBytes    = 8 << 20          // 25 s of 2.5 Mbit/s
	defaultMaxDuration = 10 * time.Second // the longest key frame interval in common use
	defaultPlayWait    = 5 * time.Minute
)

// A Hub relays streams by name. Its zero value is ready. It is an rtmp.Handler for publish and play requests: the
// name is then app and stream name with a slash between them, without any query. Its options must not be changed
// after first use.
type Hub struct {
	// MaxBytes bounds what the Hub keeps of one stream, in bytes of wire form. Zero means 8 MiB. One message more
	// than that may be kept.
	MaxBytes int

	// MaxDuration bounds the same in time. Messages older than that are dropped, except those since the newest
	// key frame. A player that lags further behind goes on at the newest key frame. Zero means 10 seconds.
	MaxDuration time.Duration

	// PlayWait is how long a player waits for a stream that nobody publishes, before it is refused with
	// NetStream.Play.StreamNotFound. Zero means 5 minutes; negative refuses at once.
	PlayWait time.Duration

	mu      sync.Mutex // guards the fields below
	streams map[string]*stream
}

// Publish begins the stream called name. It returns a *rtmp.StatusError with NetStream.Publish.BadName if somebody
// else publishes it already. The caller must close the Publication.
func (h *Hub) Publish(name string) (*Publication, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	st := h.join(name)
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.live {
		h.leave(st)
		return nil, &rtmp.StatusError{Code: "NetStream.Publish.BadName", Description: "already published: " + name}
	}
	st.live = true
	st.signal()
	return &Publication{hub: h, stream: st}, nil
}

// Subscribe begins to read the stream called name, now or as soon as somebody publishes it. The caller must close
// the Subscription. With a negative PlayWait it returns a *rtmp.StatusError with NetStream.Play.StreamNotFound if
// nobody publishes it now.
func (h *Hub) Subscribe(name string) (*Subscription, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	st := h.join(name)
	st.mu.Lock()
	defer st.mu.Unlock()
	if !st.live && h.PlayWait < 0 {
		h.leave(st)
		return nil, notFound(name)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	sub := &Subscription{hub: h, stream: st, ctx: ctx, cancel: cancel}
	// Whoever was there before the first message gets the stream from its beginning, however much of it has come
	// when the reader wakes up; anybody else has to find a place to begin.
	sub.needStart = st.ring.head > 0
	sub.needKey = !sub.needStart
	return sub, nil
}

// join returns the stream called name and counts a member. h.mu is held.
func (h *Hub) join(name string) *stream {
	st := h.streams[name]
	if st == nil || st.over() {
		st = &stream{name: name, headers: new(headers), ring: ring{
			maxBytes:    cmp.Or(h.MaxBytes, defaultMaxBytes),
			maxDuration: cmp.Or(h.MaxDuration, defaultMaxDuration),
		}}
		if h.streams == nil {
			h.streams = make(map[string]*stream)
		}
		h.streams[name] = st
	}
	st.members++
	return st
}

// over reports whether st was published and is not any more: whoever comes now begins a new one.
func (st *stream) over() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.ended
}

// leave takes back a join. h.mu is held.
func (h *Hub) leave(st *stream) {
	st.members--
	if st.members == 0 && h.streams[st.name] == st {
		delete(h.streams, st.name)
	}
}

func notFound(name string) error {
	return &rtmp.StatusError{Code: "NetStream.Play.StreamNotFound", Description: "nobody publishes " + name}
}

// ServeRTMP relays a stream that is published, or plays one.
func (h *Hub) ServeRTMP(s *rtmp.Stream, r *rtmp.Request) error {
	if r.Method == rtmp.MethodPublish {
		return h.servePublish(s, r)
	}
	return h.servePlay(s, r)
}

// name returns the name of the stream that r asks for.
func name(r *rtmp.Request) string {
	app, _, _ := strings.Cut(r.App, "?")
	stream, _, _ := strings.Cut(r.Name, "?")
	return app + "/" + stream
}
