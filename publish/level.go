package publish

import (
	"fmt"

	mp4av1 "github.com/Eyevinn/mp4ff/av1"
	"github.com/Eyevinn/mp4ff/avc"
	"github.com/Eyevinn/mp4ff/hevc"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"

	"github.com/gortmp/rtmp/media"
)

// ProfileLevel returns the names of what the configuration record of t asks of a decoder, such as "High" and "4.1" for
// H.264, "LC" and nothing for AAC. They are empty if the record says nothing about it, or there is none.
func (t *Track) ProfileLevel() (profile, level string) {
	if len(t.Config) == 0 {
		return "", ""
	}
	err := guard(t.Codec.String(), func() (err error) {
		profile, level, err = t.readLevel()
		return err
	})
	if err != nil {
		return "", ""
	}
	return profile, level
}

func (t *Track) readLevel() (profile, level string, err error) {
	switch t.Codec {
	case media.AVC:
		r, err := avc.DecodeAVCDecConfRec(t.Config)
		if err != nil {
			return "", "", err
		}
		profile, level = avcLevel(r.AVCProfileIndication, r.ProfileCompatibility, r.AVCLevelIndication)
		return profile, level, nil
	case media.HEVC:
		r, err := hevc.DecodeHEVCDecConfRec(t.Config)
		if err != nil {
			return "", "", err
		}
		level = tenths(int(r.GeneralLevelIDC) / 3)
		if r.GeneralTierFlag {
			level += " high tier"
		}
		return named(r.GeneralProfileIDC, "", "Main", "Main 10", "Main Still Picture", "Range Extensions"), level, nil
	case media.AV1:
		r, err := mp4av1.DecodeAV1CodecConfRec(t.Config)
		if err != nil {
			return "", "", err
		}
		level = fmt.Sprintf("%d.%d", 2+r.SeqLevelIdx0>>2, r.SeqLevelIdx0&3)
		if r.SeqTier0 != 0 {
			level += " high tier"
		}
		return named(r.SeqProfile, "Main", "High", "Professional"), level, nil
	case media.VP9:
		if len(t.Config) < 2 {
			return "", "", nil
		}
		if t.Config[1] > 0 {
			level = tenths(int(t.Config[1]))
		}
		return fmt.Sprintf("profile %d", t.Config[0]), level, nil
	case media.AAC:
		var c mpeg4audio.AudioSpecificConfig
		if err := c.Unmarshal(t.Config); err != nil {
			return "", "", err
		}
		switch {
		case c.ExtensionType == mpeg4audio.ObjectTypePS:
			return "HE v2", "", nil
		case c.ExtensionType == mpeg4audio.ObjectTypeSBR:
			return "HE", "", nil
		}
		return "LC", "", nil // the parser takes no others
	}
	return "", "", nil
}

// avcLevel names a profile and a level.
//
// ITU-T H.264, annex A.
func avcLevel(profile, constraints, level byte) (string, string) {
	names := map[byte]string{
		66: "Baseline", 77: "Main", 88: "Extended", 100: "High", 110: "High 10", 122: "High 4:2:2", 244: "High 4:4:4 Predictive",
	}
	name := names[profile]
	switch {
	case profile == 66 && constraints&0x40 != 0:
		name = "Constrained Baseline"
	case name == "":
		name = fmt.Sprintf("profile %d", profile)
	}
	if level == 9 || level == 11 && constraints&0x10 != 0 && profile < 100 {
		return name, "1b"
	}
	return name, tenths(int(level))
}

// named returns the name for n, or the number.
func named(n byte, names ...string) string {
	if int(n) < len(names) && names[n] != "" {
		return names[n]
	}
	return fmt.Sprintf("profile %d", n)
}

func tenths(n int) string { return fmt.Sprintf("%d.%d", n/10, n%10) }
