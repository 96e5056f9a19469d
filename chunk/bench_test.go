package chunk

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gortmp/rtmp/internal/wire"
	"github.com/gortmp/rtmp/message"
)

// The benchmarks come in pairs: ours, and under "floor" a loop written for nothing but the bytes at hand, which
// does only what no reader or writer of chunks can do without: for reading, find the headers, and copy the data
// of each chunk into one new slice per message; for writing, copy headers and data into place.

// benchmarkSizes are the message and chunk sizes that are compared, in bytes.
var benchmarkSizes = []struct{ message, chunk int }{
	{4_000, 128}, {4_000, 4_096}, {4_000, 65_536},
	{10_000, 128}, {10_000, 4_096}, {10_000, 65_536},
	{100_000, 128}, {100_000, 4_096}, {100_000, 65_536},
}

// bodies returns 8 payloads of n random bytes.
func bodies(n int) [][]byte {
	r := rand.NewChaCha8([32]byte{1})
	all := make([][]byte, 8)
	for i := range all {
		all[i] = make([]byte, n)
		r.Read(all[i])
	}
	return all
}

// videoStream returns about 16 MB of video messages with n bytes each in wire form.
func videoStream(tb testing.TB, n, chunkSize int) []byte {
	e := Encoder{size: uint32(chunkSize)}
	m := message.Message{Type: message.TypeVideo, StreamID: 1}
	var out []byte
	for i, all := 0, bodies(n); len(out) < 16_000_000; i++ {
		m.Payload = all[i%len(all)]
		var err error
		if out, err = e.Append(out, 6, &m); err != nil {
			tb.Fatal(err)
		}
		m.Timestamp += 33
	}
	return out
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range benchmarkSizes {
		all := bodies(size.message)
		m := message.Message{Type: message.TypeVideo, StreamID: 1}
		b.Run(fmt.Sprintf("message=%d/chunk=%d", size.message, size.chunk), func(b *testing.B) {
			b.Run("ours", func(b *testing.B) {
				b.SetBytes(int64(size.message))
				b.ReportAllocs()
				e := Encoder{size: uint32(size.chunk)}
				var buf []byte
				for i := 0; b.Loop(); i++ {
					m.Payload = all[i%len(all)]
					m.Timestamp += 33
					buf, _ = e.Append(buf[:0], 6, &m)
				}
			})
			b.Run("floor", func(b *testing.B) {
				b.SetBytes(int64(size.message))
				b.ReportAllocs()
				buf := make([]byte, 2*size.message)
				for i := 0; b.Loop(); i++ {
					floorAppend(buf, all[i%len(all)], size.chunk, 33)
				}
			})
		})
	}
}

// floorAppend writes a type 2 header and the chunks of data to the front of buf.
func floorAppend(buf, data []byte, chunkSize int, delta uint32) int {
	buf[0] = 0x86
	wire.PutUint24(buf[1:], delta)
	n := 4
	for {
		k := copy(buf[n:], data[:min(chunkSize, len(data))])
		n += k
		data = data[k:]
		if len(data) == 0 {
			return n
		}
		buf[n] = 0xc6
		n++
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, size := range benchmarkSizes {
		b.Run(fmt.Sprintf("message=%d/chunk=%d", size.message, size.chunk), func(b *testing.B) {
			stream := videoStream(b, size.message, size.chunk)
			for _, reuse := range []bool{false, true} {
				name := "owned"
				if reuse {
					name = "reuse"
				}
				for _, slice := range []int{4 << 10, 64 << 10} {
					b.Run(fmt.Sprintf("%s/ours/slice=%d", name, slice), func(b *testing.B) {
						b.SetBytes(int64(size.message))
						b.ReportAllocs()
						d := Decoder{size: uint32(size.chunk)}
						in := slicer{all: stream, size: slice}
						for b.Loop() {
							m := in.next(b, &d)
							if len(m.Payload) != size.message {
								b.Fatal(len(m.Payload))
							}
							if reuse {
								d.Reuse(m.Payload)
							}
						}
					})
				}
				b.Run(name+"/floor", func(b *testing.B) {
					b.SetBytes(int64(size.message))
					b.ReportAllocs()
					var f floorReader
					rest := stream
					for b.Loop() {
						if len(rest) == 0 {
							rest = stream
						}
						var m []byte
						if m, rest = f.next(rest, size.chunk); len(m) != size.message {
							b.Fatal(len(m))
						}
						if reuse {
							f.spare = m
						}
					}
				})
			}
		})
	}
}

// A slicer feeds a Decoder with all, over and over, size bytes at a time.
type slicer struct {
	all  []byte
	size int
	at   int
	rest []byte
}

func (s *slicer) next(tb testing.TB, d *Decoder) *message.Message {
	for {
		if len(s.rest) == 0 {
			if s.at == len(s.all) {
				s.at = 0
			}
			end := min(s.at+s.size, len(s.all))
			s.rest, s.at = s.all[s.at:end], end
		}
		n, m, err := d.Decode(s.rest)
		if err != nil {
			tb.Fatal(err)
		}
		s.rest = s.rest[n:]
		if m != nil {
			return m
		}
	}
}

// A floorReader reads messages that are whole, without limits, errors or a choice of chunk streams: what is left
// is the memory per chunk stream that the headers need.
type floorReader struct {
	length [64]int
	spare  []byte // the memory of an earlier payload
}

var floorSink uint32

func (f *floorReader) next(b []byte, chunkSize int) (payload, rest []byte) {
	csid := b[0] & 0x3f
	switch b[0] >> 6 {
	case 0:
		f.length[csid] = int(wire.Uint24(b[4:]))
		floorSink += wire.Uint24(b[1:]) + binary.LittleEndian.Uint32(b[8:])
		b = b[12:]
	case 1:
		f.length[csid] = int(wire.Uint24(b[4:]))
		floorSink += wire.Uint24(b[1:])
		b = b[8:]
	case 2:
		floorSink += wire.Uint24(b[1:])
		b = b[4:]
	default:
		b = b[1:]
	}
	if payload = f.spare; cap(payload) < f.length[csid] {
		payload = make([]byte, f.length[csid])
	}
	payload, f.spare = payload[:f.length[csid]], nil
	for at := 0; ; {
		n := copy(payload[at:min(at+chunkSize, len(payload))], b)
		b = b[n:]
		if at += n; at == len(payload) {
			return payload, b
		}
		b = b[1:]
	}
}

// mixedMessages returns 200 s of television: 30 frames a second of 12,000 bytes, each 60th with
// 60,000; 43 audio messages a second of 370 bytes; merged by time on one message stream.
func mixedMessages() []message.Message {
	big, small, audio := bodies(60_000), bodies(12_000), bodies(370)
	var all []message.Message
	for v, a := 0, 0; v < 200*30 || a < 200*43; {
		if vt, at := v*1000/30, a*1000/43; v < 200*30 && (vt <= at || a == 200*43) {
			m := message.Message{Type: message.TypeVideo, StreamID: 1, Timestamp: message.Timestamp(vt)}
			m.Payload = small[v%8]
			if v%60 == 0 {
				m.Payload = big[v%8]
			}
			all = append(all, m)
			v++
		} else {
			m := message.Message{Type: message.TypeAudio, StreamID: 1, Timestamp: message.Timestamp(at)}
			m.Payload = audio[a%8]
			all = append(all, m)
			a++
		}
	}
	return all
}

// BenchmarkMixed is 14,600 messages per operation.
func BenchmarkMixed(b *testing.B) {
	all := mixedMessages()
	size := 0
	for _, m := range all {
		size += len(m.Payload)
	}
	encode := func(chunkSize int, out []byte) []byte {
		e := Encoder{size: uint32(chunkSize)}
		for i := range all {
			var err error
			if out, err = e.Append(out, StreamID(&all[i]), &all[i]); err != nil {
				b.Fatal(err)
			}
		}
		return out
	}
	for _, chunkSize := range []int{128, 4096} {
		stream := encode(chunkSize, make([]byte, 0, 2*size))
		b.Run(fmt.Sprintf("append/chunk=%d/ours", chunkSize), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				encode(chunkSize, stream[:0])
			}
		})
		b.Run(fmt.Sprintf("append/chunk=%d/floor", chunkSize), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			stream := stream[:cap(stream)]
			for b.Loop() {
				n := 0
				for i := range all {
					n += floorAppend(stream[n:], all[i].Payload, chunkSize, 33)
				}
			}
		})
		stream = encode(chunkSize, stream[:0])
		b.Run(fmt.Sprintf("decode/chunk=%d/ours", chunkSize), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			d := Decoder{size: uint32(chunkSize)}
			in := slicer{all: stream, size: 16 << 10}
			for b.Loop() {
				for range all {
					in.next(b, &d)
				}
			}
		})
		b.Run(fmt.Sprintf("decode/chunk=%d/floor", chunkSize), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			var f floorReader
			for b.Loop() {
				for rest := stream; len(rest) > 0; {
					_, rest = f.next(rest, chunkSize)
				}
			}
		})
	}
}
