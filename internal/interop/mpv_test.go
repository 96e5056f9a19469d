package interop_test

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
)

// mpv from our server: the pictures that it shows are those of the clip.
func TestMpv(t *testing.T) {
	t.Parallel()
	need(t, "mpv", "ffmpeg")
	for _, c := range []*clip{clipBFrames, clipVideo, clipPast24} {
		t.Run(c.name, func(t *testing.T) {
			file := c.file(t)
			s := serve(t, new(rtmp.Server), nil)
			player := start(t, "mpv", "--no-config", "--vo=null", "--ao=null", "--untimed", "--framedrop=no",
				"--vf=lavfi=[showinfo]", "--msg-level=all=error,ffmpeg=v", s.url("rtmp"))
			s.awaitPlayers(t, 1)
			if err := ffmpegPublisher.start(t, file, s.url("rtmp"))(); err != nil {
				t.Errorf("ffmpeg: %v", err)
			}
			if err := player.wait(); err != nil {
				t.Errorf("mpv: %v", err)
			}
			reader := start(t, "ffmpeg", "-v", "info", "-nostdin", "-i", file, "-map", "0:v", "-vf", "showinfo",
				"-fps_mode", "passthrough", "-f", "null", "-")
			if err := reader.wait(); err != nil {
				t.Fatalf("ffmpeg: %v", err)
			}
			got, want := shown(player), shown(reader)
			if diff := cmp.Diff(want, got); diff != "" || len(want) != clipFrames {
				t.Errorf("%d pictures shown, want %d of %d (-want +got):\n%s", len(got), len(want), clipFrames, tail(diff))
			}
			t.Logf("%d pictures", len(got))
		})
	}
}

var showinfo = regexp.MustCompile(` n: *\d+ .* checksum:([0-9A-F]{8}) `)

// shown returns the sums of all pictures that libavfilter's showinfo has told p to print.
func shown(p *process) []string {
	var sums []string
	for _, m := range showinfo.FindAllStringSubmatch(p.text(), -1) {
		sums = append(sums, m[1])
	}
	return sums
}
