package publish

import "github.com/gortmp/rtmp/media"

// lesser reports whether the picture can be left out at the cost of a few others: no other refers to it, or it is
// shown before one that was coded earlier.
func (t *muxTrack) lesser(p *Packet, data []byte) bool {
	backward := t.begun && p.PTS < t.newest
	if !t.begun || p.PTS > t.newest {
		t.begun, t.newest = true, p.PTS
	}
	if p.Key {
		return false
	}
	return p.Disposable || backward || weigh(t.Codec, data) == 0
}

// weigh returns the weight of the picture in data, as in nalCodec. What is not understood has the full weight.
func weigh(c media.Codec, data []byte) int {
	codec := avcCodec
	switch c {
	case media.AVC:
	case media.HEVC:
		codec = hevcCodec
	default:
		return 2
	}
	units, _ := splitLengths(data, 4)
	weight, found := 0, false
	for _, u := range units {
		if len(u) > 1 && codec.slice(u) {
			weight, found = max(weight, codec.weight(u)), true
		}
	}
	if !found {
		return 2
	}
	return weight
}
