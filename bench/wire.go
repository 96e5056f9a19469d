package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
)

// Ours. Where the messages of all work go: the chunk stream that most senders use for video, and the first stream.
const (
	videoChunkStream = 6
	videoStream      = 1
	videoType        = 9
)

// relayChunk is the number of bytes per chunk that players get from a relay.
const relayChunk = 4096

// A frame is a video message.
type frame struct {
	timestamp uint32 // milliseconds
	payload   []byte
}

// A film gives frames without end.
type film struct {
	bodies [][]byte
	fps    int // 0: all at time 0
}

// newFilm returns a film with 30 frames a second, whose payloads are H.264 for the first 5 bytes and random behind.
// Their size changes from one to the next by a byte or a few, as no two frames of a real stream are alike.
func newFilm(size int) *film {
	f := &film{fps: 30}
	r := rand.NewChaCha8([32]byte{1})
	for _, more := range []int{0, 1, -1, 2, -2, 3, -3, 0} {
		b := make([]byte, size+more)
		r.Read(b)
		copy(b, "\x27\x01\x00\x00\x00") // inter frame, AVC; NAL units; no composition time
		f.bodies = append(f.bodies, b)
	}
	return f
}

// stillFilm returns a film that repeats one frame of 10,000 bytes of 1 at time 0.
func stillFilm() *film { return &film{bodies: [][]byte{bytes.Repeat([]byte{1}, 10_000)}} }

func (f *film) frame(i int) frame {
	fr := frame{payload: f.bodies[i%len(f.bodies)]}
	if f.fps > 0 {
		fr.timestamp = uint32(i * 1000 / f.fps)
	}
	return fr
}

// A wire is a film as bytes: a Set Chunk Size message, and then frames that are repeated without end.
type wire struct {
	film    *film
	prelude []byte
	loop    []byte
	frames  int // in loop
}

// newWire returns f in chunks of size bytes, with a loop of about length bytes.
func newWire(f *film, size, length int) (*wire, error) {
	w := &wire{film: f}
	var e chunk.Encoder
	announce, err := message.New(0, 0, &message.SetChunkSize{Size: uint32(size)})
	if err != nil {
		return nil, err
	}
	if w.prelude, err = e.Append(nil, 2, announce); err != nil {
		return nil, err
	}
	m := message.Message{Type: videoType, StreamID: videoStream}
	for ; len(w.loop) < length; w.frames++ {
		fr := f.frame(w.frames)
		m.Timestamp, m.Payload = message.Timestamp(fr.timestamp), fr.payload
		if f.fps == 0 {
			e.Forget(videoChunkStream)
		}
		if w.loop, err = e.Append(w.loop, videoChunkStream, &m); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// reader returns a new reader of w.
func (w *wire) reader() io.Reader { return &wireReader{next: w.prelude, loop: w.loop} }

// A wireReader gives what is next and then loop without end.
type wireReader struct{ next, loop []byte }

func (r *wireReader) Read(p []byte) (int, error) {
	if len(r.next) == 0 {
		r.next = r.loop
	}
	n := copy(p, r.next)
	r.next = r.next[n:]
	return n, nil
}

// expect returns a function that checks what a reader of w gives, and how many frames it has checked without error.
// Strips is what is missing at the front of each payload.
func (w *wire) expect(strips int) (got func(timestamp uint32, payload []byte), result func() (int, error)) {
	var n int
	var failed error
	got = func(timestamp uint32, payload []byte) {
		want := w.film.frame(n % w.frames)
		switch {
		case failed != nil:
		case timestamp != want.timestamp:
			failed = fmt.Errorf("frame %d has the timestamp %d, want %d", n, timestamp, want.timestamp)
		case !bytes.Equal(payload, want.payload[strips:]):
			failed = fmt.Errorf("frame %d has %d bytes that are not the %d of the film", n, len(payload), len(want.payload)-strips)
		default:
			n++
		}
	}
	return got, func() (int, error) { return n, failed }
}

// A tape keeps what is written to it.
type tape struct{ bytes.Buffer }

// check returns an error unless the tape holds the first n frames of f and nothing else but Set Chunk Size messages,
// in chunks of size bytes. It reads with the loop of the floor, or with this library where the floor is what wrote.
func (t *tape) check(f *film, size, n int, wrote *library) error {
	w := &wire{film: f, frames: n}
	got, result := w.expect(0)
	read := readTape
	if wrote.name == floorName {
		read = readTapeOurs
	}
	if err := read(t.Bytes(), size, got); err != nil {
		return err
	}
	count, err := result()
	if err == nil && count != n {
		err = fmt.Errorf("%d frames were written, want %d", count, n)
	}
	return err
}

// readTape calls got with the video messages in b.
func readTape(b []byte, size int, got func(uint32, []byte)) error {
	var r floorReader
	r.size = size
	r.src = bytes.NewReader(b)
	for {
		kind, timestamp, payload, err := r.next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case kind == videoType:
			got(timestamp, payload)
		}
	}
}

// readTapeOurs is readTape with this library.
func readTapeOurs(b []byte, size int, got func(uint32, []byte)) error {
	w, err := newWire(&film{}, size, 0)
	if err != nil {
		return err
	}
	r := chunk.NewReader(io.MultiReader(bytes.NewReader(w.prelude), bytes.NewReader(b)))
	for {
		m, err := r.ReadMessage()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case m.Type == videoType:
			got(uint32(m.Timestamp), m.Payload)
		}
	}
}

// A drain counts what is written to it.
type drain struct{ bytes int64 }

func (d *drain) Write(p []byte) (int, error) {
	d.bytes += int64(len(p))
	return len(p), nil
}
