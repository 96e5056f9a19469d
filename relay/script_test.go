package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// A script writes messages of a stream as words and reads them back as words. A word is a name out of vocabulary, a
// number that makes its payload differ from others, "#" with the ids of its tracks if it is to have a multitrack
// header, and "@" with its timestamp if that is not 0: "K1", "aac2@40", "K3#1" (one track), "K3#0,1" (many tracks),
// "K3#0,1x" (with a codec each). "+3s" is no message but time that passes.
type script struct {
	t     testing.TB
	mu    sync.Mutex        // guards the field below
	words map[string]string // by type and payload
}

func newScript(t testing.TB) *script { return &script{t: t, words: make(map[string]string)} }

// send writes the words to pub.
func (s *script) send(pub message.Writer, words string) {
	s.t.Helper()
	for _, word := range strings.Fields(words) {
		if s.wait(word) {
			continue
		}
		if err := pub.WriteMessage(s.message(word)); err != nil {
			s.t.Fatalf("WriteMessage(%s) = %v", word, err)
		}
	}
}

// wait lets time pass if word says so.
func (s *script) wait(word string) bool {
	if !strings.HasPrefix(word, "+") {
		return false
	}
	d, err := time.ParseDuration(word[1:])
	if err != nil {
		s.t.Fatal(err)
	}
	<-time.After(d)
	return true
}

// received returns what sub has to give now, as words. At the end of the stream the last one is "EOF".
func (s *script) received(sub *Subscription) (words []string) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for {
		batch, err := sub.read(ctx, nil)
		for _, pm := range batch {
			words = append(words, s.word(pm.Message()))
		}
		switch err {
		case nil:
		case context.Canceled:
			return words
		case io.EOF:
			return append(words, "EOF")
		default:
			s.t.Fatalf("read = %v", err)
		}
	}
}

// word returns the word for m.
func (s *script) word(m *message.Message) string {
	s.mu.Lock()
	word, ok := s.words[string(rune(m.Type))+string(m.Payload)]
	s.mu.Unlock()
	if !ok {
		word = fmt.Sprintf("%v:%x", m.Type, m.Payload)
	}
	if m.Timestamp != 0 {
		word += fmt.Sprintf("@%d", m.Timestamp)
	}
	return word
}

// learn makes word known without sending it.
func (s *script) learn(words string) {
	for _, word := range strings.Fields(words) {
		if word != "EOF" {
			s.message(word)
		}
	}
}

// message returns the message that word stands for.
func (s *script) message(word string) *message.Message {
	s.t.Helper()
	plain, at, _ := strings.Cut(word, "@")
	name, ids, isMulti := strings.Cut(plain, "#")
	number := strings.TrimLeft(name, "abcdefghijklmnopqrstuvwxyzK")
	n, _ := strconv.Atoi(number)
	make, ok := vocabulary[strings.TrimSuffix(name, number)]
	if !ok {
		s.t.Fatalf("what is %q?", word)
	}
	var layout layout
	if isMulti {
		layout = parseLayout(s.t, ids)
	}
	m := make(layout, []byte{byte(n >> 8), byte(n)})
	ts, _ := strconv.ParseUint(at, 10, 32)
	m.Timestamp = message.Timestamp(ts)
	s.mu.Lock()
	s.words[string(rune(m.Type))+string(m.Payload)] = plain
	s.mu.Unlock()
	return m
}

// A layout says which tracks a message has.
type layout struct {
	form media.Multitrack
	ids  []uint8
}

func parseLayout(t testing.TB, ids string) layout {
	t.Helper()
	l := layout{form: media.OneTrack}
	list, isMixed := strings.CutSuffix(ids, "x")
	for _, id := range strings.Split(list, ",") {
		n, err := strconv.ParseUint(id, 10, 8)
		if err != nil {
			t.Fatal(err)
		}
		l.ids = append(l.ids, uint8(n))
	}
	switch {
	case isMixed:
		l.form = media.ManyTracksManyCodecs
	case len(l.ids) > 1:
		l.form = media.ManyTracks
	}
	return l
}

// A pair is a stream with one publisher and one reader.
type pair struct {
	*script
	hub *Hub
	pub *Publication
	sub *Subscription
}

// newPair publishes the words and then subscribes. Both are closed at the end of the test.
func newPair(t testing.TB, hub *Hub, words string) *pair {
	t.Helper()
	p := &pair{script: newScript(t), hub: hub}
	var err error
	if p.pub, err = hub.Publish("live/a"); err != nil {
		t.Fatal(err)
	}
	p.send(p.pub, words)
	p.sub = subscribe(t, hub)
	t.Cleanup(func() { p.pub.Close() })
	return p
}

func subscribe(t testing.TB, hub *Hub) *Subscription {
	t.Helper()
	sub, err := hub.Subscribe("live/a")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sub.Close() })
	return sub
}

// live writes the words one after the other and returns what the reader gets, who keeps up.
func (p *pair) live(words string) (got []string) {
	p.t.Helper()
	got = p.received(p.sub)
	for _, word := range strings.Fields(words) {
		p.send(p.pub, word)
		got = append(got, p.received(p.sub)...)
	}
	return got
}

// statusCode returns the code of the *rtmp.StatusError in err.
func statusCode(err error) string {
	var status *rtmp.StatusError
	if !errors.As(err, &status) {
		return fmt.Sprintf("no status but %v", err)
	}
	return status.Code
}
