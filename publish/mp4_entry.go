package publish

import (
	"bytes"
	"encoding/binary"

	"github.com/Eyevinn/mp4ff/mp4"

	"github.com/gortmp/rtmp/media"
)

// trackOfEntry returns the track that a sample entry describes, and a *CodecError if RTMP cannot carry it.
func trackOfEntry(box mp4.Box) (Track, error) {
	switch e := box.(type) {
	case *mp4.VisualSampleEntryBox:
		return videoEntry(e)
	case *mp4.AudioSampleEntryBox:
		return audioEntry(e)
	}
	c, _ := media.FourCC(box.Type())
	return Track{}, &CodecError{Codec: c, Reason: "RTMP cannot carry it"}
}

func videoEntry(e *mp4.VisualSampleEntryBox) (Track, error) {
	t := Track{Width: int(e.Width), Height: int(e.Height)}
	var config bytes.Buffer
	var err error
	switch name := e.Type(); name {
	case "avc1", "avc3":
		t.Codec = media.AVC
		if e.AvcC == nil {
			return t, entryError(name)
		}
		err = e.AvcC.DecConfRec.Encode(&config)
	case "hvc1", "hev1":
		t.Codec = media.HEVC
		if e.HvcC == nil {
			return t, entryError(name)
		}
		err = e.HvcC.DecConfRec.Encode(&config)
	case "av01":
		t.Codec = media.AV1
		if e.Av1C == nil {
			return t, entryError(name)
		}
		err = e.Av1C.CodecConfRec.Encode(&config)
	case "vp08", "vp09":
		t.Codec = media.VP9
		if name == "vp08" {
			t.Codec = media.VP8
		}
		if e.VppC == nil {
			return t, entryError(name)
		}
		config.Write([]byte{
			e.VppC.Profile, e.VppC.Level, e.VppC.BitDepth<<4 | e.VppC.ChromaSubsampling<<1 | e.VppC.VideoFullRangeFlag,
			e.VppC.ColourPrimaries, e.VppC.TransferCharacteristics, e.VppC.MatrixCoefficients, 0, 0,
		})
	default:
		c, _ := media.FourCC(name)
		return t, &CodecError{Codec: c, Reason: "RTMP cannot carry it"}
	}
	t.Config = config.Bytes()
	return t, err
}

func audioEntry(e *mp4.AudioSampleEntryBox) (Track, error) {
	t := Track{SampleRate: int(e.SampleRate), Channels: int(e.ChannelCount)}
	switch name := e.Type(); name {
	case "mp4a":
		if e.Esds == nil || e.Esds.DecConfigDescriptor == nil {
			return t, entryError(name)
		}
		d := e.Esds.DecConfigDescriptor
		switch d.ObjectType {
		case 0x40, 0x66, 0x67, 0x68: // AAC of MPEG-4 and of MPEG-2
			t.Codec = media.AAC
			if d.DecSpecificInfo == nil {
				return t, entryError(name)
			}
			t.Config = bytes.Clone(d.DecSpecificInfo.DecConfig)
		case 0x69, 0x6b: // MPEG-2 and MPEG-1 audio
			t.Codec = media.MP3
		default:
			return t, &CodecError{Reason: "audio of an MPEG object type that RTMP cannot carry"}
		}
	case ".mp3":
		t.Codec = media.MP3
	case "ac-3":
		t.Codec = media.AC3
		if e.Dac3 != nil {
			t.Channels, _ = e.Dac3.ChannelInfo()
		}
	case "ec-3":
		t.Codec = media.EAC3
	case "Opus":
		t.Codec = media.Opus
		if e.Dops == nil {
			return t, entryError(name)
		}
		t.Config = opusHead(e.Dops)
	case "fLaC":
		t.Codec = media.FLAC
		if e.DfLa == nil {
			return t, entryError(name)
		}
		for _, b := range e.DfLa.MetadataBlocks {
			if b.BlockType == 0 {
				t.Config = flacConfig(b.BlockData)
				return t, nil
			}
		}
		return t, entryError(name)
	default:
		c, _ := media.FourCC(name)
		return t, &CodecError{Codec: c, Reason: "RTMP cannot carry it"}
	}
	return t, nil
}

// flacConfig returns the body of a sequence header: "fLaC" and the block STREAMINFO, marked as the last one.
func flacConfig(streamInfo []byte) []byte {
	b := append([]byte("fLaC"), 0x80, 0, byte(len(streamInfo)>>8), byte(len(streamInfo)))
	return append(b, streamInfo...)
}

// opusHead returns the identification header of RFC 7845, section 5.1, which has the fields of dOps in the other byte
// order.
func opusHead(d *mp4.DopsBox) []byte {
	b := append([]byte("OpusHead"), 1, d.OutputChannelCount)
	b = binary.LittleEndian.AppendUint16(b, d.PreSkip)
	b = binary.LittleEndian.AppendUint32(b, d.InputSampleRate)
	b = binary.LittleEndian.AppendUint16(b, uint16(d.OutputGain))
	b = append(b, d.ChannelMappingFamily)
	if d.ChannelMappingFamily != 0 {
		b = append(b, d.StreamCount, d.CoupledCount)
		b = append(b, d.ChannelMapping...)
	}
	return b
}
