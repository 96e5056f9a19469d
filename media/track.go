package media

import "github.com/gortmp/rtmp/internal/wire"

// A Multitrack says how the tracks of a message are laid out.
//
// Enhanced RTMP v2, section "Multitrack".
type Multitrack uint8

// One more than on the wire, so that zero is the usual message without a multitrack header.
const (
	SingleTrack          Multitrack = iota // no multitrack header: track 0
	OneTrack                               // one track with an id
	ManyTracks                             // several tracks of one codec
	ManyTracksManyCodecs                   // several tracks with a codec each
)

// String returns the name that the specification uses.
func (m Multitrack) String() string {
	switch m {
	case SingleTrack:
		return "single track"
	case OneTrack:
		return "one track"
	case ManyTracks:
		return "many tracks"
	case ManyTracksManyCodecs:
		return "many tracks many codecs"
	}
	return "multitrack type " + uitoa(uint8(m-1))
}

// many reports whether the body is a list of tracks.
func (m Multitrack) many() bool { return m >= ManyTracks }

// A Track is the part of a message that belongs to one track.
type Track struct {
	Codec       Codec
	ID          uint8
	Composition int32  // milliseconds, as in Video.Composition
	Body        []byte // aliases the payload
}

// Tracks walks over the tracks of a message, of which there is one unless the message has many. It does not
// allocate. Its use is that of a bufio.Scanner:
//
//	tracks := v.Tracks()
//	for tracks.Next() {
//		t := tracks.Track()
//		…
//	}
//	if err := tracks.Err(); err != nil {
//		…
//	}
type Tracks struct {
	layout   Multitrack
	composed bool // coded frames that start with a composition time, if the codec has one
	left     bool // a single track has not been given yet
	track    Track
	rest     []byte
	err      error
}

// Next advances to the next track and reports whether there is one.
func (t *Tracks) Next() bool {
	if !t.layout.many() {
		ok := t.left
		t.left = false
		return ok
	}
	if len(t.rest) == 0 || t.err != nil {
		return false
	}
	c := wire.NewCursor(t.rest)
	if t.layout == ManyTracksManyCodecs {
		t.track.Codec = Codec(c.Uint32())
		if !c.Short() && !t.track.Codec.isFourCC() {
			t.err = &ReservedError{"FourCC", uint32(t.track.Codec)}
			return false
		}
	}
	t.track.ID = c.Uint8()
	t.track.Body = c.Bytes(int(c.Uint24()))
	if c.Short() {
		t.err = ErrShort
		return false
	}
	t.rest = c.Rest()
	t.track.Composition = 0
	if t.composed && t.track.Codec.composed() {
		b := wire.NewCursor(t.track.Body)
		t.track.Composition = int24(b.Uint24())
		if b.Short() {
			t.err = ErrShort
			return false
		}
		t.track.Body = b.Rest()
	}
	return true
}

// Track returns the track that the last call to Next found.
func (t *Tracks) Track() Track { return t.track }

// Err returns what ended the walk: nil after the last track, ErrShort if a track is longer than the message or
// bytes are left that are no track, an ErrReserved if a codec of one of them is no FourCC.
func (t *Tracks) Err() error { return t.err }

// appendTrack appends one entry of the list that is the body of a message with many tracks.
func appendTrack(dst []byte, layout Multitrack, composed bool, t Track) ([]byte, error) {
	if !layout.many() {
		return dst, &ValueError{"Multitrack", int64(layout)}
	}
	composed = composed && t.Codec.composed()
	size := len(t.Body)
	if composed {
		size += 3
	}
	switch {
	case size > wire.MaxUint24:
		return dst, &ValueError{"Body length", int64(size)}
	case !t.Codec.isFourCC():
		return dst, &ValueError{"Codec", int64(t.Codec)}
	case !composed && t.Composition != 0, !isInt24(t.Composition):
		return dst, &ValueError{"Composition", int64(t.Composition)}
	}
	if layout == ManyTracksManyCodecs {
		dst = appendFourCC(dst, t.Codec)
	}
	dst = append(dst, t.ID)
	dst = wire.AppendUint24(dst, uint32(size))
	if composed {
		dst = wire.AppendUint24(dst, uint32(t.Composition))
	}
	return append(dst, t.Body...), nil
}

// int24 widens the 24-bit two's complement number in the low bits of v.
func int24(v uint32) int32 { return int32(v<<8) >> 8 }

func isInt24(v int32) bool { return v == int24(uint32(v)) }
