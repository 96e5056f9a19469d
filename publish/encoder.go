package publish

import (
	"bytes"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"

	"github.com/gortmp/rtmp/media"
)

// A TrackWriter takes the frames of one video and one audio track, as encoders put them out. Times are those of the
// encoder, from any beginning, the same for sound and picture. A track has the codec of the first frame written to it.
//
// Its methods do not wait for the network and do not keep the frame. They return a *CodecError for a frame that is not
// what it is said to be, which ends nothing; net.ErrClosed after Close; the cause of the context after its end; and a
// *TargetError when the last target was given up.
type TrackWriter struct {
	p  *Publisher
	id int // on the wire

	video, audio encoderTrack // guarded by p.mu
}

// Track returns the writer of further tracks, with a track id from 1 to 255 that goes with every frame as Enhanced
// RTMP. Not many servers know what to do with them. Track 0 is the Publisher itself.
func (p *Publisher) Track(id uint8) *TrackWriter {
	if id == 0 {
		return p.TrackWriter
	}
	return &TrackWriter{p: p, id: int(id)}
}

// An encoderTrack is a track of a TrackWriter.
type encoderTrack struct {
	codec  media.Codec // 0 before the first frame
	index  int
	config []byte // of audio, as given or as in the last frame
	packer *nalPacker
	dts    interface {
		Extract(au [][]byte, pts int64) (int64, error)
	}
	last    time.Duration // DTS of the last frame
	hasLast bool
	samples sampleClock

	width, height int
}

// WriteH264 publishes an access unit in Annex B form: NAL units with start codes. Parameter sets may come with every
// key frame, or only with the first; new ones send a new sequence header. Pictures before the first key frame are
// ignored. The DTS is found by the picture order count; WriteH264DTS is for encoders that tell it.
func (w *TrackWriter) WriteH264(pts time.Duration, au []byte) error {
	return w.writeNAL(avcCodec, pts, nil, au)
}

// WriteH264DTS is WriteH264 for an encoder that tells the DTS.
func (w *TrackWriter) WriteH264DTS(pts, dts time.Duration, au []byte) error {
	return w.writeNAL(avcCodec, pts, &dts, au)
}

// WriteH265 is WriteH264 for H.265, which goes out as Enhanced RTMP unless Options.LegacyHEVC is set.
func (w *TrackWriter) WriteH265(pts time.Duration, au []byte) error {
	return w.writeNAL(hevcCodec, pts, nil, au)
}

// WriteH265DTS is WriteH265 for an encoder that tells the DTS.
func (w *TrackWriter) WriteH265DTS(pts, dts time.Duration, au []byte) error {
	return w.writeNAL(hevcCodec, pts, &dts, au)
}

func (w *TrackWriter) writeNAL(c *nalCodec, pts time.Duration, dts *time.Duration, au []byte) error {
	if !hasStartCode(au) {
		return &CodecError{Codec: c.codec, Reason: "an access unit in Annex B form begins with a start code"}
	}
	units := splitAnnexB(bytes.Clone(au))
	return w.locked(func() error {
		t := &w.video
		if err := t.is(c.codec); err != nil {
			return err
		}
		if t.packer == nil {
			t.packer = newNALPacker(c)
			if t.dts = h264Extractor(); c == hevcCodec {
				t.dts = h265Extractor()
			}
		}
		u, err := t.packer.pack(units)
		if err != nil || t.packer.config == nil {
			return err
		}
		var at time.Duration
		if dts != nil {
			at = *dts
		} else {
			at = t.extract(units, pts)
		}
		if u.data == nil || t.codec == 0 && !u.key {
			return nil // parameter sets alone, or what cannot be decoded yet
		}
		return w.write(t, c.codec, t.packer.config, &Packet{
			DTS: at, PTS: pts, Key: u.key, Disposable: !u.needed, Config: u.config, Data: u.data,
		})
	})
}

// extract returns the DTS of an access unit. If it cannot be found the DTS is that of the frame before, or the PTS.
func (t *encoderTrack) extract(units [][]byte, pts time.Duration) time.Duration {
	var n int64
	err := guard("dts", func() (err error) {
		n, err = t.dts.Extract(units, int64(pts*9/100/time.Microsecond))
		return err
	})
	if err == nil {
		return min(ticks(n, tsRate), pts)
	}
	if t.hasLast {
		return min(t.last, pts)
	}
	return pts
}

func h264Extractor() *h264.DTSExtractor {
	d := new(h264.DTSExtractor)
	d.Initialize()
	return d
}

func h265Extractor() *h265.DTSExtractor {
	d := new(h265.DTSExtractor)
	d.Initialize()
	return d
}

// WriteAV1 publishes a temporal unit of OBUs with sizes, as encoders and MP4 have it. Units before the first sequence
// header are ignored.
func (w *TrackWriter) WriteAV1(pts time.Duration, unit []byte) error {
	u, err := packAV1(unit)
	if err != nil {
		return err
	}
	return w.writeFrame(media.AV1, pts, u)
}

// WriteVP9 publishes a frame, or a superframe. Frames before the first key frame are ignored.
func (w *TrackWriter) WriteVP9(pts time.Duration, frame []byte) error {
	u, err := packVP9(frame)
	if err != nil {
		return err
	}
	return w.writeFrame(media.VP9, pts, u)
}

func (w *TrackWriter) writeFrame(c media.Codec, pts time.Duration, u unit) error {
	return w.locked(func() error {
		t := &w.video
		if err := t.is(c); err != nil {
			return err
		}
		if u.data == nil || t.codec == 0 && u.config == nil {
			return nil
		}
		t.width, t.height = u.width, u.height
		return w.write(t, c, u.config, &Packet{DTS: pts, PTS: pts, Key: u.key, Config: u.config, Data: u.data})
	})
}

// is reports an error if t has another codec than c.
func (t *encoderTrack) is(c media.Codec) error {
	if t.codec != 0 && t.codec != c {
		return &CodecError{Codec: c, Reason: "the track is of " + t.codec.String()}
	}
	return nil
}

// write publishes p, as the first packet of t with the given configuration or as one more.
func (w *TrackWriter) write(t *encoderTrack, c media.Codec, config []byte, p *Packet) error {
	if t.codec == 0 {
		track := Track{Codec: c, Config: config, Width: t.width, Height: t.height}
		track.describe()
		if t.samples.rate > 0 && track.SampleRate == 0 {
			track.SampleRate, track.Channels = t.samples.rate, t.samples.channels
		}
		index, err := w.p.addTrack(track, w.id)
		if err != nil {
			return err
		}
		t.codec, t.index = c, index
	}
	if t.hasLast {
		p.DTS = max(p.DTS, t.last)
	}
	t.last, t.hasLast = p.DTS, true
	p.Track = t.index
	return w.p.write(p)
}

// locked calls f with the publisher locked and able to publish.
func (w *TrackWriter) locked(f func() error) error {
	w.p.mu.Lock()
	defer w.p.mu.Unlock()
	if err := w.p.errLocked(); err != nil {
		return err
	}
	return f()
}
