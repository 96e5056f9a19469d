package publish

import "github.com/gortmp/rtmp/media"

// lesser reports whether the picture in data, which is p's, can be left out without harm to any other.
func (t *muxTrack) lesser(p *Packet, data []byte) bool {
	return !p.Key && (p.Disposable || !needed(t.Codec, data))
}

// needed reports whether other pictures refer to the one in data. What is not understood counts as needed.
func needed(c media.Codec, data []byte) bool {
	codec := avcCodec
	switch c {
	case media.AVC:
	case media.HEVC:
		codec = hevcCodec
	default:
		return true
	}
	units, _ := splitLengths(data, 4)
	found := false
	for _, u := range units {
		if len(u) > 1 && codec.slice(u) {
			if codec.needed(u) {
				return true
			}
			found = true
		}
	}
	return !found
}
