package flv

import (
	"encoding/binary"

	"github.com/gortmp/rtmp/internal/wire"
	"github.com/gortmp/rtmp/message"
)

// Fixed by FLV 10.1, Annex E.2 to E.4.
const (
	headerSize      = 9
	flagsOffset     = 4
	tagHeaderSize   = 11
	backPointerSize = 4
	maxBody         = wire.MaxUint24

	flagAudio = 0x04
	flagVideo = 0x01

	tagEncrypted = 0x20
	tagType      = 0x1f
)

// A Header is what stands at the beginning of a file.
//
// FLV 10.1, Annex E.2.
type Header struct {
	Version byte // 1
	Audio   bool // says that there are audio tags; often wrong
	Video   bool // says that there are video tags; often wrong
}

func (h Header) flags() byte {
	var b byte
	if h.Audio {
		b |= flagAudio
	}
	if h.Video {
		b |= flagVideo
	}
	return b
}

// AppendHeader appends the 13 bytes that come before the first tag: the file header and an empty back pointer.
func AppendHeader(dst []byte, h Header) []byte {
	return append(dst, 'F', 'L', 'V', h.Version, h.flags(), 0, 0, 0, headerSize, 0, 0, 0, 0)
}

// AppendTag appends m as one tag with its back pointer. Any type is written. It returns dst and an ErrTooLarge
// if the payload has 16 MiB or more.
//
// FLV 10.1, Annex E.4.1.
func AppendTag(dst []byte, m *message.Message) ([]byte, error) {
	size := len(m.Payload)
	if size > maxBody {
		return dst, &SizeError{size}
	}
	dst = append(dst, byte(m.Type))
	dst = wire.AppendUint24(dst, uint32(size))
	dst = wire.AppendUint24(dst, uint32(m.Timestamp))
	dst = append(dst, byte(m.Timestamp>>24), 0, 0, 0)
	dst = append(dst, m.Payload...)
	return binary.BigEndian.AppendUint32(dst, uint32(tagHeaderSize+size)), nil
}

// inFile reports whether tags of type t are part of a file.
func inFile(t message.Type) bool {
	return t == message.TypeAudio || t == message.TypeVideo || t.IsData()
}
