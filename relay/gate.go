package relay

import "time"

// A gate holds video back that a reader can do nothing with: frames of a track before the first key frame of that
// track. If no key frame comes for keyWait it gives up.
type gate struct {
	open      tracks
	isHolding bool
	since     time.Duration // with isHolding
}

// opens reports whether e, a coded video frame, may pass.
func (g *gate) opens(e *entry) bool {
	switch {
	case e.class&isKey == 0 && g.open.has(e.track):
		return true
	case e.class&(isKey|isMany) == isKey|isMany:
		g.open = allTracks // simpler than to remember which, and nobody mixes the layouts
		return true
	case e.class&isKey != 0:
		g.open.add(e.track)
		return true
	case !g.isHolding:
		g.isHolding, g.since = true, e.at
		return false
	case e.at-g.since < keyWait:
		return false
	}
	g.open.add(e.track)
	return true
}
