package publish

import (
	"bytes"

	"github.com/Eyevinn/mp4ff/avc"
	"github.com/Eyevinn/mp4ff/hevc"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"

	"github.com/gortmp/rtmp/media"
)

// maxSets is how many parameter sets of one kind are kept. Ours: encoders use one or two.
const maxSets = 32

// A nalCodec is what has to be known of H.264 and of H.265 to make RTMP of NAL units.
type nalCodec struct {
	codec  media.Codec
	sets   int                 // number of kinds of parameter sets
	set    func(u []byte) int  // kind of parameter set, from 0; -1 for other units
	drop   func(u []byte) bool // neither picture nor of use to a decoder behind RTMP
	slice  func(u []byte) bool // part of a picture
	first  func(u []byte) bool // a slice that begins a picture
	front  func(u []byte) bool // another unit that stands in front of a picture
	key    func(u []byte) bool // a slice where decoding can start
	needed func(u []byte) bool // a slice that other pictures refer to
	record func(sets [][][]byte) ([]byte, error)

	orderer func() orderer
}

var avcCodec = &nalCodec{
	codec: media.AVC,
	sets:  2,
	set: func(u []byte) int {
		switch h264.NALUType(u[0] & 0x1f) {
		case h264.NALUTypeSPS:
			return 0
		case h264.NALUTypePPS:
			return 1
		}
		return -1
	},
	drop: func(u []byte) bool {
		switch h264.NALUType(u[0] & 0x1f) {
		case h264.NALUTypeAccessUnitDelimiter, h264.NALUTypeFillerData, h264.NALUTypeEndOfSequence,
			h264.NALUTypeEndOfStream:
			return true
		}
		return false
	},
	slice:  func(u []byte) bool { t := u[0] & 0x1f; return t >= 1 && t <= 5 },
	first:  func(u []byte) bool { return u[1]&0x80 != 0 }, // first_mb_in_slice is 0
	front:  func(u []byte) bool { t := u[0] & 0x1f; return t >= 6 && t <= 9 || t >= 14 && t <= 18 },
	key:    func(u []byte) bool { return h264.NALUType(u[0]&0x1f) == h264.NALUTypeIDR },
	needed: func(u []byte) bool { return u[0]&0x60 != 0 }, // nal_ref_idc
	record: func(sets [][][]byte) ([]byte, error) {
		r, err := avc.CreateAVCDecConfRec(sets[0], sets[1], true)
		if err != nil {
			return nil, err
		}
		var sps h264.SPS
		if err := sps.Unmarshal(sets[0][0]); err != nil {
			return nil, err
		}
		if sps.ProfileIdc >= 100 { // below it has no such fields, and 4:2:0 in 8 bits is what the record says
			r.ChromaFormat = byte(sps.ChromaFormatIdc)
			r.BitDepthLumaMinus1 = byte(sps.BitDepthLumaMinus8)
			r.BitDepthChromaMinus1 = byte(sps.BitDepthChromaMinus8)
		}
		var b bytes.Buffer
		err = r.Encode(&b)
		return b.Bytes(), err
	},
}

var hevcCodec = &nalCodec{
	codec: media.HEVC,
	sets:  3,
	set: func(u []byte) int {
		switch h265Type(u) {
		case h265.NALUType_VPS_NUT:
			return 0
		case h265.NALUType_SPS_NUT:
			return 1
		case h265.NALUType_PPS_NUT:
			return 2
		}
		return -1
	},
	drop: func(u []byte) bool {
		switch h265Type(u) {
		case h265.NALUType_AUD_NUT, h265.NALUType_FD_NUT, h265.NALUType_EOS_NUT, h265.NALUType_EOB_NUT:
			return true
		}
		return false
	},
	slice: func(u []byte) bool { return h265Type(u) < 32 },
	first: func(u []byte) bool { return len(u) > 2 && u[2]&0x80 != 0 },
	front: func(u []byte) bool {
		t := h265Type(u)
		return t >= 32 && t <= 35 || t == h265.NALUType_PREFIX_SEI_NUT || t >= 41 && t <= 44 || t >= 48 && t <= 55
	},
	key: func(u []byte) bool { t := h265Type(u); return t >= 16 && t <= 23 },
	needed: func(u []byte) bool {
		t := h265Type(u)
		return t > 14 || t%2 == 1 // up to 14 the even types are those that their temporal layer does without
	},
	record: func(sets [][][]byte) ([]byte, error) {
		r, err := hevc.CreateHEVCDecConfRec(sets[0], sets[1], sets[2], true, true, true, true)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		err = r.Encode(&b)
		return b.Bytes(), err
	},
}

func h265Type(u []byte) h265.NALUType { return h265.NALUType(u[0] >> 1 & 0x3f) }

func init() {
	avcCodec.orderer = newAVCOrder
	hevcCodec.orderer = newHEVCOrder
}

// A nalPacker makes packets of access units and watches over the parameter sets in them.
type nalPacker struct {
	c      *nalCodec
	sets   [][][]byte // by kind
	config []byte     // the record made of sets; nil until they are complete
}

func newNALPacker(c *nalCodec) *nalPacker {
	return &nalPacker{c: c, sets: make([][][]byte, c.sets)}
}

// A unit is an access unit made ready for RTMP.
type unit struct {
	data   []byte // nil if there was no picture
	config []byte // not nil if it differs from that of the unit before
	key    bool
	needed bool // by other pictures

	width, height int // if the configuration does not say
}

// pack takes the NAL units of one access unit, which are not kept. Parameter sets go into the configuration and not
// into the data. It returns a *CodecError if no record can be made of the parameter sets.
func (p *nalPacker) pack(units [][]byte) (unit, error) {
	var u unit
	var keep [][]byte
	fresh := make([]bool, p.c.sets) // a kind of set came in this unit
	changed := false
	for _, n := range units {
		if len(n) < 2 || p.c.drop(n) {
			continue
		}
		if k := p.c.set(n); k >= 0 {
			// A set of the highest kind that comes in front of a picture begins a new list of its kind.
			changed = p.learn(k, n, !fresh[k] && k < p.c.sets-1) || changed
			fresh[k] = true
			continue
		}
		if p.c.slice(n) {
			u.key = u.key || p.c.key(n)
			u.needed = u.needed || p.c.needed(n)
		}
		keep = append(keep, n)
	}
	if changed {
		config, err := p.makeConfig()
		if err != nil {
			return unit{}, err
		}
		if config != nil && !bytes.Equal(config, p.config) {
			p.config = config
			u.config = config
		}
	}
	if len(keep) > 0 {
		u.data = joinLengths(keep)
	}
	return u, nil
}

// learn notes a parameter set of kind k and reports whether it is new. first means that it takes the place of those
// that came in earlier units if it differs from them.
func (p *nalPacker) learn(k int, n []byte, first bool) bool {
	for _, have := range p.sets[k] {
		if bytes.Equal(have, n) {
			return false
		}
	}
	if first || len(p.sets[k]) >= maxSets {
		p.sets[k] = nil
		for i := k + 1; i < p.c.sets; i++ {
			p.sets[i] = nil // what depends on it comes again
		}
	}
	p.sets[k] = append(p.sets[k], bytes.Clone(n))
	return true
}

// makeConfig returns the configuration record, or nil as long as a kind of set is missing.
func (p *nalPacker) makeConfig() ([]byte, error) {
	for _, s := range p.sets {
		if len(s) == 0 {
			return nil, nil
		}
	}
	var config []byte
	err := guard(p.c.codec.String(), func() (err error) {
		config, err = p.c.record(p.sets)
		return err
	})
	if err != nil {
		return nil, &CodecError{Codec: p.c.codec, Reason: "parameter sets: " + err.Error()}
	}
	return config, nil
}
