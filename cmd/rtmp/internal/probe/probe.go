// Package probe finds out what is in a stream.
package probe

import (
	"errors"
	"io"
	"math"
	"time"

	"github.com/gortmp/rtmp/publish"
)

// A Report is what was found. In JSON, what is not known is left out; names and units do not change.
type Report struct {
	Seconds float64  `json:"seconds"`     // of media that was looked at
	Bitrate int      `json:"bitrate_bps"` // of all tracks together, in bits per second, without headers
	Tracks  []*Track `json:"tracks"`
}

// A Track is what was found of a track. Video has a size and key frames, audio a sample rate and channels.
type Track struct {
	Kind           string  `json:"kind"`  // "video" or "audio"
	Codec          string  `json:"codec"` // FourCC, or the name of an older codec
	Profile        string  `json:"profile,omitempty"`
	Level          string  `json:"level,omitempty"`
	Width          int     `json:"width,omitempty"`
	Height         int     `json:"height,omitempty"`
	FrameRate      float64 `json:"frame_rate,omitempty"` // pictures per second, as they came
	BFrames        bool    `json:"b_frames,omitempty"`   // pictures are sent in another order than they are shown in
	KeyFrames      int     `json:"key_frames,omitempty"`
	KeyIntervalMin float64 `json:"key_frame_interval_min_s,omitempty"` // between two key frames, in seconds
	KeyIntervalMax float64 `json:"key_frame_interval_max_s,omitempty"`
	SampleRate     int     `json:"sample_rate_hz,omitempty"`
	Channels       int     `json:"channels,omitempty"`
	Frames         int     `json:"frames"`
	Bitrate        int     `json:"bitrate_bps"`
	Configurations int     `json:"configurations,omitempty"` // if there was more than one
	Duration       float64 `json:"duration_s,omitempty"`     // of the whole, as the source says

	track           publish.Track
	first, end, key time.Duration // DTS of the first, the last and the last key frame
	shown           time.Duration // highest PTS
	step            time.Duration // the last distance between two frames
	bytes           int
}

// Enough are the limits of a measurement.
type Enough struct {
	Media     time.Duration // of media; zero means no limit
	KeyFrames int           // of each video track; zero means no limit
}

// Read reads src until it ends, or there is enough. The report is valid also with an error.
func Read(src publish.Source, enough Enough) (*Report, error) {
	r := new(Report)
	defer r.finish()
	for {
		r.adopt(src.Tracks())
		p, err := src.ReadPacket()
		if errors.Is(err, io.EOF) {
			return r, nil
		}
		if err != nil {
			return r, err
		}
		r.adopt(src.Tracks())
		if p.Track < 0 {
			continue
		}
		t := r.Tracks[p.Track]
		if r.done(t, p, enough) {
			return r, nil
		}
		t.add(p)
	}
}

// adopt takes in tracks that are new.
func (r *Report) adopt(tracks []publish.Track) {
	for _, t := range tracks[len(r.Tracks):] {
		kind := "audio"
		if t.Video() {
			kind = "video"
		}
		r.Tracks = append(r.Tracks, &Track{Kind: kind, Codec: t.Codec.String(), Duration: round3(t.Duration.Seconds()), track: t})
	}
}

// done reports whether there is enough without p, which is a packet of t.
func (r *Report) done(t *Track, p *publish.Packet, enough Enough) bool {
	if enough.Media > 0 && t.Frames > 0 && p.DTS-t.first >= enough.Media {
		return true
	}
	if enough.KeyFrames == 0 {
		return false
	}
	video := false
	for _, t := range r.Tracks {
		if t.Kind == "video" {
			video = true
			if t.KeyFrames < enough.KeyFrames {
				return false
			}
		}
	}
	return video
}

func (t *Track) add(p *publish.Packet) {
	if p.Config != nil {
		t.track.SetConfig(p.Config)
		t.Configurations = max(t.Configurations, 1) + 1
	}
	if t.Frames == 0 {
		t.first, t.shown = p.DTS, p.PTS
	} else {
		t.step = p.DTS - t.end
	}
	t.end = p.DTS
	t.BFrames = t.BFrames || p.PTS < t.shown
	t.shown = max(t.shown, p.PTS)
	t.Frames++
	t.bytes += len(p.Data)
	if t.Kind != "video" || !p.Key {
		return
	}
	if t.KeyFrames > 0 {
		d := round3((p.DTS - t.key).Seconds())
		if t.KeyIntervalMin == 0 || d < t.KeyIntervalMin {
			t.KeyIntervalMin = d
		}
		t.KeyIntervalMax = max(t.KeyIntervalMax, d)
	}
	t.KeyFrames++
	t.key = p.DTS
}

// finish works out what can be said at the end.
func (r *Report) finish() {
	for _, t := range r.Tracks {
		t.Profile, t.Level = t.track.ProfileLevel()
		t.Width, t.Height = t.track.Width, t.track.Height
		t.SampleRate, t.Channels = t.track.SampleRate, t.track.Channels
		span := (t.end - t.first).Seconds()
		if t.Kind == "video" && t.Frames > 1 && span > 0 {
			t.FrameRate = round3(float64(t.Frames-1) / span)
		}
		span += t.step.Seconds() // the last frame has a duration as well
		if span > 0 {
			t.Bitrate = int(math.Round(float64(t.bytes) * 8 / span))
		}
		r.Seconds = max(r.Seconds, round3(span))
		r.Bitrate += t.Bitrate
	}
}

func round3(v float64) float64 { return math.Round(v*1000) / 1000 }
