package media

import "github.com/gortmp/rtmp/internal/wire"

// ModExNanos is the ModEx type of a timestamp offset: 3 bytes with 0 to 999,999 nanoseconds.
//
// Enhanced RTMP v2, section "ModEx".
const ModExNanos = 0

// Fixed by Enhanced RTMP v2.
const (
	packetModEx = 7      // in audio and video alike
	maxNanos    = 999999 // a millisecond less one
	maxModEx    = 1 << 16
)

// Ours: ten times what anybody sends, and a bound for the loop.
const maxModExRecords = 8

// AppendModEx appends a record to a ModEx chain, as it stands in Video.ModEx and Audio.ModEx, and returns the
// longer chain. An empty chain is nil. Kind is 0 to 15; data has 1 to 65,536 bytes and is copied.
func AppendModEx(chain []byte, kind byte, data []byte) ([]byte, error) {
	if kind > 0xf {
		return chain, &ValueError{"ModEx type", int64(kind)}
	}
	if len(data) == 0 || len(data) > maxModEx {
		return chain, &ValueError{"ModEx size", int64(len(data))}
	}
	last := len(chain) - 1
	if len(data) < 256 {
		chain = append(chain, byte(len(data)-1))
	} else {
		chain = append(chain, 0xff, byte((len(data)-1)>>8), byte(len(data)-1))
	}
	chain = append(chain, data...)
	if last >= 0 {
		chain[last] |= packetModEx
	}
	// The next packet type is not known yet. Whoever stands last gets the real one from the header.
	return append(chain, kind<<4|packetModEx), nil
}

// AppendNanos appends a record of type ModExNanos: ns nanoseconds, at most 999,999, that are added to the
// presentation time of one message.
func AppendNanos(chain []byte, ns uint32) ([]byte, error) {
	if ns > maxNanos {
		return chain, &ValueError{"Nanos", int64(ns)}
	}
	var data [3]byte
	wire.PutUint24(data[:], ns)
	return AppendModEx(chain, ModExNanos, data[:])
}

// CutModEx reads the first record of a ModEx chain. Data and rest alias chain; rest is empty after the last
// record. It returns ErrShort if the chain ends inside the record.
func CutModEx(chain []byte) (kind byte, data, rest []byte, err error) {
	c := wire.NewCursor(chain)
	kind, _, data = cutModEx(&c)
	if c.Short() {
		return 0, nil, nil, ErrShort
	}
	return kind, data, c.Rest(), nil
}

func cutModEx(c *wire.Cursor) (kind, next byte, data []byte) {
	size := int(c.Uint8()) + 1
	if size == 256 {
		size = int(c.Uint16()) + 1
	}
	data = c.Bytes(size)
	b := c.Uint8()
	return b >> 4, b & 0xf, data
}

// skipModEx reads records until one says that something else follows. Of several offsets the last one counts;
// one out of range does not.
func skipModEx(c *wire.Cursor) (chain []byte, nanos uint32, next byte, err error) {
	start := c.Rest()
	next = packetModEx
	for records := 0; next == packetModEx; records++ {
		if records == maxModExRecords {
			return nil, 0, 0, ErrModExChain
		}
		var kind byte
		var data []byte
		kind, next, data = cutModEx(c)
		if c.Short() {
			return nil, 0, 0, ErrShort
		}
		if kind == ModExNanos && len(data) >= 3 {
			if ns := wire.Uint24(data); ns <= maxNanos {
				nanos = ns
			}
		}
	}
	n := len(start) - c.Len()
	return start[:n:n], nanos, next, nil
}
