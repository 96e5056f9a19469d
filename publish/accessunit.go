package publish

import (
	"github.com/Eyevinn/mp4ff/avc"
	"github.com/Eyevinn/mp4ff/hevc"

	"github.com/gortmp/rtmp/media"
)

// AccessUnit returns the NAL units of p, which is a packet of t, as a stream without configuration has them: the
// parameter sets stand in front of a key frame that has none, and delimiters and filler are left out. They alias p and
// t. It returns an ErrCodec if t is neither H.264 nor H.265, or p or the configuration is damaged.
//
// ISO/IEC 14496-15, sections 5.3.3 and 8.3.3.
func (t *Track) AccessUnit(p *Packet) ([][]byte, error) {
	var c *nalCodec
	var size int // of the lengths in p
	var sets [][]byte
	err := guard(t.Codec.String(), func() error {
		switch t.Codec {
		case media.AVC:
			r, err := avc.DecodeAVCDecConfRec(t.Config)
			if err != nil {
				return err
			}
			c, size, sets = avcCodec, int(t.Config[4]&3)+1, append(r.SPSnalus, r.PPSnalus...)
		case media.HEVC:
			r, err := hevc.DecodeHEVCDecConfRec(t.Config)
			if err != nil {
				return err
			}
			c, size = hevcCodec, int(t.Config[21]&3)+1
			for _, kind := range []hevc.NaluType{hevc.NALU_VPS, hevc.NALU_SPS, hevc.NALU_PPS} {
				sets = append(sets, r.GetNalusForType(kind)...)
			}
		}
		return nil
	})
	if err != nil {
		return nil, &CodecError{Codec: t.Codec, Reason: err.Error()}
	}
	if c == nil {
		return nil, &CodecError{Codec: t.Codec, Reason: "it has no NAL units"}
	}
	all, ok := splitLengths(p.Data, size)
	if !ok {
		return nil, &CodecError{Codec: t.Codec, Reason: "the lengths of the NAL units do not add up"}
	}
	var units [][]byte
	complete := !p.Key
	for _, u := range all {
		if len(u) < 2 || c.drop(u) {
			continue
		}
		complete = complete || c.set(u) >= 0
		units = append(units, u)
	}
	if !complete {
		units = append(sets[:len(sets):len(sets)], units...)
	}
	return units, nil
}
