package relay

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gortmp/rtmp/message"
)

// A publisher cannot make the hub keep more than it means to.
func TestHeadersAreBounded(t *testing.T) {
	sized := func(m *message.Message, size int) *message.Message {
		m.Payload = append(m.Payload, make([]byte, size-len(m.Payload))...)
		return m
	}
	tests := []struct {
		name string
		send func(*pair) []*message.Message
		want int
	}{
		{"many headers", func(p *pair) (ms []*message.Message) {
			for i := range 256 {
				ms = append(ms, p.message(fmt.Sprintf("avc%d#%d", i, i)))
			}
			return ms
		}, maxHeaders},
		{"large ones at the limit", func(p *pair) []*message.Message {
			return []*message.Message{sized(p.message("avc1#1"), maxHeaderBytes/2), sized(p.message("avc1#2"), maxHeaderBytes/2)}
		}, 2},
		{"large ones past the limit", func(p *pair) []*message.Message {
			return []*message.Message{sized(p.message("avc1#1"), maxHeaderBytes/2), sized(p.message("avc1#2"), maxHeaderBytes/2+1)}
		}, 1},
		{"what was too large has taken the place of what it replaces", func(p *pair) []*message.Message {
			return []*message.Message{p.message("avc1"), sized(p.message("avc2"), maxHeaderBytes+1)}
		}, 0},
		{"what is replaced does not count", func(p *pair) []*message.Message {
			return []*message.Message{
				sized(p.message("avc1"), maxHeaderBytes), sized(p.message("avc2"), maxHeaderBytes-3), p.message("clear1"),
			}
		}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPair(t, new(Hub), "")
			for _, m := range tt.send(p) {
				if err := p.pub.WriteMessage(m); err != nil {
					t.Fatal(err)
				}
			}
			h := p.pub.stream.headers
			if len(h.list) != tt.want {
				t.Errorf("%d headers are kept, want %d", len(h.list), tt.want)
			}
			bytes := 0
			for i := range h.list {
				bytes += len(h.list[i].payload())
			}
			if h.bytes != bytes || bytes > maxHeaderBytes {
				t.Errorf("headers of %d bytes are kept, counted as %d", bytes, h.bytes)
			}
		})
	}
}

// The version tells a reader that goes on whether it lacks headers: it changes when they do and only then.
func TestHeadersVersion(t *testing.T) {
	tests := []struct {
		words string
		want  int // changes
	}{
		{"avc1 avc1 avc1", 1},
		{"avc1 avc2 avc1", 3},
		{"meta1 avc1 aac1 K1 f1 a1 a2 K2 a3", 3},
		{"clear1 avc1 clear1", 1},
		{"meta1 clear1 clear1", 2},
		{"avc1#0,1 avc1#0,1", 1},
		{"avc1#0,1 avc2#1 avc1#0,1 avc1#0,1", 3},
		{"opus1 o1 o2 aac1 a1", 2},
	}
	for _, tt := range tests {
		p := newPair(t, new(Hub), "")
		changes, last := 0, p.pub.stream.headers.version
		for _, word := range strings.Fields(tt.words) {
			p.send(p.pub, word)
			if v := p.pub.stream.headers.version; v != last {
				changes, last = changes+1, v
			}
		}
		if changes != tt.want {
			t.Errorf("%q changes the headers %d times, want %d", tt.words, changes, tt.want)
		}
		p.pub.Close()
	}
}

// Readers that begin at the same key frame share what goes before it.
func TestPreludeIsShared(t *testing.T) {
	p := newPair(t, new(Hub), "meta1 avc1 K1@5000")
	first, err := p.sub.ReadPrepared(nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := subscribe(t, p.hub).ReadPrepared(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(first) != 3 || !slices.Equal(first, second) {
		t.Errorf("two readers got %v and %v, want the same three messages", first, second)
	}
}
