package relay

import (
	"cmp"
	"net"
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
	// MaxBytes bounds what the Hub keeps of one stream: bytes of wire form, and 256 for each message. Zero or
	// less means 8 MiB. A single message may be larger. Headers for those who come later are kept beside it, at
	// most 1 MiB of them.
	MaxBytes int

	// MaxDuration bounds the same in time since it came. Messages older than that are dropped when another comes,
	// except those since the newest key frame. A subscriber that lags further behind goes on at the newest key
	// frame. Zero means 10 seconds; negative means no bound.
	MaxDuration time.Duration

	// Merge is how long messages are collected before they go to the players, all in one write. With many players that
	// saves most of the work: 100 ms make it a third. The delay grows by it. Up to 100 ms of it messages spend in the
	// connection of the publisher, unless 48 KiB have come, if that is possible: see rtmp.Stream.CoalesceReads. Whoever
	// joins gets at once what has been read.
	// Zero or less passes every message on as it comes.
	Merge time.Duration

	// NextKey makes whoever joins a stream begin at the next key frame that comes, not at the newest that the Hub
	// holds: with the least delay, but without a picture until then.
	NextKey bool

	// Patience is how long a publisher is held up, each time, when a subscriber would otherwise lose messages because it
	// is too slow. It makes a Hub pass on all of what comes faster than real time. Zero or less does not wait: with live
	// encoders one bad line would spoil the stream for everybody.
	Patience time.Duration

	// PlayWait is how long a subscriber waits for a stream that nobody publishes, before it is refused with
	// NetStream.Play.StreamNotFound. Zero means 5 minutes; negative refuses at once.
	PlayWait time.Duration

	// Conflict says what becomes of a publish request for a name under which somebody else publishes: Refuse, the
	// default, TakeOver or Wait.
	Conflict Conflict

	// PublishWait is how long Wait lets a publisher wait. Zero or less means 30 seconds, which is also the silence
	// after which a Server by default ends a publisher that the network has lost.
	PublishWait time.Duration

	// Identity tells who a publisher is, for example by a token in r.URL or by the host of r.RemoteAddr. If it is
	// set, a stream is continued, be it by TakeOver or during Grace, only by a publisher with the same identity;
	// the empty one is that of nobody, and continues and hands over nothing. Nil lets anybody continue any stream.
	// It may be called from several goroutines at once.
	Identity func(r *rtmp.Request) string

	// Grace is how long the players of a stream stay when its publisher has gone, whatever the reason. Zero or less
	// ends them at once. Whoever may continue the stream, see Identity, can publish it again meanwhile; for
	// others the name is taken. Players that come during that time wait as if nobody had published yet.
	Grace time.Duration

	Trace *Trace // hooks; nil: none

	mu      sync.Mutex // guards the field below
	streams map[string]*stream
}

// Publish begins the stream called name for the program itself: it goes by Refuse, whatever Conflict says, and has the
// empty identity. It returns a *rtmp.StatusError with NetStream.Publish.BadName if somebody else has the name. The
// caller must close the Publication.
func (h *Hub) Publish(name string) (*Publication, error) {
	p, _, err := h.claim(name, "", nil, Refuse, nil)
	if err == nil {
		h.Trace.publishBegin(p)
	}
	return p, err
}

// Subscribe begins to read the stream called name, now or as soon as somebody publishes it. The caller must close
// the Subscription. With a negative PlayWait it returns a *rtmp.StatusError with NetStream.Play.StreamNotFound if
// nobody publishes it now.
func (h *Hub) Subscribe(name string) (*Subscription, error) { return h.subscribe(name, nil, nil) }

// subscribe is Subscribe for a player at remote; nil if that is this program.
func (h *Hub) subscribe(name string, player *rtmp.Stream, remote net.Addr) (*Subscription, error) {
	s, err := h.attach(name, player, remote)
	if err == nil {
		s.stream.rouse()
		h.Trace.playBegin(s)
	}
	return s, err
}

func (h *Hub) attach(name string, player *rtmp.Stream, remote net.Addr) (*Subscription, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	st := h.join(name)
	st.mu.Lock()
	defer st.mu.Unlock()
	if !st.live && h.PlayWait < 0 {
		h.leave(st)
		return nil, notFound(name)
	}
	s := &Subscription{hub: h, remote: remote, since: time.Now(), done: make(chan struct{})}
	if player != nil {
		s.player, s.wake = player, make(chan struct{}, 1)
	}
	s.enter(st)
	if !st.live {
		s.timer = time.NewTimer(cmp.Or(h.PlayWait, defaultPlayWait))
	}
	return s, nil
}

// join returns the stream called name and counts a member. h.mu is held.
func (h *Hub) join(name string) *stream {
	st := h.streams[name]
	if st == nil || st.isOver() {
		if h.streams == nil {
			h.streams = make(map[string]*stream)
		}
		st = h.newStream(name)
		h.streams[name] = st
	}
	st.members++
	return st
}

func (h *Hub) newStream(name string) *stream {
	r := ring{maxBytes: h.MaxBytes, maxDuration: cmp.Or(h.MaxDuration, defaultMaxDuration)}
	if r.maxBytes <= 0 {
		r.maxBytes = defaultMaxBytes
	}
	return &stream{
		name:     name,
		created:  time.Now(),
		merge:    h.Merge,
		nextKey:  h.NextKey,
		patience: h.Patience,
		headers:  new(headers),
		ring:     r,
		roaming:  make(map[*Subscription]struct{}),
	}
}

// isOver reports whether st was published and is not any more: whoever comes now begins a new one.
func (st *stream) isOver() bool {
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

// ServeRTMP relays a stream that is published, or plays one. Whether it is to be recorded, and where a player wants
// to start, means nothing to a Hub: all that it has is live.
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
