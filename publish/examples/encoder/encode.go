package main

import (
	"bufio"
	"bytes"
	"io"
	"iter"
	"time"
)

// encode stands for an encoder: it gives the pictures of a raw H.264 stream with access unit delimiters and without
// B-frames, 25 a second, such as
//
//	ffmpeg -re -f lavfi -i testsrc2 -c:v libx264 -bf 0 -aud 1 -f h264 -
func encode(r io.Reader) iter.Seq2[time.Duration, []byte] {
	return func(yield func(time.Duration, []byte) bool) {
		pictures := bufio.NewScanner(r)
		pictures.Buffer(nil, 16<<20)
		pictures.Split(splitAtDelimiter)
		for pts := time.Duration(0); pictures.Scan(); pts += 40 * time.Millisecond {
			if !yield(pts, pictures.Bytes()) {
				return
			}
		}
	}
}

// splitAtDelimiter is a bufio.SplitFunc that ends a token before each access unit delimiter but the first.
func splitAtDelimiter(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.Index(data[min(1, len(data)):], []byte("\x00\x00\x00\x01\x09")); i >= 0 {
		return i + 1, data[:i+1], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}
