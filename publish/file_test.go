package publish

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

const testURL = "rtmp://test/live/key"

// A file comes in real time, whole and in the same bytes.
func TestReaderPace(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		src := &rtmptest.Source{Duration: 10 * time.Second}
		begin := time.Now()
		if err := Reader(t.Context(), testURL, file(t, src), in.options(nil)); err != nil {
			t.Fatalf("Reader error = %v", err)
		}
		if took := time.Since(begin); took < 9900*time.Millisecond || took > 10100*time.Millisecond {
			t.Errorf("Reader took %v for 10 seconds", took)
		}
		se := in.all()[0]
		checkStart(t, se)
		if !errors.Is(se.end, io.EOF) {
			t.Errorf("the stream ended with %v, want io.EOF", se.end)
		}
		checker := new(rtmptest.Checker)
		for _, a := range se.arrivals {
			if v, err := media.ParseVideo(a.m.Payload); a.m.Type == message.TypeVideo && err == nil && v.IsEnd() {
				continue
			}
			if a.m.Type == message.TypeData {
				continue // written anew
			}
			if err := checker.WriteMessage(a.m); err != nil {
				t.Fatal(err)
			}
			if late := a.at - a.m.Timestamp.Duration(); late < 0 || late > 50*time.Millisecond {
				t.Fatalf("the message at %d came at %v", a.m.Timestamp, a.at)
			}
		}
		want := src.Tally()
		got := checker.Tally
		if got.Video != want.Video || got.Audio != want.Audio || got.LostVideo+got.LostAudio > 0 {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

// A source that stalls makes a burst of one second, and the rest of the delay stays.
func TestReaderCatchUp(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		whole := file(t, &rtmptest.Source{Duration: 6 * time.Second})
		half := int64(whole.Len() / 2)
		r := io.MultiReader(io.LimitReader(whole, half), &sleepReader{d: 5 * time.Second}, whole)
		begin := time.Now()
		if err := Reader(t.Context(), testURL, r, in.options(nil)); err != nil {
			t.Fatalf("Reader error = %v", err)
		}
		// Half of the file is read ahead of its time; how much more than that, depends on buffers.
		if took := time.Since(begin); took < 8*time.Second || took > 11*time.Second {
			t.Errorf("Reader took %v for 6 seconds with a stall of 5", took)
		}
		video := in.all()[0].coded(message.TypeVideo)
		burst := 0
		for i := 1; i < len(video); i++ {
			if video[i].at == video[i-1].at {
				burst++
			}
		}
		if burst > 27 {
			t.Errorf("%d pictures came at once, want at most those of a second, 25", burst)
		}
	})
}

// A sleepReader takes its time to say that there is nothing.
type sleepReader struct {
	d    time.Duration
	done bool
}

func (r *sleepReader) Read([]byte) (int, error) {
	if !r.done {
		time.Sleep(r.d) // fake time
		r.done = true
	}
	return 0, io.EOF
}

// Times rise over the end of the file, and the frames keep their distance.
func TestReaderLoop(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		r := file(t, &rtmptest.Source{Duration: 2 * time.Second})
		err := Reader(ctx, testURL, r, in.options(&Options{Loop: true}))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("Reader error = %v, want the end of the context", err)
		}
		se := in.all()[0]
		checkStart(t, se)
		if !errors.Is(se.end, io.EOF) {
			t.Errorf("the stream ended with %v, want io.EOF: it was ended politely", se.end)
		}
		video := se.coded(message.TypeVideo)
		if len(video) < 7*25-2 {
			t.Fatalf("%d pictures in 7 seconds", len(video))
		}
		for i := 1; i < len(video); i++ {
			if d := video[i].m.Timestamp.Sub(video[i-1].m.Timestamp); d < 20*time.Millisecond || d > 70*time.Millisecond {
				t.Errorf("picture %d is %v after the one before", i, d)
			}
		}
	})
}

func TestReaderLoopWithoutSeek(t *testing.T) {
	r := iotest.OneByteReader(file(t, &rtmptest.Source{Duration: time.Second}))
	if err := Reader(t.Context(), testURL, r, &Options{Loop: true}); !errors.Is(err, ErrLoop) {
		t.Errorf("Reader error = %v, want ErrLoop", err)
	}
}

// Who was not there at the first attempt misses nothing: not even the sound before the first picture.
func TestReaderFirstSound(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		o := in.options(nil)
		inner := o.Dialer.NetDial
		attempts := 0
		o.Dialer.NetDial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if attempts++; attempts == 1 {
				return nil, errors.New("not yet")
			}
			return inner(ctx, network, addr)
		}
		err := run(t.Context(), testURL, o, func(bool) (Source, error) {
			return &packetSource{[]Track{{Codec: media.AVC, Config: []byte{1}}, {Codec: media.AAC, Config: silentConfig}}, []Packet{
				{Track: 1, Key: true, Data: []byte{1}},
				{Track: 0, Key: true, Data: []byte{0, 0, 0, 1, 0x65}, DTS: 10 * time.Millisecond, PTS: 10 * time.Millisecond},
				{Track: 1, Key: true, Data: []byte{2}, DTS: 20 * time.Millisecond, PTS: 20 * time.Millisecond},
			}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(in.all()[0].coded(message.TypeAudio)); n != 2 || attempts != 2 {
			t.Errorf("%d frames of sound after %d attempts, want 2 after 2", n, attempts)
		}
	})
}

// The end of the context ends a stream whose source says nothing more, politely.
func TestReaderEndsWhileReading(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		never, w := io.Pipe()
		defer w.Close()
		r := io.MultiReader(file(t, &rtmptest.Source{Duration: time.Second}), never)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begin := time.Now()
		if err := Reader(ctx, testURL, r, in.options(nil)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Reader error = %v, want the end of the context", err)
		}
		if took := time.Since(begin); took > 3100*time.Millisecond {
			t.Errorf("Reader took %v with 3 seconds to live", took)
		}
		if se := in.all()[0]; !errors.Is(se.end, io.EOF) || len(se.coded(message.TypeVideo)) != 25 {
			t.Errorf("%d pictures, then %v; want 25, then io.EOF", len(se.coded(message.TypeVideo)), se.end)
		}
	})
}

// Publishing begins at the last key frame before the start.
func TestReaderStart(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		r := file(t, &rtmptest.Source{Duration: 10 * time.Second}) // a key frame every 2 seconds
		begin := time.Now()
		if err := Reader(t.Context(), testURL, r, in.options(&Options{Start: 5 * time.Second})); err != nil {
			t.Fatalf("Reader error = %v", err)
		}
		if took := time.Since(begin); took < 5900*time.Millisecond || took > 6100*time.Millisecond {
			t.Errorf("Reader took %v from second 4 of 10", took)
		}
		se := in.all()[0]
		checkStart(t, se)
		if n := len(se.coded(message.TypeVideo)); n != 150 {
			t.Errorf("%d pictures, want 150", n)
		}
	})
}

func TestReaderStartBehindEnd(t *testing.T) {
	r := file(t, &rtmptest.Source{Duration: 2 * time.Second})
	if err := Reader(t.Context(), testURL, r, &Options{Start: time.Minute}); !errors.Is(err, ErrStart) {
		t.Errorf("Reader error = %v, want ErrStart", err)
	}
}

// While there is no connection the file stands still. After that it goes on at the next key frame.
func TestReaderStandsStill(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		in.wrap = func(nc net.Conn, n int) net.Conn {
			if n == 0 {
				return &cutConn{nc, 800_000}
			}
			return nc
		}
		r := file(t, &rtmptest.Source{Duration: 20 * time.Second})
		begin := time.Now()
		if err := Reader(t.Context(), testURL, r, in.options(&Options{RetryDelay: 20 * time.Second})); err != nil {
			t.Fatalf("Reader error = %v", err)
		}
		if took := time.Since(begin); took < 33*time.Second || took > 46*time.Second {
			t.Errorf("Reader took %v for 20 seconds and a break of 15 to 25", took)
		}
		sessions := in.all()
		if len(sessions) != 2 {
			t.Fatalf("%d connections, want 2", len(sessions))
		}
		checkStart(t, sessions[1])
		first, second := sessions[0].coded(message.TypeVideo), sessions[1].coded(message.TypeVideo)
		gap := second[0].m.Timestamp.Sub(first[len(first)-1].m.Timestamp)
		if gap < 0 || gap > 2200*time.Millisecond {
			t.Errorf("%v of the file are missing, want at most what is before the next key frame", gap)
		}
	})
}

// A live input goes on while there is no connection, and is not late after that.
func TestReaderLive(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		in.wrap = func(nc net.Conn, n int) net.Conn {
			if n == 0 {
				return &cutConn{nc, 800_000}
			}
			return nc
		}
		r, w := io.Pipe()
		go func() {
			fw := flv.NewWriter(w)
			_, err := message.Copy(fw, rtmp.Paced(t.Context(), &rtmptest.Source{Duration: 30 * time.Second}))
			w.CloseWithError(err)
		}()
		if err := Reader(t.Context(), testURL, r, in.options(&Options{Live: true})); err != nil {
			t.Fatalf("Reader error = %v", err)
		}
		sessions := in.all()
		if len(sessions) != 2 {
			t.Fatalf("%d connections, want 2", len(sessions))
		}
		for _, se := range sessions {
			checkStart(t, se)
			for _, a := range se.coded(message.TypeVideo) {
				if late := a.at - a.m.Timestamp.Duration(); late > 200*time.Millisecond {
					t.Fatalf("the picture at %d came %v late", a.m.Timestamp, late)
				}
			}
		}
	})
}

// Silent sound is there from the first picture to the last.
func TestReaderSilence(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		r := file(t, &rtmptest.Source{Duration: 3 * time.Second, NoAudio: true})
		if err := Reader(t.Context(), testURL, r, in.options(&Options{Silence: true})); err != nil {
			t.Fatalf("Reader error = %v", err)
		}
		audio := in.all()[0].coded(message.TypeAudio)
		if n := len(audio); n < 138 || n > 141 {
			t.Errorf("%d frames of 1024 samples in 3 seconds of 48 kHz, want 140", n)
		}
		for _, a := range audio {
			if want := append([]byte{0xaf, 1}, silentFrame...); !bytes.Equal(a.m.Payload, want) {
				t.Fatalf("payload %x, want %x", a.m.Payload, want)
			}
		}
	})
}

// A cut file is published up to the cut, and the error says so.
func TestReaderCutFile(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		r := file(t, &rtmptest.Source{Duration: 2 * time.Second})
		err := Reader(t.Context(), testURL, io.LimitReader(r, int64(r.Len()-100)), in.options(nil))
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("Reader error = %v, want io.ErrUnexpectedEOF", err)
		}
		if n := len(in.all()[0].coded(message.TypeVideo)); n < 45 {
			t.Errorf("%d pictures came, want nearly 50", n)
		}
	})
}
