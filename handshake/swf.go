package handshake

import "encoding/binary"

// AppendSWFResponse appends the payload of the user control message that answers a SWF verification request: 44
// bytes, the event number 27 included. key is the SWFKey of this handshake; hash and size (in bytes) are those of
// the uncompressed SWF file that the server knows. A server compares what comes with what this makes.
//
// It is in no published text; librtmp sends the same.
func AppendSWFResponse(dst []byte, key, hash [32]byte, size uint32) []byte {
	sum := mac(key[:], hash[:], nil)
	dst = append(dst, 0x00, 0x1b, 0x01, 0x01) // event 27, version 1 twice
	dst = binary.BigEndian.AppendUint32(dst, size)
	dst = binary.BigEndian.AppendUint32(dst, size)
	return append(dst, sum[:]...)
}
