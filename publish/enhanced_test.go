package publish

import (
	"github.com/gortmp/rtmp/publish/internal/fftest"

	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Eyevinn/mp4ff/hevc"
)

// Codecs and tracks that only Enhanced RTMP carries. RTMP_NEW_FFMPEG is the path of an ffmpeg that reads them, 8 or
// newer; the distribution's own often does not.
func TestEnhancedIdentity(t *testing.T) {
	path := os.Getenv("RTMP_NEW_FFMPEG")
	if path == "" {
		t.Skip("RTMP_NEW_FFMPEG is not set")
	}
	ff := fftest.FFmpeg(path)
	dir := t.TempDir()
	routes := append(routes(t), route{"listening", buildTool(t).send, listening})
	const (
		picture = "testsrc2=size=320x180:rate=25:duration=3"
		sound   = "sine=frequency=440:sample_rate=48000:duration=3"
		other   = "sine=frequency=880:sample_rate=48000:duration=3"
	)
	tests := []struct {
		name    string
		args    []string
		streams []string
		ext     string // mp4 if empty; the frames of another one are compared decoded
	}{
		{"hevc aac", []string{"-c:v", "libx265", "-x265-params", "log-level=none:bframes=3:pools=1", "-g", "25", "-c:a", "aac"},
			[]string{"0:v:0", "0:a:0"}, ""},
		{"av1 opus", []string{"-c:v", "libsvtav1", "-preset", "10", "-g", "25", "-svtav1-params", "lp=1", "-c:a", "libopus"},
			[]string{"0:v:0", "0:a:0"}, ""},
		{"vp9 opus", []string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "25", "-c:a", "libopus"},
			[]string{"0:v:0", "0:a:0"}, ""},
		{"h264 ac3", []string{"-c:v", "libx264", "-c:a", "ac3"}, []string{"0:v:0", "0:a:0"}, ""},
		{"h264 eac3", []string{"-c:v", "libx264", "-c:a", "eac3"}, []string{"0:v:0", "0:a:0"}, ""},
		{"h264 flac", []string{"-c:v", "libx264", "-c:a", "flac", "-strict", "-2"}, []string{"0:v:0", "0:a:0"}, ""},
		{"h264 mp3", []string{"-c:v", "libx264", "-c:a", "libmp3lame"}, []string{"0:v:0", "0:a:0"}, ""},
		{"two of each", []string{"-map", "0:v", "-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:v", "libx264", "-c:a", "aac"},
			[]string{"0:v:0", "0:v:1", "0:a:0", "0:a:1"}, ""},
		{"hevc ac3 ts", []string{"-c:v", "libx265", "-x265-params", "log-level=none:bframes=3:pools=1", "-g", "25", "-c:a", "ac3"},
			[]string{"0:v:0", "0:a:0"}, "ts"},
		{"h264 opus ts", []string{"-c:v", "libx264", "-c:a", "libopus"}, []string{"0:v:0"}, "ts"},
		{"h264 eac3 ts", []string{"-c:v", "libx264", "-c:a", "eac3"}, []string{"0:v:0", "0:a:0"}, "ts"},
		{"h264 mp3 ts", []string{"-c:v", "libx264", "-c:a", "libmp3lame"}, []string{"0:v:0", "0:a:0"}, "ts"},
		{"hevc fragmented", []string{"-c:v", "libx265", "-x265-params", "log-level=none:bframes=3:pools=1", "-g", "25",
			"-tag:v", "hvc1", "-movflags", "frag_keyframe+empty_moov", "-c:a", "libopus"}, []string{"0:v:0", "0:a:0"}, ""},
		{"raw hevc", []string{"-c:v", "libx265", "-x265-params", "log-level=none:bframes=3:pools=1", "-g", "25", "-an"},
			[]string{"0:v:0"}, "h265"},
	}
	for _, tt := range tests {
		name := strings.ReplaceAll(tt.name, " ", "-")
		ext := "mp4"
		how := []string{"-c", "copy"}
		if tt.ext != "" {
			ext, how = tt.ext, []string{"-fps_mode", "passthrough"}
		}
		in := filepath.Join(dir, "in-"+name+"."+ext)
		args := []string{"-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-f", "lavfi", "-i", other,
			"-pix_fmt", "yuv420p", "-threads", "1"}
		ff.Run(t, append(append(args, tt.args...), in)...)
		sums := func(t *testing.T, path, stream string) []fftest.Framesum {
			return ff.Sums(t, append([]string{"-i", path, "-map", stream}, how...)...)
		}
		var want [][]fftest.Framesum
		for _, stream := range tt.streams {
			want = append(want, sums(t, in, stream))
		}
		for _, r := range routes {
			t.Run(tt.name+" "+r.name, func(t *testing.T) {
				out := r.travel(t, ff, dir, name, in)
				for i, stream := range tt.streams {
					fftest.Compare(t, stream, want[i], sums(t, out, stream))
				}
			})
		}
	}
}

// The same codecs from an encoder, frame by frame.
func TestEnhancedEncoders(t *testing.T) {
	path := os.Getenv("RTMP_NEW_FFMPEG")
	if path == "" {
		t.Skip("RTMP_NEW_FFMPEG is not set")
	}
	ff := fftest.FFmpeg(path)
	dir := t.TempDir()
	server := recordServer(t, dir)
	tests := []struct {
		name  string
		args  []string
		write func(p *Publisher, t *Track, pk *Packet) error
	}{
		{"h265", []string{"-c:v", "libx265", "-x265-params", "log-level=none:bframes=3:pools=1", "-g", "25"},
			func(p *Publisher, tr *Track, pk *Packet) error {
				au, err := annexBOfHEVC(tr, pk)
				if err != nil {
					return err
				}
				return p.WriteH265DTS(pk.PTS, pk.DTS, au)
			}},
		{"h265-without-dts", []string{"-c:v", "libx265", "-x265-params", "log-level=none:bframes=3:pools=1", "-g", "25"},
			func(p *Publisher, tr *Track, pk *Packet) error {
				au, err := annexBOfHEVC(tr, pk)
				if err != nil {
					return err
				}
				return p.WriteH265(pk.PTS, au)
			}},
		{"av1", []string{"-c:v", "libsvtav1", "-preset", "10", "-g", "25", "-svtav1-params", "lp=1"},
			func(p *Publisher, _ *Track, pk *Packet) error { return p.WriteAV1(pk.PTS, pk.Data) }},
		{"vp9", []string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "25"},
			func(p *Publisher, _ *Track, pk *Packet) error { return p.WriteVP9(pk.PTS, pk.Data) }},
		{"opus", []string{"-c:a", "libopus"},
			func(p *Publisher, _ *Track, pk *Packet) error { return p.WriteOpus(pk.PTS, pk.Data) }},
		{"eac3", []string{"-c:a", "eac3"},
			func(p *Publisher, _ *Track, pk *Packet) error { return p.WriteEAC3(pk.PTS, pk.Data) }},
		{"flac", []string{"-c:a", "flac", "-strict", "-2"},
			func(p *Publisher, tr *Track, pk *Packet) error {
				if err := p.WriteFLAC(0, tr.Config); err != nil {
					return err
				}
				return p.WriteFLAC(pk.PTS, pk.Data)
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := filepath.Join(dir, "in-"+tt.name+".mp4")
			input := "testsrc2=size=320x180:rate=25:duration=2"
			if tt.args[0] == "-c:a" {
				input = "sine=frequency=440:sample_rate=48000:duration=2"
			}
			ff.Run(t, append(append([]string{"-f", "lavfi", "-i", input, "-threads", "1"}, tt.args...), in)...)
			src, err := Open(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			p := To(t.Context(), server.URL+"/live/"+tt.name, &Options{NoPace: true})
			if err := p.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
			for pk, err := src.ReadPacket(); err == nil; pk, err = src.ReadPacket() {
				if err := tt.write(p, &src.Tracks()[0], pk); err != nil {
					t.Fatal(err)
				}
			}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			how := []string{"-c", "copy"}
			if strings.HasSuffix(tt.name, "without-dts") {
				how = []string{"-fps_mode", "passthrough"} // decoded: the DTS, which is another, plays no part
			}
			fftest.Compare(t, tt.name, ff.Sums(t, append([]string{"-i", in, "-map", "0"}, how...)...),
				ff.Sums(t, append([]string{"-i", filepath.Join(dir, tt.name+".flv"), "-map", "0"}, how...)...))
		})
	}
}

// annexBOfHEVC returns pk as an encoder puts it out, with the parameter sets of tr before key frames.
func annexBOfHEVC(tr *Track, pk *Packet) ([]byte, error) {
	units, _ := splitLengths(pk.Data, 4)
	if !pk.Key {
		return annexB(units...), nil
	}
	r, err := hevc.DecodeHEVCDecConfRec(tr.Config)
	if err != nil {
		return nil, err
	}
	var sets [][]byte
	for _, kind := range []hevc.NaluType{hevc.NALU_VPS, hevc.NALU_SPS, hevc.NALU_PPS} {
		sets = append(sets, r.GetNalusForType(kind)...)
	}
	return annexB(append(sets, units...)...), nil
}
