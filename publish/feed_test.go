package publish

import (
	"io"
	"testing"
	"time"

	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// A source whose times jump goes on without a gap.
func TestJump(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		first := file(t, &rtmptest.Source{Duration: time.Second})
		second := file(t, &rtmptest.Source{Duration: time.Second, Start: 3_600_000})
		second.Seek(13, 0) // behind the file header
		begin := time.Now()
		if err := Reader(t.Context(), testURL, io.MultiReader(first, second), in.options(nil)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 2100*time.Millisecond {
			t.Errorf("Reader took %v for two seconds with a jump of an hour", took)
		}
		video := in.all()[0].coded(message.TypeVideo)
		if n := len(video); n != 50 {
			t.Fatalf("%d pictures, want 50", n)
		}
		if last := video[49].m.Timestamp; last > 2100 {
			t.Errorf("the last picture is at %d", last)
		}
	})
}
