package media

import "github.com/gortmp/rtmp/amf0"

// A ColorInfo is what a message of type VideoMetadata says about the colours of the frames after it. Each one
// replaces the one before; one without any part is a reset.
//
// Enhanced RTMP v2, section "Metadata Frame".
type ColorInfo struct {
	Config    *ColorConfig
	Light     *ContentLight
	Mastering *MasteringDisplay
}

// A ColorConfig holds code points of ISO/IEC 23091-4 (ITU-T H.273). In each of them 2 means unspecified: that is
// what ParseColorInfo gives for one that is missing, and AppendColorInfo leaves it out.
type ColorConfig struct {
	BitDepth  int // 8, 10 or 12; 0 if not known
	Primaries int // 1 is BT.709, 9 BT.2020
	Transfer  int // 1 is BT.709, 16 PQ, 18 HLG
	Matrix    int // 1 is BT.709, 9 BT.2020 with non-constant luminance
}

// A ContentLight holds the light levels of the content in cd/m², 0.0001 to 10,000; 0 if not known.
type ContentLight struct{ MaxFALL, MaxCLL float64 }

// A MasteringDisplay describes the display on which the content was mastered: chromaticity coordinates, and
// luminance in cd/m². 0 is not known.
type MasteringDisplay struct {
	RedX, RedY, GreenX, GreenY, BlueX, BlueY float64
	WhiteX, WhiteY                           float64
	MaxLuminance, MinLuminance               float64
}

const (
	colorInfo   = "colorInfo"
	unspecified = 2
)

// ParseColorInfo reads the body of a message of type VideoMetadata, which consists of names and values in AMF0. It
// reports false if there is no "colorInfo" among them. Numbers that are missing or of another type are zero, or 2 as
// described for ColorConfig. It returns ErrShort for a name without a value, and the errors of package amf0.
func ParseColorInfo(body []byte) (info ColorInfo, ok bool, err error) {
	for len(body) > 0 {
		var name, v any
		if name, body, err = amf0.Parse(body); err == nil && len(body) > 0 {
			v, body, err = amf0.Parse(body)
		} else if err == nil {
			err = ErrShort
		}
		if err != nil {
			return ColorInfo{}, false, err
		}
		if name == colorInfo {
			info, ok = colorInfoOf(v), true
		}
	}
	return info, ok, nil
}

// colorInfoOf takes anything but an object as a reset.
func colorInfoOf(v any) (info ColorInfo) {
	o, _ := amf0.AsObject(v)
	if o, ok := o.Object("colorConfig"); ok {
		info.Config = &ColorConfig{
			BitDepth:  codePoint(o, "bitDepth", 0),
			Primaries: codePoint(o, "colorPrimaries", unspecified),
			Transfer:  codePoint(o, "transferCharacteristics", unspecified),
			Matrix:    codePoint(o, "matrixCoefficients", unspecified),
		}
	}
	if o, ok := o.Object("hdrCll"); ok {
		info.Light = new(ContentLight)
		for _, f := range info.Light.fields() {
			*f.value, _ = o.Number(f.name)
		}
	}
	if o, ok := o.Object("hdrMdcv"); ok {
		info.Mastering = new(MasteringDisplay)
		for _, f := range info.Mastering.fields() {
			*f.value, _ = o.Number(f.name)
		}
	}
	return info
}

func codePoint(o amf0.Object, name string, missing int) int {
	if f, ok := o.Number(name); ok && f >= 0 && f <= 255 {
		return int(f)
	}
	return missing
}

type field struct {
	name  string
	value *float64
}

func (l *ContentLight) fields() []field {
	return []field{{"maxFall", &l.MaxFALL}, {"maxCLL", &l.MaxCLL}}
}

func (d *MasteringDisplay) fields() []field {
	return []field{
		{"redX", &d.RedX}, {"redY", &d.RedY}, {"greenX", &d.GreenX}, {"greenY", &d.GreenY},
		{"blueX", &d.BlueX}, {"blueY", &d.BlueY}, {"whitePointX", &d.WhiteX}, {"whitePointY", &d.WhiteY},
		{"maxLuminance", &d.MaxLuminance}, {"minLuminance", &d.MinLuminance},
	}
}

// AppendColorInfo appends the body of a message of type VideoMetadata with info in it. The header that ffmpeg reads
// has the frame type CommandFrame; all others read any. The errors are those of amf0.Append.
func AppendColorInfo(dst []byte, info ColorInfo) ([]byte, error) {
	var o amf0.Object
	if c := info.Config; c != nil {
		var config amf0.Object
		for _, f := range []struct {
			name           string
			value, missing int
		}{
			{"bitDepth", c.BitDepth, 0},
			{"colorPrimaries", c.Primaries, unspecified},
			{"transferCharacteristics", c.Transfer, unspecified},
			{"matrixCoefficients", c.Matrix, unspecified},
		} {
			if f.value != f.missing {
				config.Set(f.name, float64(f.value))
			}
		}
		o.Set("colorConfig", config)
	}
	if info.Light != nil {
		o.Set("hdrCll", numbers(info.Light.fields()))
	}
	if info.Mastering != nil {
		o.Set("hdrMdcv", numbers(info.Mastering.fields()))
	}
	var v any = amf0.Undefined{} // the recommended form of a reset
	if len(o) > 0 {
		v = o
	}
	return amf0.Append(dst, colorInfo, v)
}

func numbers(fields []field) (o amf0.Object) {
	for _, f := range fields {
		if *f.value != 0 {
			o.Set(f.name, *f.value)
		}
	}
	return o
}
