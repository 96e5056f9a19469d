package publish

import (
	"github.com/Eyevinn/mp4ff/avc"
	"github.com/Eyevinn/mp4ff/hevc"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"

	"github.com/gortmp/rtmp/media"
)

// A lsbCounter completes order counts of which only the low bits are in the stream.
//
// ITU-T H.264, section 8.2.1.1; H.265, section 8.3.1.
type lsbCounter struct{ high, low int }

func (c *lsbCounter) count(low, bits int, reset, reference bool) int {
	if reset {
		*c = lsbCounter{}
	}
	size := 1 << bits
	high := c.high
	switch {
	case low < c.low && c.low-low >= size/2:
		high += size
	case low > c.low && low-c.low > size/2:
		high -= size
	}
	if reference {
		c.high, c.low = high, low
	}
	return high + low
}

// An avcOrder is the orderer of H.264.
type avcOrder struct {
	sps   map[uint32]*avc.SPS
	pps   map[uint32]*avc.PPS
	lsb   lsbCounter
	first int // count of the last IDR
	plain int // pictures since then
}

func newAVCOrder() orderer {
	return &avcOrder{sps: make(map[uint32]*avc.SPS), pps: make(map[uint32]*avc.PPS)}
}

func (o *avcOrder) count(au [][]byte) (int, bool, error) {
	for _, u := range au {
		switch {
		case h264.NALUType(u[0]&0x1f) == h264.NALUTypeSPS:
			if sps, err := avc.ParseSPSNALUnit(u, true); err == nil {
				o.sps[sps.ParameterID] = sps
			}
		case h264.NALUType(u[0]&0x1f) == h264.NALUTypePPS:
			if pps, err := avc.ParsePPSNALUnit(u, o.sps); err == nil {
				o.pps[pps.PicParameterSetID] = pps
			}
		case avcCodec.slice(u):
			h, err := avc.ParseSliceHeader(u, o.sps, o.pps)
			if err != nil {
				return 0, false, &CodecError{Codec: media.AVC, Reason: "slice header: " + err.Error()}
			}
			if h.FieldPicFlag {
				return 0, false, &CodecError{Codec: media.AVC, Reason: "fields cannot be timed without a container"}
			}
			idr := avcCodec.key(u)
			if idr {
				o.plain = 0
			}
			sps := o.sps[h.SeqParamID]
			if sps == nil || sps.PicOrderCntType != 0 {
				o.plain++
				return 2 * (o.plain - 1), idr, nil // in the order of the stream; type 1 is not used by encoders
			}
			n := o.lsb.count(int(h.PicOrderCntLsb), int(sps.Log2MaxPicOrderCntLsbMinus4)+4, idr, u[0]&0x60 != 0)
			if idr {
				o.first = n
			}
			return n - o.first, idr, nil
		}
	}
	return 0, false, nil
}

// A hevcOrder is the orderer of H.265.
type hevcOrder struct {
	sps   map[uint32]*hevc.SPS
	pps   map[uint32]*hevc.PPS
	lsb   lsbCounter
	first int
	begun bool
}

func newHEVCOrder() orderer {
	return &hevcOrder{sps: make(map[uint32]*hevc.SPS), pps: make(map[uint32]*hevc.PPS)}
}

func (o *hevcOrder) count(au [][]byte) (int, bool, error) {
	for _, u := range au {
		switch t := h265Type(u); {
		case t == h265.NALUType_SPS_NUT:
			if sps, err := hevc.ParseSPSNALUnit(u); err == nil {
				o.sps[uint32(sps.SpsID)] = sps
			}
		case t == h265.NALUType_PPS_NUT:
			if pps, err := hevc.ParsePPSNALUnit(u, o.sps); err == nil {
				o.pps[pps.PicParameterSetID] = pps
			}
		case hevcCodec.slice(u):
			h, err := hevc.ParseSliceHeader(u, o.sps, o.pps)
			if err != nil {
				return 0, false, &CodecError{Codec: media.HEVC, Reason: "slice header: " + err.Error()}
			}
			reset := t >= h265.NALUType_BLA_W_LP && t <= h265.NALUType_IDR_N_LP || hevcCodec.key(u) && !o.begun
			o.begun = true
			bits := 8
			if pps := o.pps[h.PicParameterSetId]; pps != nil {
				if sps := o.sps[pps.SeqParameterSetID]; sps != nil {
					bits = int(sps.Log2MaxPicOrderCntLsbMinus4) + 4
				}
			}
			// Only pictures of the lowest layer that others refer to are the base for the next count.
			reference := u[1]&7 == 1 && hevcCodec.needed(u) && (t < h265.NALUType_RADL_N || t > h265.NALUType_RASL_R)
			n := o.lsb.count(int(h.PicOrderCntLsb), bits, reset, reference)
			if reset {
				o.first = n
			}
			return n - o.first, reset, nil
		}
	}
	return 0, false, nil
}
