package publish

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// A script gives messages, and then an error.
type script struct {
	messages []*message.Message
	err      error
}

func (s *script) add(frames ...frame) {
	for _, f := range frames {
		s.messages = append(s.messages, f.message)
	}
}

func (s *script) ReadMessage() (*message.Message, error) {
	if len(s.messages) == 0 {
		return nil, s.err
	}
	m := s.messages[0]
	s.messages = s.messages[1:]
	return m, nil
}

const ms = time.Millisecond

// demux returns what a Demuxer makes of s.
func demux(t *testing.T, s *script) ([]Track, []*Packet) {
	t.Helper()
	d := NewDemuxer(s)
	if err := d.Probe(); err != nil {
		t.Fatalf("Probe error = %v", err)
	}
	var list []*Packet
	for {
		p, err := d.ReadPacket()
		if err != nil {
			if !errors.Is(err, s.err) {
				t.Fatalf("ReadPacket error = %v, want %v", err, s.err)
			}
			return d.Tracks(), list
		}
		list = append(list, p)
	}
}

// What a Publisher makes of packets, a Demuxer makes packets of again.
func TestDemuxIsInverse(t *testing.T) {
	tracks := []Track{
		{Codec: media.AVC, Config: []byte("avcC"), Width: 640, Height: 360},
		{Codec: media.HEVC, Config: []byte("hvcC")},
		{Codec: media.AV1, Config: []byte("av1C")},
		{Codec: media.AAC, Config: []byte{0x12, 0x10}},
		{Codec: media.Opus, Config: simpleOpusHead(2)},
		{Codec: media.FLAC, Config: []byte("fLaC")},
	}
	var m muxer
	for _, tr := range tracks {
		m.add(tr, next)
	}
	packets := []*Packet{
		{Track: 3, DTS: 0, PTS: 0, Key: true, Data: []byte("sound")},
		{Track: 0, DTS: 0, PTS: 80 * ms, Key: true, Data: []byte("key")},
		{Track: 1, DTS: 0, PTS: 0, Key: true, Data: []byte("second picture")},
		{Track: 4, DTS: 1 * ms, PTS: 1 * ms, Key: true, Data: []byte("second sound")},
		{Track: 2, DTS: 2 * ms, PTS: 2 * ms, Key: true, Data: []byte("third picture")},
		{Track: 5, DTS: 3 * ms, PTS: 3 * ms, Key: true, Data: []byte("third sound")},
		{Track: 0, DTS: 40 * ms, PTS: 30 * ms, Data: []byte("shown before it is decoded")},
		{Track: 1, DTS: 41 * ms, PTS: 141 * ms, Data: []byte("with B-frames")},
		{Track: 0, DTS: 80 * ms, PTS: 80 * ms, Key: true, Config: []byte("another avcC"), Data: []byte("another size")},
		{Track: 3, DTS: 81 * ms, PTS: 81 * ms, Key: true, Config: []byte{0x11, 0x90}, Data: []byte("another rate")},
	}
	s := &script{err: io.EOF}
	headers, err := m.headers(0)
	if err != nil {
		t.Fatal(err)
	}
	s.add(headers...)
	for _, p := range packets {
		frames, err := m.packet(p)
		if err != nil {
			t.Fatal(err)
		}
		s.add(frames...)
	}
	s.add(m.end()...)

	gotTracks, got := demux(t, s)
	if diff := cmp.Diff(packets, got); diff != "" {
		t.Errorf("packets (-sent +received):\n%s", diff)
	}
	tracks[3].SampleRate, tracks[3].Channels = 44100, 2
	tracks[4].SampleRate, tracks[4].Channels = 48000, 2
	if diff := cmp.Diff(tracks, gotTracks); diff != "" {
		t.Errorf("tracks (-sent +received):\n%s", diff)
	}
}

// frames of AAC with a header in front, at the times given.
func aacMessages(at ...message.Timestamp) []*message.Message {
	list := []*message.Message{{Type: message.TypeAudio, Timestamp: at[0], Payload: []byte{0xaf, 0, 0x12, 0x10}}}
	for _, t := range at {
		list = append(list, &message.Message{Type: message.TypeAudio, Timestamp: t, Payload: []byte{0xaf, 1, 0x21}})
	}
	return list
}

func TestDemuxTimes(t *testing.T) {
	const top = 1 << 32
	tests := []struct {
		name string
		at   []message.Timestamp
		want []time.Duration
	}{
		{"wrap", []message.Timestamp{top - 23, 0, 23}, []time.Duration{(top - 23) * ms, top * ms, (top + 23) * ms}},
		{"a second publisher begins at 0", []message.Timestamp{5000, 5023, 0, 23, 46},
			[]time.Duration{5000 * ms, 5023 * ms, 5043 * ms, 5066 * ms, 5089 * ms}},
		{"a third one, too", []message.Timestamp{5000, 0, 3000, 10},
			[]time.Duration{5000 * ms, 5020 * ms, 8020 * ms, 8040 * ms}},
		{"the next one is a month ahead", []message.Timestamp{5000, 1 << 31, 1<<31 + 23}, []time.Duration{5000 * ms, 5020 * ms, 5043 * ms}},
		{"a hole of half an hour", []message.Timestamp{5000, 1805000}, []time.Duration{5000 * ms, 1805000 * ms}},
		{"disorder is no new beginning", []message.Timestamp{5000, 4200, 5023},
			[]time.Duration{5000 * ms, 4200 * ms, 5023 * ms}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, packets := demux(t, &script{aacMessages(tt.at...), io.EOF})
			var got []time.Duration
			for _, p := range packets {
				got = append(got, p.DTS)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("DTS (-want +got):\n%s", diff)
			}
		})
	}
}

// A track that begins late, and one whose codec changes, are found.
func TestDemuxLateTracks(t *testing.T) {
	video := func(at message.Timestamp, b ...byte) *message.Message {
		return &message.Message{Type: message.TypeVideo, Timestamp: at, Payload: b}
	}
	s := &script{err: io.ErrUnexpectedEOF}
	s.messages = append(s.messages, video(0, 0x27, 1, 0, 0, 0, 0xee)) // before any configuration
	s.messages = append(s.messages, aacMessages(0, 3000)...)
	s.messages = append(s.messages,
		video(3001, 0x17, 0, 0, 0, 0, 1, 2, 3), video(3001, 0x17, 1, 0, 0, 0, 0xaa),
		video(3040, 0x90, 'h', 'v', 'c', '1', 4, 5, 6), video(3040, 0x93, 'h', 'v', 'c', '1', 0xbb),
		&message.Message{Type: message.TypeVideo, Timestamp: 3080, // two tracks in one message
			Payload: []byte{0x96, 0x13, 'h', 'v', 'c', '1', 0, 0, 0, 1, 0xcc, 7, 0, 0, 1, 0xdd}},
	)
	tracks, packets := demux(t, s)
	wantTracks := []Track{
		{Codec: media.AAC, Config: []byte{0x12, 0x10}, SampleRate: 44100, Channels: 2},
		{Codec: media.AVC, Config: []byte{1, 2, 3}},
		{Codec: media.HEVC, Config: []byte{4, 5, 6}},
	}
	if diff := cmp.Diff(wantTracks, tracks); diff != "" {
		t.Errorf("tracks (-want +got):\n%s", diff)
	}
	want := []*Packet{
		{Track: 0, Key: true, Data: []byte{0x21}},
		{Track: 0, DTS: 3000 * ms, PTS: 3000 * ms, Key: true, Data: []byte{0x21}},
		{Track: 1, DTS: 3001 * ms, PTS: 3001 * ms, Key: true, Data: []byte{0xaa}},
		{Track: 2, DTS: 3040 * ms, PTS: 3040 * ms, Key: true, Data: []byte{0xbb}},
		{Track: 2, DTS: 3080 * ms, PTS: 3080 * ms, Key: true, Data: []byte{0xcc}},
	}
	if diff := cmp.Diff(want, packets); diff != "" { // track 7 has no configuration
		t.Errorf("packets (-want +got):\n%s", diff)
	}
}

func TestDemuxErrors(t *testing.T) {
	failed := errors.New("failed")
	if err := NewDemuxer(&script{err: io.EOF}).Probe(); !errors.Is(err, ErrNoTracks) {
		t.Errorf("Probe of nothing: error = %v, want ErrNoTracks", err)
	}
	if err := NewDemuxer(&script{err: failed}).Probe(); !errors.Is(err, failed) {
		t.Errorf("Probe of a reader that fails: error = %v, want its own", err)
	}
	d := NewDemuxer(&script{aacMessages(0), failed})
	if err := d.Probe(); err != nil {
		t.Errorf("Probe of a reader that fails after a frame: error = %v", err)
	}
	if p, err := d.ReadPacket(); err != nil {
		t.Errorf("ReadPacket = %v, %v, want the frame", p, err)
	}
	if p, err := d.ReadPacket(); !errors.Is(err, failed) {
		t.Errorf("ReadPacket = %v, %v, want the error of the reader", p, err)
	}
}
