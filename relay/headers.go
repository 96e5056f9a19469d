package relay

import (
	"bytes"
	"slices"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// Ours: what is kept of a publisher's headers. 16 tracks of sound and 16 of pictures, each with a header and one
// more, are 64; the metadata of a long file has an index of some 100 KB.
const (
	maxHeaders     = 128
	maxHeaderBytes = 1 << 20 // payload
)

// headers is what somebody who joins has to get before the first frame: the metadata, and then the rest in the
// order in which it came, so that of two that speak about the same track the later one counts. It is never changed
// once it is in use.
type headers struct {
	version uint32 // differs between any two of a stream
	bytes   int    // payload
	list    []header
}

// A header is a config message, as long as it is the last word about one of its tracks.
type header struct {
	description
	pm, plain *rtmp.PreparedMessage // as in entry
}

func (h *header) payload() []byte { return h.pm.Message().Payload }

// with returns h with n in it and without what n replaces. If there is no room for n it is left out.
func (h *headers) with(n header) *headers {
	for i := range h.list {
		if old := &h.list[i]; old.description == n.description && bytes.Equal(old.payload(), n.payload()) {
			return h
		}
	}
	kept := h.without(n.description, (*header).isReplacedBy)
	size := len(n.payload())
	if len(kept.list) == maxHeaders || kept.bytes+size > maxHeaderBytes {
		return kept
	}
	next := &headers{version: h.version + 1, bytes: kept.bytes + size}
	if n.kind == message.TypeData {
		next.list = slices.Concat([]header{n}, kept.list)
	} else {
		next.list = slices.Concat(kept.list, []header{n})
	}
	return next
}

// without returns h without those that say nothing any more after d has come, because everything they said is gone.
func (h *headers) without(d description, gone func(*header, *description) bool) *headers {
	next := &headers{version: h.version + 1, list: make([]header, 0, len(h.list))}
	changed := false
	for _, old := range h.list {
		if gone(&old, &d) {
			changed = true
			if old.tracks.remove(&d.tracks); old.tracks.none() {
				continue
			}
		}
		next.bytes += len(old.payload())
		next.list = append(next.list, old)
	}
	if !changed {
		return h
	}
	return next
}

// outdated returns h without what it says about tracks that have another codec now.
func (h *headers) outdated(d *description) *headers {
	for i := range h.list {
		if h.list[i].isOutdatedBy(d) {
			return h.without(*d, (*header).isOutdatedBy)
		}
	}
	return h
}

// isReplacedBy reports whether d takes the place of h for a track: it is of the same kind, or a sequence header of
// another codec.
func (h *header) isReplacedBy(d *description) bool {
	if h.packet == d.packet {
		return h.kind == d.kind && h.tracks.meet(&d.tracks)
	}
	return d.packet == sequenceHeader && h.isOutdatedBy(d)
}

// isOutdatedBy reports whether a track of d has another codec than h is for.
func (h *header) isOutdatedBy(d *description) bool {
	return h.kind == d.kind && h.codec != d.codec && h.codec != 0 && d.codec != 0 && h.tracks.meet(&d.tracks)
}

// at returns the headers with the time t, so that a stream that has run for hours does not begin with a jump.
func (h *headers) at(t message.Timestamp) []entry {
	out := make([]entry, len(h.list))
	for i := range h.list {
		old := &h.list[i]
		out[i] = entry{pm: moved(old.pm, t), plain: moved(old.plain, t), class: old.class}
	}
	return out
}

// moved returns pm with the time t.
func moved(pm *rtmp.PreparedMessage, t message.Timestamp) *rtmp.PreparedMessage {
	if pm == nil || pm.Message().Timestamp == t {
		return pm
	}
	m := *pm.Message()
	m.Timestamp = t
	return rtmp.NewPreparedMessage(&m)
}
