package publish

import (
	"bufio"
	"io"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"

	"github.com/gortmp/rtmp/media"
)

// adtsLength returns the length in bytes of the ADTS frame that b begins with, and 0 if b does not begin with one.
//
// ISO/IEC 14496-3, section 1.A.3.2.
func adtsLength(b []byte) int {
	if len(b) < 7 || b[0] != 0xff || b[1]&0xf6 != 0xf0 {
		return 0
	}
	n := int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5]>>5)
	if n < 7 {
		return 0
	}
	return n
}

// parseADTS returns the frames of b, which consists of whole ADTS frames, and their configuration. The frames alias
// nothing.
func parseADTS(b []byte) (mpeg4audio.AudioSpecificConfig, [][]byte, error) {
	var packets mpeg4audio.ADTSPackets
	if err := packets.Unmarshal(b); err != nil {
		return mpeg4audio.AudioSpecificConfig{}, nil, &CodecError{Codec: media.AAC, Reason: "ADTS: " + err.Error()}
	}
	var frames [][]byte
	for _, p := range packets {
		frames = append(frames, p.AU)
	}
	return mpeg4audio.AudioSpecificConfig{
		Type: packets[0].Type, SampleRate: packets[0].SampleRate, ChannelConfig: packets[0].ChannelConfig,
	}, frames, nil
}

// An adtsSource reads AAC in ADTS frames. What is between frames is skipped.
type adtsSource struct {
	r       *bufio.Reader
	track   Track
	samples int64 // that were returned
}

func newADTSSource(r io.Reader) (Source, error) {
	s := &adtsSource{r: bufio.NewReaderSize(r, 16<<10)} // a frame has at most 8 KiB
	frame, err := s.frame(false)
	if err != nil {
		return nil, err
	}
	config, _, err := parseADTS(frame)
	if err != nil {
		return nil, err
	}
	asc, err := config.Marshal()
	if err != nil {
		return nil, &CodecError{Codec: media.AAC, Reason: err.Error()}
	}
	s.track = Track{Codec: media.AAC, Config: asc}
	s.track.describe()
	return s, nil
}

// frame returns the next frame, borrowed, and takes it off the input if take is set.
func (s *adtsSource) frame(take bool) ([]byte, error) {
	for {
		head, err := s.r.Peek(7)
		if err != nil {
			return nil, err // io.EOF, also for what is too short to be a frame
		}
		n := adtsLength(head)
		if n == 0 {
			s.r.Discard(1)
			continue
		}
		frame, err := s.r.Peek(n)
		if err == io.EOF {
			return nil, io.ErrUnexpectedEOF
		}
		if err == nil && take {
			s.r.Discard(n) // the bytes stay until the next read
		}
		return frame, err
	}
}

func (s *adtsSource) Tracks() []Track { return []Track{s.track} }

func (s *adtsSource) Close() error { return nil }

func (s *adtsSource) ReadPacket() (*Packet, error) {
	frame, err := s.frame(true)
	if err != nil {
		return nil, err
	}
	_, frames, err := parseADTS(frame)
	if err != nil {
		return nil, err
	}
	var data []byte // several blocks in a frame are rare, and come apart as frames of their own
	for _, f := range frames {
		data = append(data, f...)
	}
	at := ticks(s.samples, int64(s.track.SampleRate))
	s.samples += mpeg4audio.SamplesPerAccessUnit
	return &Packet{
		DTS: at, PTS: at, Duration: ticks(mpeg4audio.SamplesPerAccessUnit, int64(s.track.SampleRate)), Key: true, Data: data,
	}, nil
}
