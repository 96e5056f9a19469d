package record

import (
	"encoding/binary"

	"github.com/Eyevinn/mp4ff/mp4"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/ac3"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/eac3"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/publish"
)

// entryNames are the types of the sample entries.
var entryNames = map[media.Codec]string{
	media.AVC: "avc1", media.HEVC: "hvc1", media.AV1: "av01", media.VP8: "vp08", media.VP9: "vp09",
	media.AAC: "mp4a", media.MP3: "mp4a", media.Opus: "Opus", media.FLAC: "fLaC", media.AC3: "ac-3", media.EAC3: "ec-3",
}

// entryName returns the type of the sample entry for t, or a *FormatError.
func entryName(t *publish.Track) (string, error) {
	name := entryNames[t.Codec]
	if name == "" {
		return "", &FormatError{Format: MP4, Codec: t.Codec}
	}
	// A record that is shorter than its fixed part is none.
	least := map[media.Codec]int{media.AVC: 7, media.HEVC: 23, media.AV1: 4, media.VP8: 8, media.VP9: 8, media.AAC: 2,
		media.Opus: 19, media.FLAC: 42}
	if len(t.Config) < least[t.Codec] {
		return "", &FormatError{Format: MP4, Codec: t.Codec, Reason: "its configuration record is cut"}
	}
	return name, nil
}

// sampleEntry returns the sample entry for t, of which frame is one. Records that have the same form in RTMP go in as
// they came.
func sampleEntry(t *publish.Track, frame []byte) (mp4.Box, error) {
	name, err := entryName(t)
	if err != nil {
		return nil, err
	}
	var child mp4.Box
	switch t.Codec {
	case media.AVC:
		child = rawBox("avcC", t.Config)
	case media.HEVC:
		child = rawBox("hvcC", t.Config)
	case media.AV1:
		child = rawBox("av1C", t.Config)
	case media.VP8, media.VP9:
		child = rawBox("vpcC", append([]byte{1, 0, 0, 0}, t.Config...)) // version 1, no flags
	case media.AAC:
		child = mp4.CreateEsdsBox(t.Config)
	case media.MP3:
		e := mp4.CreateEsdsBox(nil)
		e.DecConfigDescriptor.ObjectType = 0x6b // MPEG-1 audio
		if t.SampleRate < 32000 {
			e.DecConfigDescriptor.ObjectType = 0x69 // MPEG-2 audio
		}
		e.DecConfigDescriptor.DecSpecificInfo = nil
		child = e
	case media.Opus:
		child = rawBox("dOps", opusBody(t.Config))
	case media.FLAC:
		child = rawBox("dfLa", append(make([]byte, 4), t.Config[4:]...)) // no version, no flags, the blocks behind "fLaC"
	case media.AC3:
		child, err = ac3Box(frame)
	case media.EAC3:
		child, err = eac3Box(frame)
	}
	if err != nil {
		return nil, &FormatError{Format: MP4, Codec: t.Codec, Reason: err.Error()}
	}
	if t.Video() {
		e := mp4.CreateVisualSampleEntryBox(name, uint16(t.Width), uint16(t.Height), nil)
		e.CompressorName = ""
		e.Children = []mp4.Box{child}
		return e, nil
	}
	rate := t.SampleRate
	if rate > 0xffff {
		rate = 0 // no room; the record has it
	}
	e := mp4.CreateAudioSampleEntryBox(name, uint16(t.Channels), 16, uint16(rate), nil)
	e.Children = []mp4.Box{child} // AddChild wants it decoded
	return e, nil
}

func rawBox(name string, body []byte) mp4.Box {
	return mp4.CreateUnknownBox(name, uint64(8+len(body)), body)
}

// opusBody returns the body of dOps, which has the fields of the identification header in the other byte order.
//
// RFC 7845, section 5.1; Encapsulation of Opus in ISO Base Media File Format, section 4.3.2.
func opusBody(head []byte) []byte {
	b := []byte{0, head[9]}
	b = binary.BigEndian.AppendUint16(b, binary.LittleEndian.Uint16(head[10:]))
	b = binary.BigEndian.AppendUint32(b, binary.LittleEndian.Uint32(head[12:]))
	b = binary.BigEndian.AppendUint16(b, binary.LittleEndian.Uint16(head[16:]))
	return append(b, head[18:]...)
}

// ac3Box describes AC-3 as its frames do.
//
// ETSI TS 102 366, annex F.4.
func ac3Box(frame []byte) (mp4.Box, error) {
	var sync ac3.SyncInfo
	if err := sync.Unmarshal(frame); err != nil {
		return nil, err
	}
	var bsi ac3.BSI
	if err := bsi.Unmarshal(frame[5:]); err != nil {
		return nil, err
	}
	return &mp4.Dac3Box{
		FSCod: sync.Fscod, BSID: bsi.Bsid, BSMod: bsi.Bsmod, ACMod: bsi.Acmod, LFEOn: bit(bsi.LfeOn),
		BitRateCode: sync.Frmsizecod >> 1,
	}, nil
}

// eac3Box is ac3Box for E-AC-3. It knows the first substream only.
//
// ETSI TS 102 366, annex F.6.
func eac3Box(frame []byte) (mp4.Box, error) {
	var sync eac3.SyncInfo
	if err := sync.Unmarshal(frame); err != nil {
		return nil, err
	}
	samples := 256 * sync.NumBlocks()
	kbit := len(frame) * 8 * sync.SampleRate() / samples / 1000
	return &mp4.Dec3Box{
		DataRate: uint16(min(kbit, 1<<13-1)),
		EC3Subs:  []mp4.EC3Sub{{FSCod: sync.Fscod, BSID: sync.Bsid, ACMod: sync.Acmod, LFEOn: bit(sync.Lfeon)}},
	}, nil
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}
