package media

import (
	"encoding/binary"

	"github.com/gortmp/rtmp/internal/wire"
)

// A ChannelOrder says how Channels names the speakers.
type ChannelOrder uint8

// Fixed by Enhanced RTMP v2, section "Enhanced Audio".
const (
	ChannelsUnspecified ChannelOrder = 0 // only their number is known
	ChannelsNative      ChannelOrder = 1 // by Mask, in the order of the bits
	ChannelsCustom      ChannelOrder = 2 // by Speakers
)

// A Speaker is the place that a channel is for. In Channels.Mask its bit is 1 << Speaker.
type Speaker uint8

// Fixed by Enhanced RTMP v2, section "Enhanced Audio". 24 to 253 are reserved.
const (
	FrontLeft Speaker = iota
	FrontRight
	FrontCenter
	LowFrequency1
	BackLeft
	BackRight
	FrontLeftCenter
	FrontRightCenter
	BackCenter
	SideLeft
	SideRight
	TopCenter
	TopFrontLeft
	TopFrontCenter
	TopFrontRight
	TopBackLeft
	TopBackCenter
	TopBackRight
	LowFrequency2
	TopSideLeft
	TopSideRight
	BottomFrontCenter
	BottomFrontLeft
	BottomFrontRight

	UnusedChannel  Speaker = 0xfe
	UnknownSpeaker Speaker = 0xff
)

// A Channels is the body of a message of type AudioMultichannelConfig.
//
// Enhanced RTMP v2, section "Enhanced Audio".
type Channels struct {
	Order    ChannelOrder
	Count    uint8
	Mask     uint32    // with ChannelsNative: a bit for each Speaker
	Speakers []Speaker // with ChannelsCustom: one for each channel, in the order of the stream
}

// ParseChannels reads the body of a message of type AudioMultichannelConfig. The result is owned. It returns ErrShort
// if body ends too early and an ErrReserved for an order that is not known. Bytes behind it are ignored.
func ParseChannels(body []byte) (Channels, error) {
	c := wire.NewCursor(body)
	ch := Channels{Order: ChannelOrder(c.Uint8()), Count: c.Uint8()}
	switch {
	case c.Short():
		return Channels{}, ErrShort
	case ch.Order > ChannelsCustom:
		return Channels{}, &ReservedError{"channel order", uint32(ch.Order)}
	case ch.Order == ChannelsNative:
		ch.Mask = c.Uint32()
	case ch.Order == ChannelsCustom:
		for _, s := range c.Bytes(int(ch.Count)) {
			ch.Speakers = append(ch.Speakers, Speaker(s))
		}
	}
	if c.Short() {
		return Channels{}, ErrShort
	}
	return ch, nil
}

// AppendChannels appends the body of a message of type AudioMultichannelConfig. It returns dst and an ErrValue if the
// order is not known or if there is not one speaker for each channel.
func AppendChannels(dst []byte, ch Channels) ([]byte, error) {
	switch ch.Order {
	case ChannelsUnspecified:
		return append(dst, byte(ch.Order), ch.Count), nil
	case ChannelsNative:
		return binary.BigEndian.AppendUint32(append(dst, byte(ch.Order), ch.Count), ch.Mask), nil
	case ChannelsCustom:
		if len(ch.Speakers) != int(ch.Count) {
			return dst, &ValueError{"number of Speakers", int64(len(ch.Speakers))}
		}
		dst = append(dst, byte(ch.Order), ch.Count)
		for _, s := range ch.Speakers {
			dst = append(dst, byte(s))
		}
		return dst, nil
	}
	return dst, &ValueError{"Order", int64(ch.Order)}
}
