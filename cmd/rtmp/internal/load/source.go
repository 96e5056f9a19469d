package load

import (
	"encoding/binary"
	"time"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// Ours. What is sent looks like the output of an encoder that is set up for live streaming. Decoders accept its
// headers, but find no picture behind them.
const (
	width, height = 1280, 720 // pixels
	fps           = 30
	keyInterval   = 2 * fps // frames from one key frame to the next
	keyWeight     = 6       // a key frame is that many times as large as another
	sampleRate    = 48000   // Hz
	frameSamples  = 1024    // of an AAC frame
	maxAudioRate  = 128_000 // bits per second
)

const (
	// MinRate and MaxRate bound the bitrate of a stream, in bits per second: what the figures in the frames need,
	// and what keeps key frames below half of the longest message that there can be.
	MinRate = 100_000
	MaxRate = 300_000_000
)

var (
	// videoConfig is an AVCDecoderConfigurationRecord: baseline profile at level 3.1, 1280x720.
	videoConfig = []byte("\x01\x42\xc0\x1f\xff\xe1\x00\x0a\x67\x42\xc0\x1f\x95\xa0\x14\x01\x6e\x40\x01\x00\x04\x68\xce\x38\x80")

	// audioConfig is an AudioSpecificConfig: AAC-LC, 48 kHz, stereo.
	audioConfig = []byte("\x11\x90")
)

// A source makes a stream: H.264 and AAC with stamps.
type source struct {
	run, stream uint32
	rate        int // bits per second

	video, audio uint32 // frames made
	buf          []byte
}

// sizes returns the payload bytes of a key frame, another frame, and an audio frame.
func (s *source) sizes() (key, frame, audio int) {
	audioRate := min(maxAudioRate, s.rate/4)
	perInterval := (s.rate - audioRate) / 8 * keyInterval / fps
	frame = perInterval / (keyInterval - 1 + keyWeight)
	return frame * keyWeight, frame, audioRate / 8 * frameSamples / sampleRate
}

// videoTime and audioTime return when frame number seq is due.
func videoTime(seq uint32) time.Duration { return time.Duration(seq) * time.Second / fps }
func audioTime(seq uint32) time.Duration {
	return time.Duration(seq) * frameSamples * time.Second / sampleRate
}

// headers returns what goes before the first frame.
func (s *source) headers() ([]*message.Message, error) {
	key, frame, audio := s.sizes()
	metadata, err := media.AppendMetadata(nil, media.Metadata{
		{Name: "encoder", Value: "rtmp bench"},
		{Name: "width", Value: float64(width)},
		{Name: "height", Value: float64(height)},
		{Name: "framerate", Value: float64(fps)},
		{Name: "videocodecid", Value: 7.0},
		{Name: "videodatarate", Value: float64((key + frame*(keyInterval-1)) * 8 * fps / keyInterval / 1000)},
		{Name: "audiocodecid", Value: 10.0},
		{Name: "audiodatarate", Value: float64(audio * 8 * sampleRate / frameSamples / 1000)},
		{Name: "audiosamplerate", Value: float64(sampleRate)},
		{Name: "stereo", Value: true},
	})
	if err != nil {
		return nil, err
	}
	video, err := media.AppendVideoHeader(nil, videoHeader(media.VideoSequenceStart, true))
	if err != nil {
		return nil, err
	}
	sound, err := media.AppendAudioHeader(nil, audioHeader(media.AudioSequenceStart))
	if err != nil {
		return nil, err
	}
	return []*message.Message{
		{Type: message.TypeData, Payload: metadata},
		{Type: message.TypeVideo, Payload: append(video, videoConfig...)},
		{Type: message.TypeAudio, Payload: append(sound, audioConfig...)},
	}, nil
}

func videoHeader(kind media.VideoPacketType, isKey bool) media.Video {
	v := media.Video{Codec: media.AVC, FrameType: media.InterFrame, PacketType: kind}
	if isKey {
		v.FrameType = media.KeyFrame
	}
	return v
}

func audioHeader(kind media.AudioPacketType) media.Audio {
	return media.Audio{Codec: media.AAC, Flags: media.AACFlags, PacketType: kind}
}

// due returns when the next frame has to go out.
func (s *source) due() time.Duration { return min(videoTime(s.video), audioTime(s.audio)) }

// next returns the next frame, sent at the given time on the clock of the Test. It is borrowed until the next call.
func (s *source) next(sent time.Duration) (*message.Message, error) {
	if audioTime(s.audio) < videoTime(s.video) {
		return s.nextAudio(sent)
	}
	return s.nextVideo(sent)
}

func (s *source) nextVideo(sent time.Duration) (*message.Message, error) {
	const nal = 5 // bytes: the length of a NAL unit, and its first byte
	key, size, _ := s.sizes()
	isKey := s.video%keyInterval == 0
	if isKey {
		size = key
	}
	var err error
	if s.buf, err = media.AppendVideoHeader(s.buf[:0], videoHeader(media.VideoCodedFrames, isKey)); err != nil {
		return nil, err
	}
	body := s.room(size, nal+stampSize)
	binary.BigEndian.PutUint32(body, uint32(len(body)-4))
	body[4] = 0x41 // a slice
	if isKey {
		body[4] = 0x65
	}
	st := stamp{run: s.run, stream: s.stream, isKey: isKey, seq: s.video, sent: sent}
	st.put(body[nal:])
	m := &message.Message{Type: message.TypeVideo, Timestamp: message.Timestamp(0).Add(videoTime(s.video)), Payload: s.buf}
	s.video++
	return m, nil
}

func (s *source) nextAudio(sent time.Duration) (*message.Message, error) {
	var err error
	if s.buf, err = media.AppendAudioHeader(s.buf[:0], audioHeader(media.AudioCodedFrames)); err != nil {
		return nil, err
	}
	_, _, size := s.sizes()
	st := stamp{run: s.run, stream: s.stream, seq: s.audio, sent: sent}
	st.put(s.room(size, stampSize))
	m := &message.Message{Type: message.TypeAudio, Timestamp: message.Timestamp(0).Add(audioTime(s.audio)), Payload: s.buf}
	s.audio++
	return m, nil
}

// room makes s.buf, which holds the header, size bytes long, but leaves least bytes behind the header at any rate. It
// returns what is behind the header.
func (s *source) room(size, least int) []byte {
	header := len(s.buf)
	size = max(size, header+least)
	if cap(s.buf) < size {
		s.buf = append(make([]byte, 0, size), s.buf...)
	}
	s.buf = s.buf[:size]
	return s.buf[header:]
}
