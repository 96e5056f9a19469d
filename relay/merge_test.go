package relay

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// What two readers get and when: one that was there before the first message, and one that comes later.
func TestMergeWindow(t *testing.T) {
	type step struct{ send, first, second string }
	tests := []struct {
		name  string
		steps []step
	}{
		{"all at the end of the window", []step{
			{"avc1 K1 +30ms f1 +30ms f2 +39ms", "", ""},
			{"+1ms", "avc1 K1 f1 f2", ""},
			{"+1h", "", ""},
			{"f3 +99ms f4", "", ""},
			{"+1ms", "f3 f4", ""},
		}},
		{"who joins waits for nothing, and gets nothing twice", []step{
			{"avc1 K1 f1 +50ms", "", ""},
			{"join", "", "avc1 K1 f1"},
			{"f2 +49ms", "", ""},
			{"+1ms", "avc1 K1 f1 f2", "f2"},
			{"f3 +100ms", "f3", "f3"},
		}},
		{"the end closes the window", []step{
			{"avc1 K1 f1 +1ms end", "avc1 K1 f1 EOF", ""},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t, &Hub{Merge: 100 * time.Millisecond}, "")
				var second *Subscription
				for _, st := range tt.steps {
					for word := range strings.FieldsSeq(st.send) {
						switch word {
						case "join":
							second = subscribe(t, p.hub)
						case "end":
							p.pub.Close()
						default:
							p.send(p.pub, word)
						}
					}
					synctest.Wait()
					if diff := cmp.Diff(strings.Fields(st.first), p.received(p.sub), cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("after %q the first gets (-want +got):\n%s", st.send, diff)
					}
					if second == nil {
						continue
					}
					if diff := cmp.Diff(strings.Fields(st.second), p.received(second), cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("after %q the second gets (-want +got):\n%s", st.send, diff)
					}
				}
			})
		})
	}
}

// However much comes within a window, what waits is bounded.
func TestMergeWindowIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, &Hub{Merge: time.Hour}, "avc1 K1")
		size := len(p.message("big1").Payload) + perMessage
		waiting, most := 0, 0
		for range 3 * maxMerged / size {
			p.send(p.pub, "big1")
			waiting++
			if len(p.received(p.sub)) > 0 {
				waiting = 0
			}
			most = max(most, waiting*size)
		}
		if most > maxMerged+2*size || most < maxMerged/2 {
			t.Errorf("up to %d bytes waited, want some %d", most, maxMerged)
		}
	})
}

// A stream keeps what is behind the newest key frame, and what somebody has yet to read, and nothing else.
func TestNothingIsKeptThatNobodyReads(t *testing.T) {
	many := strings.Repeat(" f1", 2*trimEvery)
	tests := []struct {
		name     string
		hub      *Hub
		isRead   bool
		words    string
		wantLeft uint64
	}{
		{"a reader that keeps up", &Hub{}, true, "avc1 K1" + many + " K2" + many + " K3 f3", 2 + 2*trimEvery + 1},
		{"a reader that does not", &Hub{}, false, "avc1 K1 f1 K2 f2 K3 f3", 7},
		{"sound", &Hub{}, true, "aac1" + strings.Repeat(" a1", 2*trimEvery), 1 + trimEvery},
		{"begin at the next key frame", &Hub{NextKey: true}, true, "avc1 K1" + many, 2 + trimEvery},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPair(t, tt.hub, "")
			for word := range strings.FieldsSeq(tt.words) {
				p.send(p.pub, word)
				if tt.isRead {
					p.received(p.sub)
				}
			}
			r := &p.pub.stream.ring
			if n := r.head - r.tail; n > tt.wantLeft || !tt.isRead && n != tt.wantLeft {
				t.Errorf("%d messages are kept, want %d", n, tt.wantLeft)
			}
		})
	}
}

// Without subscribers only what is behind the newest key frame is kept, and with NextKey nothing
// at all.
func TestNothingIsKeptForNobody(t *testing.T) {
	for name, tt := range map[string]struct {
		hub  *Hub
		want uint64
	}{"key frame": {&Hub{}, 2}, "next key frame": {&Hub{NextKey: true}, 0}} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, tt.hub, "")
			p.sub.Close()
			p.send(p.pub, "avc1 aac1 K1 f1 a1 K2 f2")
			if r := &p.pub.stream.ring; r.head-r.tail != tt.want {
				t.Errorf("%d messages are kept, want %d", r.head-r.tail, tt.want)
			}
		})
	}
}
