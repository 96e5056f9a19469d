package publish

import (
	"bytes"

	mp4av1 "github.com/Eyevinn/mp4ff/av1"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/av1"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/vp9"

	"github.com/gortmp/rtmp/media"
)

// packAV1 makes a temporal unit ready for RTMP: without temporal delimiter, tile lists and padding. It has a
// configuration if there is a sequence header in it.
//
// AV1 Codec ISO Media File Format Binding, sections 2.3 and 2.4.
func packAV1(b []byte) (unit, error) {
	var u unit
	err := guard("av1", func() error {
		var obus, keep av1.Bitstream
		if err := obus.Unmarshal(b); err != nil {
			return err
		}
		for _, o := range obus {
			var h av1.OBUHeader
			if err := h.Unmarshal(o); err != nil {
				return err
			}
			switch h.Type {
			case obuTemporalDelimiter, obuTileList, obuPadding:
				continue
			case av1.OBUTypeSequenceHeader:
				config, err := av1Config(o)
				if err != nil {
					return err
				}
				u.config, u.key = config, true
			}
			keep = append(keep, o)
		}
		var err error
		if len(keep) > 0 {
			u.data, err = keep.Marshal()
		}
		return err
	})
	if err != nil {
		return unit{}, &CodecError{Codec: media.AV1, Reason: err.Error()}
	}
	return u, nil
}

// Fixed by AV1, section 6.2.2.
const (
	obuTemporalDelimiter av1.OBUType = 2
	obuTileList          av1.OBUType = 8
	obuPadding           av1.OBUType = 15
)

// av1Config returns the configuration record for a sequence header, an OBU without size.
func av1Config(o []byte) ([]byte, error) {
	seq, err := parseAV1Sequence(o)
	if err != nil {
		return nil, err
	}
	sized, err := av1.Bitstream{o}.Marshal()
	if err != nil {
		return nil, err
	}
	r := mp4av1.CodecConfRec{
		Version: 1, SeqProfile: seq.profile, SeqLevelIdx0: seq.level, SeqTier0: seq.tier,
		HighBitdepth: seq.highBitDepth, TwelveBit: seq.twelveBit, MonoChrome: seq.mono,
		ChromaSubsamplingX: seq.subX, ChromaSubsamplingY: seq.subY, ChromaSamplePosition: seq.sample, ConfigOBUs: sized,
	}
	var b bytes.Buffer
	err = r.Encode(&b)
	return b.Bytes(), err
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// packVP9 makes a frame ready for RTMP. It has a configuration if it is a key frame.
//
// VP Codec ISO Media File Format Binding, section "VP Codec Configuration Box".
func packVP9(frame []byte) (unit, error) {
	u := unit{data: bytes.Clone(frame)}
	err := guard("vp9", func() error {
		var h vp9.Header
		if err := h.Unmarshal(frame); err != nil {
			return err
		}
		if h.NonKeyFrame || h.ShowExistingFrame || h.ColorConfig == nil {
			return nil
		}
		const unspecified = 2 // primaries, transfer, matrix
		u.key, u.width, u.height = true, h.Width(), h.Height()
		u.config = []byte{
			h.Profile, 0, h.ColorConfig.BitDepth<<4 | h.ChromaSubsampling()<<1 | bit(h.ColorConfig.ColorRange),
			unspecified, unspecified, unspecified, 0, 0,
		}
		return nil
	})
	if err != nil {
		return unit{}, &CodecError{Codec: media.VP9, Reason: err.Error()}
	}
	return u, nil
}
