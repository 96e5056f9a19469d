package publish

import (
	"bytes"
	"encoding/binary"
)

// splitAnnexB returns the NAL units of b, which begin with a start code of 3 or 4 bytes. They alias b. Zero bytes
// before start codes belong to no unit.
//
// ITU-T H.264, Annex B.
func splitAnnexB(b []byte) [][]byte {
	var units [][]byte
	start := -1
	for i := 0; ; {
		n := bytes.Index(b[i:], []byte{0, 0, 1})
		end := len(b)
		if n >= 0 {
			end = i + n
		}
		if start >= 0 {
			if u := bytes.TrimRight(b[start:end], "\x00"); len(u) > 0 {
				units = append(units, u[:len(u):len(u)])
			}
		}
		if n < 0 {
			return units
		}
		i = end + 3
		start = i
	}
}

// hasStartCode reports whether b begins with a start code.
func hasStartCode(b []byte) bool {
	return bytes.HasPrefix(b, []byte{0, 0, 1}) || bytes.HasPrefix(b, []byte{0, 0, 0, 1})
}

// splitLengths returns the NAL units of b, each behind its length in size bytes, and false if the lengths do not add
// up. They alias b.
func splitLengths(b []byte, size int) ([][]byte, bool) {
	var units [][]byte
	for len(b) > 0 {
		if len(b) < size {
			return units, false
		}
		n := 0
		for _, c := range b[:size] {
			n = n<<8 | int(c)
		}
		b = b[size:]
		if n > len(b) {
			return units, false
		}
		if n > 0 {
			units = append(units, b[:n:n])
		}
		b = b[n:]
	}
	return units, true
}

// joinLengths returns units, each behind its length in 4 bytes.
func joinLengths(units [][]byte) []byte {
	n := 0
	for _, u := range units {
		n += 4 + len(u)
	}
	b := make([]byte, 0, n)
	for _, u := range units {
		b = binary.BigEndian.AppendUint32(b, uint32(len(u)))
		b = append(b, u...)
	}
	return b
}
