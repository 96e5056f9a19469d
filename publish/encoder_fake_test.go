package publish

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"time"

	"github.com/gortmp/rtmp/media"
)

// Parameter sets of H.264 at 320x180, High profile, 25 pictures per second.
var (
	testSPS = unhex("6764000cacd941419f9f0110000003001000000303 20f1429960")
	testPPS = unhex("68ebe3cb22c0")
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(string(bytes.ReplaceAll([]byte(s), []byte(" "), nil)))
	if err != nil {
		panic(err)
	}
	return b
}

// annexB joins NAL units with start codes.
func annexB(units ...[]byte) []byte {
	var b []byte
	for _, u := range units {
		b = append(append(b, 0, 0, 0, 1), u...)
	}
	return b
}

// A fakeEncoder makes pictures that no decoder would like, but with the NAL units of an encoder: a key frame every
// gop pictures, else two B-frames between P-frames. 25 pictures per second, with the number of each in it.
type fakeEncoder struct {
	gop  int
	size int // bytes per picture
	n    int // next picture
}

// A fakePicture is what an encoder puts out.
type fakePicture struct {
	pts, dts time.Duration
	au       []byte
}

const fakePeriod = 40 * time.Millisecond

func (e *fakeEncoder) next() fakePicture {
	n := e.n
	e.n++
	p := fakePicture{dts: time.Duration(n) * fakePeriod}
	body := make([]byte, max(e.size, 8))
	for i := range body {
		body[i] = 0x55
	}
	binary.BigEndian.PutUint32(body[2:], uint32(n)|0x40404040) // no zeros: they would look like a start code
	body[1] = 0x80
	var units [][]byte
	switch in := n % e.gop; {
	case in == 0:
		body[0] = 0x65
		units = [][]byte{{0x09, 0xf0}, testSPS, testPPS, body}
		p.pts = p.dts + fakePeriod
	case in%3 == 1 && in+2 < e.gop: // P, shown after the two B-frames that follow
		body[0] = 0x41
		units = [][]byte{{0x09, 0xf0}, body}
		p.pts = p.dts + 3*fakePeriod
	case in%3 != 1:
		body[0] = 0x01
		units = [][]byte{{0x09, 0xf0}, body}
		p.pts = p.dts
	default:
		body[0] = 0x41
		units = [][]byte{{0x09, 0xf0}, body}
		p.pts = p.dts + fakePeriod
	}
	p.au = annexB(units...)
	return p
}

// encode writes pictures and sound to w for a time, in real time. It returns the first error.
func (e *fakeEncoder) encode(w *TrackWriter, d time.Duration) error {
	if err := w.SetConfig(media.AAC, silentConfig); err != nil {
		return err
	}
	tick := time.NewTicker(fakePeriod)
	defer tick.Stop()
	sound := time.Duration(e.n) * fakePeriod
	for end := e.n + int(d/fakePeriod); e.n < end; {
		p := e.next()
		if err := w.WriteH264DTS(p.pts, p.dts, p.au); err != nil {
			return err
		}
		for ; sound <= p.dts; sound += 1024 * time.Second / 48000 {
			if err := w.WriteAAC(sound, silentFrame); err != nil {
				return err
			}
		}
		<-tick.C
	}
	return nil
}
