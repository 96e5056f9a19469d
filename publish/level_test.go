package publish

import (
	"encoding/hex"
	"testing"

	"github.com/gortmp/rtmp/media"
)

func TestProfileLevel(t *testing.T) {
	const sets = "ffe100196764000bacd9428df93011000003000100000300320f14299601000668ebe3cb22c0" // one SPS, one PPS
	tests := []struct {
		name           string
		codec          media.Codec
		config         string
		profile, level string
	}{
		{"high", media.AVC, "0164001f" + sets + "fdf8f800", "High", "3.1"},
		{"main", media.AVC, "014d0028" + sets, "Main", "4.0"},
		{"constrained baseline", media.AVC, "0142c01e" + sets, "Constrained Baseline", "3.0"},
		{"level 1b", media.AVC, "0142100b" + sets, "Baseline", "1b"},
		{"4:2:2", media.AVC, "017a0033" + sets + "fef8f800", "High 4:2:2", "5.1"},
		{"cut", media.AVC, "0164", "", ""},
		{"hevc main 10", media.HEVC, "01022000000000000000000099f000fcfdfafa00000f00", "Main 10", "5.1"},
		{"hevc high tier", media.HEVC, "01216000000000000000000099f000fcfdf8f800000f00", "Main", "5.1 high tier"},
		{"av1", media.AV1, "81084c00", "Main", "4.0"},
		{"vp9", media.VP9, "021f8a020202" + "0000", "profile 2", "3.1"},
		{"vp9 without level", media.VP9, "0000820202020000", "profile 0", ""},
		{"aac", media.AAC, "1210", "LC", ""},
		{"he-aac", media.AAC, "2b920800", "HE", ""},
		{"opus", media.Opus, hex.EncodeToString(simpleOpusHead(2)), "", ""},
		{"mp3", media.MP3, "", "", ""},
	}
	for _, tt := range tests {
		config, err := hex.DecodeString(tt.config)
		if err != nil {
			t.Fatal(err)
		}
		track := Track{Codec: tt.codec, Config: config}
		if profile, level := track.ProfileLevel(); profile != tt.profile || level != tt.level {
			t.Errorf("%s: %q, %q, want %q, %q", tt.name, profile, level, tt.profile, tt.level)
		}
	}
}
