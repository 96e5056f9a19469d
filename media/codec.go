package media

import (
	"fmt"
	"strconv"
)

// A Codec says how audio or video is coded. Codecs that have a FourCC in Enhanced RTMP have that number as
// their value, in whichever form they are carried: AVC with the classic codec id 7 and AVC behind "avc1" are
// the same Codec, and Video.Enhanced tells the forms apart. The others have 0x800 plus the FLV sound format or
// 0x900 plus the FLV video codec id. Zero is no codec: a command frame, a silence message, a message of many
// tracks and codecs.
//
// Numbers and FourCCs without a name here are values like the others.
type Codec uint32

// Fixed by Enhanced RTMP v2, section "Enhanced Video" and "Enhanced Audio": the four ASCII bytes, big-endian.
const (
	AVC  Codec = 'a'<<24 | 'v'<<16 | 'c'<<8 | '1' // H.264; classic id 7
	HEVC Codec = 'h'<<24 | 'v'<<16 | 'c'<<8 | '1' // H.265; classic id 12 by custom
	VVC  Codec = 'v'<<24 | 'v'<<16 | 'c'<<8 | '1' // H.266; classic id 14 by custom
	VP8  Codec = 'v'<<24 | 'p'<<16 | '0'<<8 | '8'
	VP9  Codec = 'v'<<24 | 'p'<<16 | '0'<<8 | '9'
	AV1  Codec = 'a'<<24 | 'v'<<16 | '0'<<8 | '1' // classic id 13 by custom

	AAC  Codec = 'm'<<24 | 'p'<<16 | '4'<<8 | 'a' // classic format 10
	MP3  Codec = '.'<<24 | 'm'<<16 | 'p'<<8 | '3' // classic format 2
	Opus Codec = 'O'<<24 | 'p'<<16 | 'u'<<8 | 's'
	FLAC Codec = 'f'<<24 | 'L'<<16 | 'a'<<8 | 'C'
	AC3  Codec = 'a'<<24 | 'c'<<16 | '-'<<8 | '3'
	EAC3 Codec = 'e'<<24 | 'c'<<16 | '-'<<8 | '3'
)

// Fixed by FLV 10.1, Annex E.4.2 and E.4.3, above the two bases; RealH263 and MPEG4 by what ffmpeg writes.
const (
	classicAudio Codec = 0x800
	classicVideo Codec = 0x900

	H263         Codec = classicVideo | 2 // Sorenson H.263
	Screen       Codec = classicVideo | 3
	VP6          Codec = classicVideo | 4
	VP6Alpha     Codec = classicVideo | 5
	Screen2      Codec = classicVideo | 6
	RealH263     Codec = classicVideo | 8
	MPEG4        Codec = classicVideo | 9 // MPEG-4 part 2
	PCM          Codec = classicAudio     // 0: in the byte order of the machine that wrote it
	ADPCM        Codec = classicAudio | 1
	PCMLE        Codec = classicAudio | 3 // little-endian
	Nellymoser16 Codec = classicAudio | 4 // 16 kHz, mono
	Nellymoser8  Codec = classicAudio | 5 // 8 kHz, mono
	Nellymoser   Codec = classicAudio | 6
	ALaw         Codec = classicAudio | 7
	MuLaw        Codec = classicAudio | 8
	Speex        Codec = classicAudio | 11
	MP38         Codec = classicAudio | 14 // MP3 at 8 kHz
	DeviceSound  Codec = classicAudio | 15
)

// String returns the FourCC if c has one, else the usual name, else the number: "avc1", "h263", "video codec 1".
func (c Codec) String() string {
	if c.isFourCC() {
		b := [4]byte{byte(c >> 24), byte(c >> 16), byte(c >> 8), byte(c)}
		for _, x := range b {
			if x < ' ' || x > '~' {
				return fmt.Sprintf("FourCC 0x%08x", uint32(c))
			}
		}
		return string(b[:])
	}
	switch c {
	case 0:
		return "none"
	case H263:
		return "h263"
	case Screen:
		return "screen"
	case VP6:
		return "vp6"
	case VP6Alpha:
		return "vp6 alpha"
	case Screen2:
		return "screen2"
	case RealH263:
		return "real h263"
	case MPEG4:
		return "mpeg4"
	case PCM:
		return "pcm"
	case ADPCM:
		return "adpcm"
	case PCMLE:
		return "pcm le"
	case Nellymoser16:
		return "nellymoser 16 kHz"
	case Nellymoser8:
		return "nellymoser 8 kHz"
	case Nellymoser:
		return "nellymoser"
	case ALaw:
		return "a-law"
	case MuLaw:
		return "mu-law"
	case Speex:
		return "speex"
	case MP38:
		return "mp3 8 kHz"
	case DeviceSound:
		return "device sound"
	}
	switch c &^ 0xf {
	case classicVideo:
		return "video codec " + strconv.Itoa(int(c&0xf))
	case classicAudio:
		return "sound format " + strconv.Itoa(int(c&0xf))
	}
	return "codec " + strconv.Itoa(int(c))
}

// FourCC returns the codec with the four bytes of s, as they are written in fourCcList and in the FourCC info
// maps of a connect command. It reports false if s has not four bytes or starts with a zero byte.
func FourCC(s string) (Codec, bool) {
	if len(s) != 4 || s[0] == 0 {
		return 0, false
	}
	return Codec(s[0])<<24 | Codec(s[1])<<16 | Codec(s[2])<<8 | Codec(s[3]), true
}

// FourCC returns the number that stands for c in enhanced headers, and in videocodecid and audiocodecid of
// onMetaData. It reports false if c exists in the classic form only.
func (c Codec) FourCC() (uint32, bool) { return uint32(c), c.isFourCC() }

// ClassicID returns the FLV video codec id or sound format of c, 0 to 15. It reports false if c exists in the
// enhanced form only. HEVC, AV1 and VVC have ids (12, 13, 14) by custom, not by the specification.
func (c Codec) ClassicID() (byte, bool) {
	if id, ok := c.videoID(); ok {
		return id, true
	}
	return c.soundFormat()
}

// isFourCC relies on the first byte of a FourCC not being zero, which ParseVideo and ParseAudio see to.
func (c Codec) isFourCC() bool { return c >= 1<<24 }

// composed reports whether enhanced coded frames of c start with a composition time.
func (c Codec) composed() bool { return c == AVC || c == HEVC || c == VVC }

// packeted reports whether the classic form of c has the AVC layout: a packet type and a composition time
// behind byte 0.
func (c Codec) packeted() bool { return c.composed() || c == AV1 || c == MPEG4 }

func videoCodec(id byte) Codec {
	switch id {
	case 7:
		return AVC
	case 12:
		return HEVC
	case 13:
		return AV1
	case 14:
		return VVC
	}
	return classicVideo | Codec(id)
}

func (c Codec) videoID() (id byte, ok bool) {
	switch c {
	case AVC:
		return 7, true
	case HEVC:
		return 12, true
	case AV1:
		return 13, true
	case VVC:
		return 14, true
	}
	return byte(c & 0xf), c&^0xf == classicVideo
}

func audioCodec(format byte) Codec {
	switch format {
	case 2:
		return MP3
	case 10:
		return AAC
	}
	return classicAudio | Codec(format)
}

func (c Codec) soundFormat() (format byte, ok bool) {
	switch c {
	case MP3:
		return 2, true
	case AAC:
		return 10, true
	}
	return byte(c & 0xf), c&^0xf == classicAudio && c&0xf != exFormat
}
