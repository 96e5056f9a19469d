package media

import (
	"encoding/binary"
	"strconv"

	"github.com/gortmp/rtmp/internal/wire"
)

// enhanced holds the fields between byte 0 and the body, which audio and video have in common.
type enhanced struct {
	modEx  []byte
	nanos  uint32
	packet byte
	layout Multitrack
	codec  Codec
	track  uint8
}

// The packet types of one medium: the one that means multitrack, and a bit for each that may stand behind it.
type packets struct {
	name       string
	multitrack byte
	known      uint16
}

// cut reads what follows the packet type, up to the body.
func (p *packets) cut(c *wire.Cursor, e *enhanced) error {
	if e.packet == p.multitrack {
		b := c.Uint8()
		if b>>4 > 2 {
			return &ReservedError{"multitrack type", uint32(b >> 4)}
		}
		e.layout = OneTrack + Multitrack(b>>4)
		e.packet = b & 0xf
	}
	if p.known>>e.packet&1 == 0 {
		return &ReservedError{p.name, uint32(e.packet)}
	}
	if e.layout != ManyTracksManyCodecs {
		e.codec = Codec(c.Uint32())
		if !c.Short() && !e.codec.isFourCC() {
			return &ReservedError{"FourCC", uint32(e.codec)}
		}
	}
	if e.layout == OneTrack {
		e.track = c.Uint8()
	}
	if c.Short() {
		return ErrShort
	}
	return nil
}

// append appends byte 0, whose upper half is high, and all that follows up to the body.
func (p *packets) append(dst []byte, high byte, e *enhanced) ([]byte, error) {
	switch {
	case e.layout > ManyTracksManyCodecs:
		return dst, &ValueError{"Multitrack", int64(e.layout)}
	case e.packet > 0xf || p.known>>e.packet&1 == 0:
		return dst, &ValueError{"PacketType", int64(e.packet)}
	case e.layout == ManyTracksManyCodecs && e.codec != 0,
		e.layout != ManyTracksManyCodecs && !e.codec.isFourCC():
		return dst, &ValueError{"Codec", int64(e.codec)}
	case e.layout != OneTrack && e.track != 0:
		return dst, &ValueError{"Track", int64(e.track)}
	}
	outer := e.packet
	if e.layout != SingleTrack {
		outer = p.multitrack
	}
	dst, err := appendModEx(dst, high, outer, e)
	if err != nil {
		return dst, err
	}
	if e.layout != SingleTrack {
		dst = append(dst, byte(e.layout-OneTrack)<<4|e.packet)
	}
	if e.layout != ManyTracksManyCodecs {
		dst = appendFourCC(dst, e.codec)
	}
	if e.layout == OneTrack {
		dst = append(dst, e.track)
	}
	return dst, nil
}

// appendModEx appends byte 0 with the packet type in its lower half, or at the end of the ModEx chain if there
// is one. The chain is e.modEx or, without it, one record for e.nanos.
func appendModEx(dst []byte, high, packet byte, e *enhanced) ([]byte, error) {
	if len(e.modEx) == 0 && e.nanos == 0 {
		return append(dst, high|packet), nil
	}
	start := len(dst)
	dst = append(dst, high|packetModEx)
	if len(e.modEx) > 0 {
		dst = append(dst, e.modEx...)
	} else {
		var err error
		if dst, err = AppendNanos(dst, e.nanos); err != nil {
			return dst[:start], err
		}
	}
	last := len(dst) - 1
	dst[last] = dst[last]&0xf0 | packet
	return dst, nil
}

func appendFourCC(dst []byte, c Codec) []byte { return binary.BigEndian.AppendUint32(dst, uint32(c)) }

func uitoa(v uint8) string { return strconv.Itoa(int(v)) }
