package publish

import "time"

// A queue holds the frames of one target that are not with the network yet, and leaves frames out when they become
// too many. It does not lock.
type queue struct {
	frames []frame
	bytes  int
	newest time.Duration
	head   time.Duration // time of the frame that is being sent
	busy   bool          // there is one

	lesser, video, all time.Duration // lengths from which on frames are left out

	untilKey map[uint8]bool // video tracks that wait for a key frame

	droppedVideo, droppedAudio int
}

func newQueue(o *Options) queue {
	return queue{
		lesser: o.DropLesser, video: o.DropVideo, all: o.DropAll, untilKey: make(map[uint8]bool),
	}
}

// length returns the time from the oldest frame to at.
func (q *queue) length(at time.Duration) time.Duration {
	switch {
	case q.busy:
		return max(0, at-q.head)
	case len(q.frames) > 0:
		return max(0, at-q.frames[0].at)
	}
	return 0
}

// push appends f, unless it is left out, and reports whether frames were left out. Headers never are.
func (q *queue) push(f frame) (dropped bool) {
	before := q.droppedVideo + q.droppedAudio
	if f.coded {
		q.makeRoom(&f)
		if f.video() && !q.admit(&f) {
			q.droppedVideo++
			return true
		}
	}
	q.frames = append(q.frames, f)
	q.bytes += f.size()
	q.newest = max(q.newest, f.at)
	return q.droppedVideo+q.droppedAudio > before
}

// makeRoom leaves out frames of the queue if it has become too long with f.
func (q *queue) makeRoom(f *frame) {
	length := q.length(f.at)
	switch {
	case length > q.all:
		q.drop(func(o *frame) bool { return true })
	case length > q.video:
		newKey := f.video() && f.key
		q.drop(func(o *frame) bool { return o.video() && (!o.key || newKey && o.track == f.track) })
	case length > q.lesser:
		q.drop(func(o *frame) bool { return o.lesser })
	}
}

// admit reports whether the video frame f is to be sent.
func (q *queue) admit(f *frame) bool {
	if f.key {
		delete(q.untilKey, f.track)
		return true
	}
	length := q.length(f.at)
	switch {
	case q.untilKey[f.track]:
		return false
	case length > q.video:
		q.untilKey[f.track] = true
		return false
	}
	return !f.lesser || length <= q.lesser
}

// drop removes the coded frames for which f is true.
func (q *queue) drop(f func(*frame) bool) {
	kept := q.frames[:0]
	for i := range q.frames {
		o := &q.frames[i]
		if !o.coded || !f(o) {
			kept = append(kept, *o)
			continue
		}
		q.bytes -= o.size()
		if !o.video() {
			q.droppedAudio++
			continue
		}
		q.droppedVideo++
		if !o.lesser {
			q.untilKey[o.track] = true
		}
	}
	clear(q.frames[len(kept):])
	q.frames = kept
}

// pop returns the next frame to be sent.
func (q *queue) pop() (frame, bool) {
	if len(q.frames) == 0 {
		q.busy = false
		return frame{}, false
	}
	f := q.frames[0]
	q.frames[0] = frame{}
	q.frames = q.frames[1:]
	q.bytes -= f.size()
	q.head, q.busy = f.at, true
	return f, true
}

// prepend puts frames before all others.
func (q *queue) prepend(frames []frame) {
	q.frames = append(frames, q.frames...)
	for i := range frames {
		q.bytes += frames[i].size()
	}
}

// reset forgets everything that waits.
func (q *queue) reset() {
	clear(q.frames)
	q.frames, q.bytes, q.busy = nil, 0, false
	clear(q.untilKey)
}
