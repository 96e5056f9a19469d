package record

import (
	"bytes"
	"io"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts/codecs"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts/substructs"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/publish"
)

// tsRate is the clock of MPEG-TS in Hz.
const tsRate = 90000

// tsBegin is the time of the first packet. Ours: the clock reference is ahead of it, and tracks may begin a little
// earlier than the one that comes first.
const tsBegin = 2 * time.Second

// A TSWriter writes MPEG-TS, which is playable as far as it is written. The parameter sets of H.264 and H.265 stand in
// front of every key frame.
//
// ISO/IEC 13818-1.
type TSWriter struct {
	w      io.Writer
	buf    bytes.Buffer   // a packet on its way to w
	mux    *mpegts.Writer // nil before the first packet
	tracks []*tsTrack
	base   time.Duration // DTS of the source that is at tsBegin; valid if mux is not nil
	size   int64         // bytes written, up to the last whole packet
	err    error         // of the first write that failed
}

var _ Writer = (*TSWriter)(nil)

type tsTrack struct {
	publish.Track
	timeline
	ts mpegts.Track
}

// NewTS returns a writer to w, which the caller closes after it. If w is an empty file that can be truncated, the file
// ends with a whole frame even if the disk is full.
func NewTS(w io.Writer) *TSWriter { return &TSWriter{w: w} }

// newTSTrack returns t as a track of MPEG-TS, or a *FormatError.
func newTSTrack(t *publish.Track) (*tsTrack, error) {
	track := &tsTrack{Track: *t}
	refuse := func(reason string) (*tsTrack, error) {
		return nil, &FormatError{Format: TS, Codec: t.Codec, Reason: reason}
	}
	switch t.Codec {
	case media.AVC, media.HEVC:
		if _, err := track.AccessUnit(&publish.Packet{}); err != nil {
			return refuse("its configuration record is damaged")
		}
		track.ts.Codec = &codecs.H264{}
		if t.Codec == media.HEVC {
			track.ts.Codec = &codecs.H265{}
		}
	case media.AAC:
		c := &codecs.MPEG4Audio{}
		if err := c.Unmarshal(t.Config); err != nil {
			return refuse(err.Error())
		}
		// A trial: the form with a header in each frame has not all configurations.
		trial := mpeg4audio.ADTSPackets{{Type: c.Type, SampleRate: c.SampleRate, ChannelConfig: c.ChannelConfig, AU: []byte{0}}}
		if _, err := trial.Marshal(); err != nil || c.ChannelConfig == 0 {
			return refuse("a configuration that ADTS has no room for")
		}
		track.ts.Codec = c
	case media.MP3:
		if t.SampleRate < 32000 {
			return refuse("at less than 32 kHz")
		}
		track.ts.Codec = &codecs.MPEG1Audio{}
	case media.Opus:
		if t.Channels < 1 || t.Channels > 8 {
			return refuse("with more than 8 channels")
		}
		track.ts.Codec = &codecs.Opus{Desc: &substructs.OpusAudioDescriptor{ChannelConfigCode: uint8(t.Channels)}}
	case media.AC3:
		track.ts.Codec = &codecs.AC3{SampleRate: t.SampleRate, ChannelCount: t.Channels}
	case media.EAC3:
		track.ts.Codec = &codecs.EAC3{SampleRate: t.SampleRate, ChannelCount: t.Channels}
	default:
		return refuse("")
	}
	return track, nil
}

// AddTrack adds a track before the first packet.
func (w *TSWriter) AddTrack(t publish.Track) error {
	track, err := newTSTrack(&t)
	if err != nil {
		return err
	}
	if w.mux != nil {
		return &FormatError{Format: TS, Codec: t.Codec, Reason: "it began after the others"}
	}
	w.tracks = append(w.tracks, track)
	return nil
}

// WritePacket writes p. A changed configuration goes into the stream; a *FormatError ends it.
func (w *TSWriter) WritePacket(p *publish.Packet) error {
	if w.err != nil {
		return w.err
	}
	t := w.tracks[p.Track]
	if p.Config != nil {
		t.SetConfig(p.Config)
		changed, err := newTSTrack(&t.Track)
		if err != nil {
			return err
		}
		t.ts.Codec = changed.ts.Codec
	}
	q := *p
	if !t.admit(&t.Track, &q) {
		return nil
	}
	if w.mux == nil {
		w.base = q.DTS
		w.mux = &mpegts.Writer{W: &w.buf}
		for _, t := range w.tracks {
			w.mux.Tracks = append(w.mux.Tracks, &t.ts)
		}
		if w.err = w.mux.Initialize(); w.err != nil {
			return w.err
		}
	}
	if w.err = w.write(t, &q); w.err == nil {
		w.err = w.flush()
	}
	return w.err
}

// flush writes what the multiplexer has made of a packet.
func (w *TSWriter) flush() error {
	_, err := w.w.Write(w.buf.Bytes())
	if err != nil {
		if f, ok := w.w.(interface{ Truncate(int64) error }); ok {
			f.Truncate(w.size) // the error that counts is the first one
		}
		return err
	}
	w.size += int64(w.buf.Len())
	w.buf.Reset()
	return nil
}

func (w *TSWriter) write(t *tsTrack, p *publish.Packet) error {
	pts, dts := ticks(p.PTS-w.base+tsBegin, tsRate), ticks(p.DTS-w.base+tsBegin, tsRate)
	switch t.Codec {
	case media.AVC, media.HEVC:
		units, err := t.AccessUnit(p)
		if err != nil || len(units) == 0 {
			return nil // damaged on its way: a decoder goes on with the next one
		}
		if t.Codec == media.AVC {
			return w.mux.WriteH264(&t.ts, pts, dts, units)
		}
		return w.mux.WriteH265(&t.ts, pts, dts, units)
	case media.AAC:
		return w.mux.WriteMPEG4Audio(&t.ts, pts, [][]byte{p.Data})
	case media.MP3:
		return w.mux.WriteMPEG1Audio(&t.ts, pts, [][]byte{p.Data})
	case media.Opus:
		return w.mux.WriteOpus(&t.ts, pts, [][]byte{p.Data})
	case media.AC3:
		return w.mux.WriteAC3(&t.ts, pts, p.Data)
	}
	return w.mux.WriteEAC3(&t.ts, pts, p.Data)
}

// Close returns ErrEmpty if there was no frame, or the error that ended the recording.
func (w *TSWriter) Close() error {
	if w.err == nil && w.mux == nil {
		return ErrEmpty
	}
	return w.err
}
