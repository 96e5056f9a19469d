package rtmptest

import (
	"cmp"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"time"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// A Source is a message.Reader that gives a stream as an encoder makes it, the same on every run: metadata, the
// sequence headers of H.264 and AAC, and then coded video and audio in the order of their timestamps. It does not
// wait; rtmp.Paced gives it the pace of real time.
//
// Every coded message carries its number, its timestamp and a pattern, all of which a Checker verifies at the other
// end. Decoders accept the headers but will not find a picture behind them.
//
// The zero value is ready. Options must not be changed after the first ReadMessage, and a Source must not be used by
// two goroutines at the same time.
type Source struct {
	Seed     uint64            // makes the pattern; a Checker with another Seed takes none of the messages
	StreamID uint32            // of every message
	Start    message.Timestamp // of the headers and of the first coded message, in milliseconds

	// Duration is the length of the stream, after which ReadMessage returns io.EOF. Zero means 10 seconds;
	// negative means that it does not end.
	Duration time.Duration

	NoVideo, NoAudio bool

	FPS              int // video frames per second; zero means 25
	KeyFrameInterval int // frames from one key frame to the next; zero means 2 seconds of them

	// Payload bytes of a coded message. Zero means 20,000, 5,000 and 300. What is too small for the figures in
	// it is made as large as they need.
	KeyFrameSize, FrameSize, AudioSize int

	headers      int // messages given that are not coded
	number       uint32
	video, audio int64 // coded messages given
}

// Ours. What a Source describes: the kind of stream that every server and player takes.
const (
	width, height = 640, 360 // pixels
	sampleRate    = 48000    // Hz
	frameSamples  = 1024     // per AAC frame
	nalKey        = 0x65     // a slice of a key frame
	nalFrame      = 0x41
)

var (
	// videoConfig is an AVCDecoderConfigurationRecord: baseline profile at level 3.0, 640x360.
	videoConfig = []byte("\x01\x42\xc0\x1e\xff\xe1\x00\x0a\x67\x42\xc0\x1e\xda\x02\x80\xbf\xe5\x40\x01\x00\x04\x68\xce\x38\x80")

	// audioConfig is an AudioSpecificConfig: AAC-LC, 48 kHz, stereo.
	audioConfig = []byte("\x11\x90")
)

// ReadMessage returns the next message, owned by the caller, or io.EOF.
func (s *Source) ReadMessage() (*message.Message, error) {
	for s.headers < 3 {
		s.headers++
		switch {
		case s.headers == 1:
			return s.metadata(), nil
		case s.headers == 2 && !s.NoVideo:
			return s.videoMessage(media.VideoSequenceStart, true, videoConfig), nil
		case s.headers == 3 && !s.NoAudio:
			return s.audioMessage(media.AudioSequenceStart, audioConfig), nil
		}
	}
	length := cmp.Or(s.Duration, 10*time.Second)
	video := time.Duration(s.video) * time.Second / time.Duration(s.fps())
	audio := time.Duration(s.audio) * frameSamples * time.Second / sampleRate
	isVideo := !s.NoVideo && (s.NoAudio || video <= audio)
	at := audio
	if isVideo {
		at = video
	}
	if s.NoVideo && s.NoAudio || length > 0 && at >= length {
		return nil, io.EOF
	}
	if isVideo {
		return s.frame(at), nil
	}
	return s.sound(at), nil
}

// Tally returns what a Checker counts if nothing of the whole stream is lost. The stream must have an end.
func (s *Source) Tally() Tally {
	again := Source{
		Seed: s.Seed, Duration: s.Duration, NoVideo: s.NoVideo, NoAudio: s.NoAudio,
		FPS: s.FPS, KeyFrameInterval: s.KeyFrameInterval, KeyFrameSize: 1, FrameSize: 1, AudioSize: 1,
	}
	c := Checker{Seed: s.Seed}
	if _, err := message.Copy(&c, &again); err != nil {
		panic(err) // a Source that does not agree with a Checker
	}
	return c.Tally
}

func (s *Source) fps() int { return cmp.Or(s.FPS, 25) }

func (s *Source) metadata() *message.Message {
	md := media.Metadata{{Name: "encoder", Value: "rtmptest"}}
	if !s.NoVideo {
		md = append(md, media.Metadata{
			{Name: "width", Value: float64(width)},
			{Name: "height", Value: float64(height)},
			{Name: "framerate", Value: float64(s.fps())},
			{Name: "videocodecid", Value: 7.0},
		}...)
	}
	if !s.NoAudio {
		md = append(md, media.Metadata{
			{Name: "audiosamplerate", Value: float64(sampleRate)},
			{Name: "stereo", Value: true},
			{Name: "audiocodecid", Value: 10.0},
		}...)
	}
	payload, err := media.AppendMetadata(nil, md)
	return s.message(message.TypeData, s.Start, payload, err)
}

// frame returns the video message at the given time after Start.
func (s *Source) frame(at time.Duration) *message.Message {
	key := s.video%int64(cmp.Or(s.KeyFrameInterval, 2*s.fps())) == 0
	size, nal := cmp.Or(s.FrameSize, 5000), byte(nalFrame)
	if key {
		size, nal = cmp.Or(s.KeyFrameSize, 20000), nalKey
	}
	const header = 5                                    // of the payload
	body := make([]byte, max(size-header, 5+stampSize)) // the length of the NAL unit, its first byte, the stamp
	binary.BigEndian.PutUint32(body, uint32(len(body)-4))
	body[4] = nal
	s.stamp(body[5:], at, s.video)
	s.video++
	m := s.videoMessage(media.VideoCodedFrames, key, body)
	m.Timestamp = s.Start.Add(at)
	return m
}

// sound returns the audio message at the given time after Start.
func (s *Source) sound(at time.Duration) *message.Message {
	const header = 2 // of the payload
	body := make([]byte, max(cmp.Or(s.AudioSize, 300)-header, stampSize))
	s.stamp(body, at, s.audio)
	s.audio++
	m := s.audioMessage(media.AudioCodedFrames, body)
	m.Timestamp = s.Start.Add(at)
	return m
}

func (s *Source) videoMessage(kind media.VideoPacketType, key bool, body []byte) *message.Message {
	v := media.Video{Codec: media.AVC, FrameType: media.InterFrame, PacketType: kind}
	if key {
		v.FrameType = media.KeyFrame
	}
	payload, err := media.AppendVideoHeader(nil, v)
	return s.message(message.TypeVideo, s.Start, append(payload, body...), err)
}

func (s *Source) audioMessage(kind media.AudioPacketType, body []byte) *message.Message {
	a := media.Audio{Codec: media.AAC, Flags: media.AACFlags, PacketType: kind}
	payload, err := media.AppendAudioHeader(nil, a)
	return s.message(message.TypeAudio, s.Start, append(payload, body...), err)
}

func (s *Source) message(t message.Type, ts message.Timestamp, payload []byte, err error) *message.Message {
	if err != nil {
		panic(err) // the headers are ours, and can be written
	}
	return &message.Message{Type: t, StreamID: s.StreamID, Timestamp: ts, Payload: payload}
}

// A stamp says which message it is in. It is followed by the pattern.
type stamp struct {
	source    uint32            // from Seed
	number    uint32            // among the coded messages
	index     uint32            // among those of its kind
	timestamp message.Timestamp // as the Source gave it
}

const stampSize = 16 // bytes

// stamp fills b, which has room for it, with the stamp of the next coded message and the pattern.
func (s *Source) stamp(b []byte, at time.Duration, index int64) {
	binary.BigEndian.PutUint32(b[0:], uint32(sourceID(s.Seed)))
	binary.BigEndian.PutUint32(b[4:], s.number)
	binary.BigEndian.PutUint32(b[8:], uint32(index))
	binary.BigEndian.PutUint32(b[12:], uint32(s.Start.Add(at)))
	pattern(b[stampSize:], s.Seed, s.number)
	s.number++
}

// parseStamp reads the stamp at the front of b and returns what follows.
func parseStamp(b []byte) (st stamp, rest []byte, ok bool) {
	if len(b) < stampSize {
		return stamp{}, nil, false
	}
	return stamp{
		source:    binary.BigEndian.Uint32(b[0:]),
		number:    binary.BigEndian.Uint32(b[4:]),
		index:     binary.BigEndian.Uint32(b[8:]),
		timestamp: message.Timestamp(binary.BigEndian.Uint32(b[12:])),
	}, b[stampSize:], true
}

// sourceID returns what tells the sources of different seeds apart.
func sourceID(seed uint64) uint64 {
	return rand.NewPCG(seed, 0).Uint64()
}

// pattern fills b with what the message with that number contains.
func pattern(b []byte, seed uint64, number uint32) {
	var r rand.PCG
	r.Seed(seed, uint64(number)+1)
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, r.Uint64())
		b = b[8:]
	}
	if len(b) > 0 {
		var last [8]byte
		binary.LittleEndian.PutUint64(last[:], r.Uint64())
		copy(b, last[:])
	}
}
