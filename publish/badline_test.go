package publish

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/publish/internal/fftest"
)

// What comes over a bad line is decoded by ffmpeg without a complaint, in each connection from its beginning on.
func TestBadLineDecodes(t *testing.T) {
	ff := fftest.Find(t)
	dir := t.TempDir()
	source := filepath.Join(dir, "source.mp4")
	ff.Run(t, "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=15",
		"-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=15",
		"-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-g", "50", "-bf", "3", "-b_strategy", "0",
		"-b:v", "1000k", "-minrate", "1000k", "-maxrate", "1000k", "-bufsize", "500k", "-nal-hrd", "cbr",
		"-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2", source)
	tests := []struct {
		name     string
		wrap     func(nc net.Conn, n int) net.Conn
		sessions int
		frames   int // at least, in all
	}{
		{"half the bandwidth", func(nc net.Conn, _ int) net.Conn { return &slowConn{nc, 65_000} }, 1, 80},
		{"cut twice", func(nc net.Conn, n int) net.Conn {
			if n < 2 {
				return &cutConn{nc, 500_000 + 77_777*n}
			}
			return nc
		}, 3, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var sessions []*session
			bubble(t, func(t *testing.T, in *ingest) {
				in.wrap = tt.wrap
				if err := File(t.Context(), testURL, source, in.options(nil)); err != nil {
					t.Fatalf("File error = %v", err)
				}
				sessions = in.all()
			})
			if len(sessions) != tt.sessions {
				t.Fatalf("%d connections, want %d", len(sessions), tt.sessions)
			}
			frames := 0
			for _, se := range sessions {
				checkStart(t, se)
				out := filepath.Join(dir, "out.flv")
				f, err := os.Create(out)
				if err != nil {
					t.Fatal(err)
				}
				w := flv.NewWriter(f)
				for _, a := range se.arrivals {
					if err := w.WriteMessage(a.m); err != nil {
						t.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				f.Close()
				frames += len(ff.Sums(t, "-xerror", "-err_detect", "explode", "-i", out, "-map", "0:v", "-fps_mode", "passthrough"))
			}
			if frames < tt.frames {
				t.Errorf("%d pictures were decoded, want at least %d", frames, tt.frames)
			}
		})
	}
}
