package publish

import (
	"bytes"
	"io"
)

// maxUnit is the length of a NAL unit or access unit that is accepted in a raw stream, in bytes. Ours: far above the
// largest pictures that are sent live.
const maxUnit = 32 << 20

// An annexBReader cuts a stream of NAL units with start codes into access units.
type annexBReader struct {
	r       io.Reader
	c       *nalCodec
	buf     []byte // begins with a start code, once synced
	scanned int    // bytes of buf without a further start code
	synced  bool
	err     error
	pending [][]byte // units of the next access unit, owned
	size    int      // of pending
	picture bool     // there is a slice among them
}

// next returns the NAL units of the next access unit, owned.
func (r *annexBReader) next() ([][]byte, error) {
	for {
		u, err := r.unit()
		if err == io.EOF && len(r.pending) > 0 {
			au := r.pending
			r.pending = nil
			return au, nil
		}
		if err != nil {
			return nil, err
		}
		if len(u) < 2 {
			continue
		}
		var au [][]byte
		if r.picture && r.begins(u) {
			au, r.pending, r.picture, r.size = r.pending, nil, false, 0
		}
		r.pending = append(r.pending, bytes.Clone(u))
		r.picture = r.picture || r.c.slice(u)
		if r.size += len(u); r.size > maxUnit {
			return nil, &InputError{Format: r.c.codec.String(), Reason: "a picture of more than 32 MiB"}
		}
		if au != nil {
			return au, nil
		}
	}
}

// begins reports whether u begins an access unit when there has been a slice: it is the first slice of a picture, or
// a unit that stands in front of the slices.
//
// ITU-T H.264, section 7.4.1.2.3; H.265, section 7.4.2.4.4.
func (r *annexBReader) begins(u []byte) bool {
	if r.c.slice(u) {
		return r.c.first(u)
	}
	return r.c.front(u)
}

// unit returns the next NAL unit, borrowed until the next call.
func (r *annexBReader) unit() ([]byte, error) {
	code := []byte{0, 0, 1}
	for {
		if i := bytes.Index(r.buf[r.scanned:], code); i >= 0 {
			i += r.scanned
			u := bytes.TrimRight(r.buf[:i], "\x00")
			r.buf, r.scanned = r.buf[i+3:], 0
			if r.synced && len(u) > 0 {
				return u, nil
			}
			r.synced = true
			continue
		}
		r.scanned = max(0, len(r.buf)-2)
		if len(r.buf) > maxUnit {
			return nil, &InputError{Format: r.c.codec.String(), Reason: "a NAL unit of more than 32 MiB"}
		}
		if r.err != nil {
			u := bytes.TrimRight(r.buf, "\x00")
			r.buf, r.scanned = nil, 0
			if r.err == io.EOF && r.synced && len(u) > 0 {
				return u, nil
			}
			return nil, r.err
		}
		if cap(r.buf)-len(r.buf) < 32<<10 {
			grown := make([]byte, len(r.buf), 2*len(r.buf)+64<<10)
			copy(grown, r.buf)
			r.buf = grown
		}
		n, err := r.r.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		r.err = err
	}
}
