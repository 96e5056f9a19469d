package publish

import (
	mp4av1 "github.com/Eyevinn/mp4ff/av1"
	"github.com/Eyevinn/mp4ff/avc"
	"github.com/Eyevinn/mp4ff/hevc"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/av1"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/flac"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/opus"

	"github.com/gortmp/rtmp/media"
)

// SetConfig replaces the configuration record of t, which it keeps, and what that says about size, rates and channels.
func (t *Track) SetConfig(config []byte) {
	t.Config = config
	t.describe()
}

// describe sets the size, rates and channels of t to what its configuration record says. What the record does not
// say, or says in a way that cannot be read, stays as it is: that is for a decoder to judge.
func (t *Track) describe() {
	if len(t.Config) == 0 {
		return
	}
	d := *t
	if err := guard(t.Codec.String(), d.readConfig); err == nil {
		*t = d
	}
}

func (t *Track) readConfig() error {
	switch t.Codec {
	case media.AVC:
		r, err := avc.DecodeAVCDecConfRec(t.Config)
		if err != nil || len(r.SPSnalus) == 0 {
			return err
		}
		var sps h264.SPS
		if err := sps.Unmarshal(r.SPSnalus[0]); err != nil {
			return err
		}
		t.setVideo(sps.Width(), sps.Height(), sps.FPS())
	case media.HEVC:
		r, err := hevc.DecodeHEVCDecConfRec(t.Config)
		if err != nil {
			return err
		}
		for _, u := range r.GetNalusForType(hevc.NALU_SPS) {
			var sps h265.SPS
			if err := sps.Unmarshal(u); err != nil {
				return err
			}
			t.setVideo(sps.Width(), sps.Height(), sps.FPS())
		}
	case media.AV1:
		r, err := mp4av1.DecodeAV1CodecConfRec(t.Config)
		if err != nil || len(r.ConfigOBUs) == 0 {
			return err
		}
		var units av1.Bitstream
		if err := units.Unmarshal(r.ConfigOBUs); err != nil {
			return err
		}
		seq, err := parseAV1Sequence(units[0])
		if err != nil {
			return err
		}
		t.setVideo(seq.width, seq.height, 0)
	case media.AAC:
		var c mpeg4audio.AudioSpecificConfig
		if err := c.Unmarshal(t.Config); err != nil {
			return err
		}
		t.SampleRate = max(c.SampleRate, c.ExtensionSampleRate)
		if n := aacChannels(c.ChannelConfig); n > 0 {
			t.Channels = n
		}
	case media.Opus:
		var h opus.IDHeader
		if err := h.Unmarshal(t.Config); err != nil {
			return err
		}
		t.SampleRate, t.Channels = 48000, int(h.ChannelCount)
	case media.FLAC:
		if len(t.Config) < flacPrefix {
			return nil
		}
		var info flac.StreamInfo
		if err := info.Unmarshal(t.Config[flacPrefix:]); err != nil {
			return err
		}
		t.SampleRate, t.Channels = int(info.SampleRate), int(info.ChannelCount)
	}
	return nil
}

// flacPrefix is the length of "fLaC" and of the header of the block behind it.
const flacPrefix = 8

func (t *Track) setVideo(width, height int, rate float64) {
	if width > 0 && height > 0 {
		t.Width, t.Height = width, height
	}
	if t.FrameRate == 0 && rate > 0 && rate < 1000 {
		t.FrameRate = rate
	}
}

// aacChannels returns the number of channels of a channel configuration, and 0 for one that the stream itself defines.
func aacChannels(config uint8) int {
	switch {
	case config == 7:
		return 8
	case config < 7:
		return int(config)
	}
	return 0
}
