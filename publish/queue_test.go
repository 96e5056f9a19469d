package publish

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/message"
)

// queued returns a queue after the frames in text: a word for each, kind and time in milliseconds. K is a key frame, P
// a picture that others need, B one that they do not, A sound, H a header.
func queued(text string) *queue {
	q := newQueue((*Options)(nil).withDefaults())
	for _, w := range strings.Fields(text) {
		var ms int
		fmt.Sscanf(w[1:], "%d", &ms)
		f := frame{at: time.Duration(ms) * time.Millisecond, message: &message.Message{Type: message.TypeVideo, Payload: []byte(w)}}
		switch w[0] {
		case 'K':
			f.coded, f.key = true, true
		case 'P':
			f.coded = true
		case 'B':
			f.coded, f.lesser = true, true
		case 'A':
			f.coded, f.message.Type = true, message.TypeAudio
		case 'H':
			f.header = true
		}
		q.push(f)
	}
	return &q
}

func (q *queue) String() string {
	var words []string
	for _, f := range q.frames {
		words = append(words, string(f.message.Payload))
	}
	return strings.Join(words, " ")
}

func TestQueuePolicy(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want string
		drop [2]int // video, audio
	}{
		{"nothing is left out up to 700 ms", "H0 K0 B40 P80 A100 B700", "H0 K0 B40 P80 A100 B700", [2]int{}},
		{"beyond, what others do not need", "H0 K0 B40 P80 A100 B701", "H0 K0 P80 A100", [2]int{2, 0}},
		{"the one that comes late, too", "K0 P640 B710 P720", "K0 P640 P720", [2]int{1, 0}},
		{"beyond 900 ms, all to the next key frame", "H0 K0 B40 P80 A100 P910 P950 A960 K1000 P1001",
			"H0 A100 A960 K1000", [2]int{6, 0}},
		{"a key frame takes the place of the one before", "K0 A10 K2000", "A10 K2000", [2]int{1, 0}},
		{"headers and sound stay", "H0 A0 A100 H800 A1000 A4000", "H0 A0 A100 H800 A1000 A4000", [2]int{}},
		{"beyond 5 seconds sound goes, too", "H0 A0 A100 H800 A1000 A5001", "H0 H800 A5001", [2]int{0, 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := queued(tt.in)
			if diff := cmp.Diff(tt.want, q.String()); diff != "" {
				t.Errorf("queue of %s (-want +got):\n%s", tt.in, diff)
			}
			if got := [2]int{q.droppedVideo, q.droppedAudio}; got != tt.drop {
				t.Errorf("left out %v, want %v", got, tt.drop)
			}
			bytes := 0
			for i := range q.frames {
				bytes += q.frames[i].size()
			}
			if q.bytes != bytes {
				t.Errorf("the queue counts %d bytes, there are %d", q.bytes, bytes)
			}
		})
	}
}

// What is being sent counts, and cannot be left out any more.
func TestQueueHead(t *testing.T) {
	q := queued("K0 P40 A50")
	if f, ok := q.pop(); !ok || !f.key {
		t.Fatalf("pop = %v, %v, want the key frame", f, ok)
	}
	if got := q.length(500 * time.Millisecond); got != 500*time.Millisecond {
		t.Errorf("length = %v, want 500 ms from the frame that is being sent", got)
	}
	q.pop()
	q.pop()
	if _, ok := q.pop(); ok || q.bytes != 0 || q.length(time.Second) != 0 {
		t.Errorf("after the last frame: %v, %d bytes, length %v", ok, q.bytes, q.length(time.Second))
	}
}
