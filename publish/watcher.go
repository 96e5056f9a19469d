package publish

import (
	"fmt"
	"time"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// A watcher compares what is published with the profiles of the targets.
type watcher struct {
	targets []watched
	warn    func(Warning)
	tracks  []Track

	lastKey time.Duration
	hasKey  bool
	bFrames int // in a row
	newest  time.Duration
	hasNew  bool
	second  time.Duration // when the window for the bitrate began
	bits    int
	started bool
}

type watched struct {
	url     string
	profile *Profile
	told    map[Problem]bool
}

// bitrateWindow is what the bitrate is averaged over. Ours: a group of pictures or more.
const bitrateWindow = 10 * time.Second

// newWatcher returns nil, whose methods do nothing, if there is nobody to warn or nothing to warn of.
func newWatcher(urls []string, warn func(Warning)) *watcher {
	if warn == nil {
		return nil
	}
	w := &watcher{warn: warn}
	for _, u := range urls {
		if pr := ProfileOf(u); pr != nil {
			w.targets = append(w.targets, watched{u, pr, make(map[Problem]bool)})
		}
	}
	if len(w.targets) == 0 {
		return nil
	}
	return w
}

func (t *watched) tell(w *watcher, p Problem, format string, args ...any) {
	if t.told[p] {
		return
	}
	t.told[p] = true
	w.warn(Warning{publicURL(t.url), t.profile, p, fmt.Sprintf(format, args...)})
}

// track takes note of a track.
func (w *watcher) track(t *Track) {
	if w != nil {
		w.tracks = append(w.tracks, *t)
	}
}

// frame looks at a frame that is published.
func (w *watcher) frame(f *frame) {
	if w == nil || !f.coded {
		return
	}
	if !w.started {
		w.started, w.second = true, f.at
		for i := range w.targets {
			t := &w.targets[i]
			for _, warning := range t.profile.Check(t.url, w.tracks) {
				t.tell(w, warning.Problem, "%s", warning.Text)
			}
		}
	}
	w.bits += len(f.message.Payload) * 8
	if passed := f.at - w.second; passed >= bitrateWindow {
		rate := int(float64(w.bits) / passed.Seconds())
		w.bits, w.second = 0, f.at
		for i := range w.targets {
			t := &w.targets[i]
			if limit := t.profile.VideoRate + t.profile.AudioRate; t.profile.VideoRate > 0 && rate > limit+limit/10 {
				t.tell(w, ProblemBitrate, "%d kbit/s are more than the %d kbit/s that %s accepts",
					rate/1000, limit/1000, t.profile.Name)
			}
		}
	}
	if f.message.Type == message.TypeVideo && f.track == 0 {
		w.picture(f)
	}
}

func (w *watcher) picture(f *frame) {
	v, err := media.ParseVideo(f.message.Payload)
	if err != nil {
		return
	}
	shown := f.at + time.Duration(v.Composition)*time.Millisecond
	if w.hasNew && shown < w.newest {
		w.bFrames++
	} else {
		w.bFrames, w.newest, w.hasNew = 0, shown, true
	}
	since := f.at - w.lastKey
	known := w.hasKey
	if f.key {
		w.lastKey, w.hasKey = f.at, true
	}
	for i := range w.targets {
		t := &w.targets[i]
		const slack = 100 * time.Millisecond
		if limit := t.profile.KeyFrames; known && limit > 0 && since > limit+slack {
			t.tell(w, ProblemKeyFrames, "there was no key frame for %.1f seconds, %s wants one every %.0f seconds",
				since.Seconds(), t.profile.Name, limit.Seconds())
		}
		switch limit := t.profile.BFrames; {
		case limit < 0 && w.bFrames > 0:
			t.tell(w, ProblemBFrames, "%s does not accept B-frames", t.profile.Name)
		case limit > 0 && w.bFrames > limit:
			t.tell(w, ProblemBFrames, "there are %d B-frames in a row, %s accepts %d", w.bFrames, t.profile.Name, limit)
		}
	}
}
