package relay

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gortmp/rtmp/message"
)

// What a byte of a random story stands for: a message to publish, time that passes, or something that readers do.
var story = []string{
	"K", "K", "f", "f", "f", "f", "f", "a", "a", "a", "big",
	"avc", "aac", "meta", "avc#1", "avc#0,1", "K#1", "f#1", "f#1", "K#0,1", "f#0,1",
	"wait", "wait", "join", "read", "read", "read", "read", "leave", "again",
}

func FuzzHub(f *testing.F) {
	index := make(map[string]byte)
	for i, word := range story {
		index[word] = byte(i)
	}
	for _, seed := range []string{
		"join meta avc aac K a f read join K f f read read read",
		"meta avc aac K f f join read avc K f wait wait wait wait K f read read",
		"f f join a read K f read again join K f read",
		"avc avc#1 K K#1 join read f f#1 avc#0,1 K#0,1 read f#0,1 big big big read f K read",
		"join join read avc K big big big f a read read f K f read read leave f read",
	} {
		var b []byte
		for _, word := range strings.Fields(seed) {
			b = append(b, index[word])
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { tell(t, b) })
}

// The same with stories that no fuzzer has to look for.
func TestRandomStories(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		b := make([]byte, 200)
		for i := range b {
			b[i] = byte(rnd.IntN(len(story)))
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) { tell(t, b) })
	}
}

// tell plays a story. The timestamp of every message is its number, by which readers tell what they got in its place
// from what they got as a header.
func tell(t *testing.T, b []byte) {
	synctest.Test(t, func(t *testing.T) {
		w := &teller{script: newScript(t), hub: &Hub{MaxBytes: 150_000, MaxDuration: 2 * time.Second}}
		w.begin()
		waited := 0
		for _, x := range b[:min(len(b), 1000)] {
			switch word := story[int(x)%len(story)]; word {
			case "wait":
				if waited++; waited < 9 { // video is never held back for keyWait
					<-time.After(time.Second)
				}
			case "join":
				w.readers = append(w.readers, &listener{teller: w, sub: subscribe(t, w.hub), chapter: w.chapter})
			case "read":
				for _, l := range w.readers {
					l.read()
				}
			case "leave":
				if len(w.readers) > 0 {
					w.readers[0].sub.Close()
					w.readers = w.readers[1:]
				}
			case "again":
				w.end()
				w.begin()
			default:
				w.publish(word)
			}
		}
		w.end()
		for _, l := range w.readers {
			l.sub.Close()
		}
		if len(w.hub.streams) != 0 {
			t.Errorf("%d streams are left, want none", len(w.hub.streams))
		}
	})
}

// A teller publishes a story, again and again, and knows what readers must have.
type teller struct {
	*script
	hub     *Hub
	pub     *Publication
	chapter *chapter
	readers []*listener
}

// A chapter is a stream from its beginning to its end.
type chapter struct {
	words []string
	known []map[string]string // headers in force at each word, by what they are about
}

func (w *teller) begin() {
	pub, err := w.hub.Publish("live/a")
	if err != nil {
		w.t.Fatal(err)
	}
	w.pub, w.chapter = pub, new(chapter)
}

func (w *teller) end() {
	w.pub.Close()
	for _, l := range w.readers {
		if l.chapter == w.chapter {
			for !l.isOver {
				l.read()
			}
			if l.sub.cursor != uint64(len(w.chapter.words)) {
				w.t.Fatalf("the end came at %d of %d", l.sub.cursor, len(w.chapter.words))
			}
		}
		l.sub.Close()
	}
	w.readers = nil
}

func (w *teller) publish(name string) {
	c := w.chapter
	n := len(c.words)
	name, tracks, isMulti := strings.Cut(name, "#")
	word := fmt.Sprintf("%s%d", name, n)
	if isMulti {
		word += "#" + tracks
	}
	w.send(w.pub, fmt.Sprintf("%s@%d", word, n))
	known := make(map[string]string)
	if n > 0 {
		for about, header := range c.known[n-1] {
			known[about] = header
		}
	}
	learnHeader(known, word)
	c.words, c.known = append(c.words, word), append(c.known, known)
	if r := &w.pub.stream.ring; r.bytes > w.hub.MaxBytes && r.head-r.tail > 1 {
		w.t.Fatalf("the ring holds %d bytes", r.bytes)
	}
}

// learnHeader notes word if it is a header, and reports whether it is.
func learnHeader(known map[string]string, word string) bool {
	name := strings.TrimRight(strings.SplitN(word, "#", 2)[0], "0123456789")
	switch name {
	case "avc", "aac", "meta":
		for _, id := range tracksOf(word) {
			known[name+id] = word
		}
		return true
	}
	return false
}

func tracksOf(word string) []string {
	_, tracks, isMulti := strings.Cut(word, "#")
	if !isMulti {
		return []string{"0"}
	}
	return strings.Split(tracks, ",")
}

// A listener reads and complains.
type listener struct {
	*teller
	sub     *Subscription
	chapter *chapter
	isOver  bool
	known   map[string]string // headers that came
	open    map[string]bool   // tracks of which a key frame came since it began
	begun   bool
}

// read reads once and checks what comes.
func (l *listener) read() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	from, dropped, starts := l.sub.cursor, l.sub.Dropped(), l.sub.needStart || l.sub.cursor < l.sub.stream.ring.tail
	batch, err := l.sub.read(ctx, nil)
	if err == io.EOF {
		l.isOver = true
	}
	if err != nil {
		return
	}
	if starts {
		l.open = nil
	}
	if l.known == nil {
		l.known = make(map[string]string)
	}
	if l.open == nil {
		l.open = make(map[string]bool)
	}
	at := map[uint64]bool{} // what came in its place
	for _, pm := range batch {
		m := pm.Message()
		word, _, _ := strings.Cut(l.word(m), "@")
		n := uint64(m.Timestamp)
		isHeader := learnHeader(l.known, word)
		if l.chapter.words[n] != word {
			if len(at) > 0 {
				l.t.Fatalf("the header %s came behind the first message", word)
			}
			continue
		}
		if starts && isHeader && len(at) == 0 && n == l.sub.cursor-1 {
			continue // it began behind the newest message, whose timestamp the headers have, and which was one of them
		}
		if n < from || at[n] {
			l.t.Fatalf("%s came twice or late", word)
		}
		at[n] = true
		l.check(m, word, n)
	}
	missing := l.missing(from, at, starts)
	counted := int(l.sub.Dropped() - dropped)
	switch {
	case l.sub.isBehind && counted != missing:
		l.t.Fatalf("%d messages counted as dropped, %d are missing", counted, missing)
	case !l.sub.isBehind && counted != 0:
		l.t.Fatalf("%d messages counted as dropped, but the reader was not slow", counted)
	}
	l.begun = true
}

// check checks a message that came in its place: it can be decoded with the headers that came before.
func (l *listener) check(m *message.Message, word string, n uint64) {
	for about, header := range l.chapter.known[n] {
		if l.known[about] != header {
			l.t.Fatalf("%s came, and the reader has %q for %s instead of %q", word, l.known[about], about, header)
		}
	}
	d := classify(m)
	for _, id := range tracksOf(word) {
		if d.class&isKey != 0 {
			l.open[id] = true
		}
	}
	if d.class&isFrame != 0 && !l.open[tracksOf(word)[0]] {
		l.t.Fatalf("%s came before a key frame of its track", word)
	}
}

// missing counts what did not come of the messages that the reader has passed. Those that it could do nothing with
// when it began are not missing, unless it began because it was slow.
func (l *listener) missing(from uint64, at map[uint64]bool, starts bool) (n int) {
	for i := from; i < l.sub.cursor; i++ {
		if at[i] {
			continue
		}
		word := l.chapter.words[i]
		isFrame := word[0] == 'f' || strings.HasPrefix(word, "big")
		if !l.sub.isBehind && !starts && !isFrame {
			l.t.Fatalf("%s is missing, and the reader was not slow", word)
		}
		n++
	}
	return n
}
