package rtmp

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/message"
)

// A script is a message.Reader of messages with nothing but a type and a timestamp.
type script []message.Message

func (s *script) ReadMessage() (*message.Message, error) {
	if len(*s) == 0 {
		return nil, io.EOF
	}
	m := (*s)[0]
	*s = (*s)[1:]
	return &m, nil
}

func audioAt(ts message.Timestamp) message.Message {
	return message.Message{Type: message.TypeAudio, Timestamp: ts}
}
func videoAt(ts message.Timestamp) message.Message {
	return message.Message{Type: message.TypeVideo, Timestamp: ts}
}
func dataAt(ts message.Timestamp) message.Message {
	return message.Message{Type: message.TypeData, Timestamp: ts}
}

// arrivals returns when each message of src comes, in milliseconds after the first call.
func arrivals(t *testing.T, src message.Reader) []int64 {
	t.Helper()
	var got []int64
	synctest.Test(t, func(t *testing.T) {
		r := Paced(t.Context(), src)
		begin := time.Now()
		for {
			_, err := r.ReadMessage()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, time.Since(begin).Milliseconds())
		}
	})
	return got
}

func TestPaced(t *testing.T) {
	v, a, d := videoAt, audioAt, dataAt
	const hour = 3_600_000
	tests := []struct {
		name string
		src  script
		want []int64
	}{
		{"by the timestamps", script{d(0), v(0), a(0), v(40), a(46), v(80)}, []int64{0, 0, 0, 40, 46, 80}},
		{"the start does not matter", script{v(hour), v(hour + 40), v(hour + 80)}, []int64{0, 40, 80}},
		{"timestamps wrap", script{v(0xFFFFFFF0), v(24), v(64)}, []int64{0, 40, 80}},
		{"a slow stream", script{v(0), v(400), v(9_000), v(19_000)}, []int64{0, 400, 9_000, 19_000}},
		{"headers at 0 before a late stream", script{d(0), v(0), a(0), v(hour), a(hour + 10), v(hour + 40)}, []int64{0, 0, 0, 0, 10, 40}},
		{"headers at 0 before a stream that is a little late", script{v(0), a(0), v(5_000), a(5_010), v(5_040)}, []int64{0, 0, 0, 10, 40}},
		{"a header at 0 after the first frame", script{v(0), v(5_000), a(0), a(5_010), v(5_040)}, []int64{0, 0, 0, 10, 40}},
		{"headers at 0 in the middle", script{v(hour), a(hour), v(hour + 40), v(0), a(0), d(0), v(hour + 80), a(hour + 90)}, []int64{0, 0, 40, 40, 40, 40, 80, 90}},
		{"a single message far ahead", script{v(0), v(40), d(hour), v(80), a(90)}, []int64{0, 40, 40, 80, 90}},
		{"from the start again", script{v(0), a(0), v(400), a(410), v(0), a(0), a(21), v(40), v(80)}, []int64{0, 0, 400, 410, 410, 410, 431, 450, 490}},
		{"a jump ahead", script{v(0), a(0), v(40), v(hour), a(hour - 9), v(hour + 40), a(hour + 50)}, []int64{0, 0, 40, 40, 40, 89, 99}},
		{"sound that lags behind", script{v(0), v(200), v(400), a(0), a(300), v(600), a(500)}, []int64{0, 200, 400, 400, 400, 600, 600}},
		{"frames that go back a little", script{v(0), v(40), v(20), v(80)}, []int64{0, 40, 40, 80}},
		{"cue points far apart", script{d(0), v(0), v(400), v(9_000), v(18_000), d(18_010), v(18_020)}, []int64{0, 0, 400, 9_000, 18_000, 18_010, 18_020}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, arrivals(t, &tt.src)); diff != "" {
				t.Errorf("arrival in ms (-want +got):\n%s", diff)
			}
		})
	}
}

// A clip that begins again and again with the same timestamps takes its time on every round.
func TestPacedLoop(t *testing.T) {
	var round script
	for ts := message.Timestamp(0); ts < 960; ts += 40 {
		round = append(round, videoAt(ts), audioAt(ts))
	}
	src := slices.Repeat(round, 100)
	got := arrivals(t, &src)
	// From the last frame of a round to the first one of the next there is no time to be known.
	if want := int64(100 * 920); got[len(got)-1] != want {
		t.Errorf("100 rounds of 920 ms took %d ms, want %d", got[len(got)-1], want)
	}
}

// Longer than half of the circle of timestamps.
func TestPacedForWeeks(t *testing.T) {
	var src script
	const step = 9_000
	for i := range message.Timestamp(30 * 24 * 3600 * 1000 / step) {
		src = append(src, videoAt(i*step))
	}
	got := arrivals(t, &src)
	// The first step is longer than half a second, so it is not waited for.
	if want := int64(len(got)-2) * step; got[len(got)-1] != want {
		t.Errorf("30 days took %d ms, want %d", got[len(got)-1], want)
	}
}

func TestPacedAfterAStall(t *testing.T) {
	tests := []struct {
		name  string
		stall time.Duration
		want  []int64 // arrival of messages 100 ms apart, the first after the stall
	}{
		{"short: all of it is made up for", 450 * time.Millisecond, []int64{550, 550, 550, 550, 600, 700}},
		{"long: one second of it is", 60 * time.Second, []int64{60_100, 60_100, 60_100, 60_100, 60_100, 60_100, 60_100, 60_100, 60_100, 60_100, 60_100, 60_200, 60_300}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var src script
				for ts := message.Timestamp(0); ts < 5_000; ts += 100 {
					src = append(src, videoAt(ts))
				}
				r := Paced(t.Context(), &src)
				begin := time.Now()
				var got []int64
				for i := range len(tt.want) + 2 {
					if i == 2 {
						<-time.After(tt.stall) // the bubble's clock: takes no time
					}
					if _, err := r.ReadMessage(); err != nil {
						t.Fatal(err)
					}
					got = append(got, time.Since(begin).Milliseconds())
				}
				if diff := cmp.Diff(append([]int64{0, 100}, tt.want...), got); diff != "" {
					t.Errorf("arrival in ms (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestPacedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		r := Paced(ctx, &script{videoAt(0), videoAt(400), videoAt(9_000), videoAt(9_040)})
		begin := time.Now()
		time.AfterFunc(5*time.Second, func() { cancel(cause) })
		for range 2 {
			if _, err := r.ReadMessage(); err != nil {
				t.Fatal(err)
			}
		}
		if m, err := r.ReadMessage(); m != nil || err != cause {
			t.Errorf("ReadMessage while ctx ends = %v, %v; want nil and its cause", m, err)
		}
		if got := time.Since(begin); got != 5*time.Second {
			t.Errorf("it returned after %v, want 5s", got)
		}
		if m, err := r.ReadMessage(); m != nil || err != cause {
			t.Errorf("ReadMessage after ctx ended = %v, %v; want nil and its cause", m, err)
		}
	})
}

func TestPacedPassesErrors(t *testing.T) {
	r := Paced(t.Context(), &script{})
	if m, err := r.ReadMessage(); m != nil || err != io.EOF {
		t.Errorf("ReadMessage = %v, %v; want nil, io.EOF", m, err)
	}
}
