package load

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/message"
)

func TestTrack(t *testing.T) {
	const start = time.Minute // of the stream, on the clock of the Test
	seen := func(seq uint32) stamp { return stamp{seq: seq, sent: start + videoTime(seq)} }
	type step struct {
		seq    uint32
		off    time.Duration // what the timestamp is off by
		joined time.Duration // since the start of the stream; negative: not yet
		want   verdict
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"in order", []step{{10, 0, 0, verdict{}}, {11, 0, 0, verdict{}}, {12, 0, 0, verdict{}}}},
		{"one is missing", []step{{10, 0, 0, verdict{}}, {12, 0, 0, verdict{lost: 1}}, {13, 0, 0, verdict{}}}},
		{"again", []step{{10, 0, 0, verdict{}}, {10, 0, 0, verdict{isBack: true}}, {11, 0, 0, verdict{}}}},
		{"late", []step{{10, 0, 0, verdict{}}, {12, 0, 0, verdict{lost: 1}}, {11, 0, 0, verdict{isBack: true}}, {13, 0, 0, verdict{}}}},
		{"before the first picture", []step{{10, 0, -1, verdict{}}, {70, 0, -1, verdict{skipped: 59}}, {72, 0, -1, verdict{skipped: 1}}}},
		{"what was kept, then live", []step{{0, 0, time.Second, verdict{}}, {50, 0, time.Second, verdict{lost: 20, skipped: 29}}}},
		{"all moved", []step{{10, time.Hour, 0, verdict{}}, {11, time.Hour, 0, verdict{}}}},
		{"rounded", []step{{10, 0, 0, verdict{}}, {11, 2 * time.Millisecond, 0, verdict{}}, {12, -2 * time.Millisecond, 0, verdict{}}}},
		{"one moved", []step{{10, 0, 0, verdict{}}, {11, 3 * time.Millisecond, 0, verdict{isOff: true}}, {12, 0, 0, verdict{}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := track{due: videoTime}
			for i, s := range tt.steps {
				joined := s.joined
				if joined >= 0 {
					joined += start
				}
				got := tr.see(seen(s.seq), message.Timestamp(0).Add(videoTime(s.seq)+s.off), joined)
				if diff := cmp.Diff(s.want, got, cmp.AllowUnexported(verdict{})); diff != "" {
					t.Errorf("step %d, frame %d (-want +got):\n%s", i, s.seq, diff)
				}
			}
		})
	}
}
