package publish

import (
	"bytes"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/ac3"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/eac3"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg1audio"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"

	"github.com/gortmp/rtmp/media"
)

// A sampleClock is what frames of some codecs say about themselves.
type sampleClock struct{ rate, channels int }

// clockOf returns what a frame of AC-3, E-AC-3 or MP3 says, or a *CodecError.
func clockOf(c media.Codec, frame []byte) (sampleClock, error) {
	var clock sampleClock
	err := guard(c.String(), func() error {
		switch c {
		case media.AC3:
			var sync ac3.SyncInfo
			var bsi ac3.BSI
			if err := sync.Unmarshal(frame); err != nil {
				return err
			}
			if err := bsi.Unmarshal(frame[5:]); err != nil {
				return err
			}
			clock = sampleClock{sync.SampleRate(), bsi.ChannelCount()}
		case media.EAC3:
			var sync eac3.SyncInfo
			if err := sync.Unmarshal(frame); err != nil {
				return err
			}
			clock = sampleClock{sync.SampleRate(), sync.ChannelCount()}
		case media.MP3:
			var h mpeg1audio.FrameHeader
			if err := h.Unmarshal(frame); err != nil {
				return err
			}
			if h.Layer != 3 {
				return errNotLayer3
			}
			clock = sampleClock{h.SampleRate, mp3Channels(h)}
		}
		return nil
	})
	if err != nil {
		return sampleClock{}, &CodecError{Codec: c, Reason: err.Error()}
	}
	return clock, nil
}

// SetConfig gives the configuration of the audio track: the AudioSpecificConfig of raw AAC, the OpusHead of Opus with
// more than two channels, "fLaC" with the STREAMINFO block of FLAC. It comes before the first frame; later it sends a
// new sequence header. config is not kept.
func (w *TrackWriter) SetConfig(c media.Codec, config []byte) error {
	return w.locked(func() error {
		if err := w.audio.is(c); err != nil {
			return err
		}
		w.audio.config = bytes.Clone(config)
		return nil
	})
}

// WriteAAC publishes one or more frames in ADTS, or one raw frame for which SetConfig gave the configuration.
func (w *TrackWriter) WriteAAC(pts time.Duration, frame []byte) error {
	if adtsLength(frame) == 0 {
		return w.writeAudio(media.AAC, pts, bytes.Clone(frame))
	}
	config, frames, err := parseADTS(bytes.Clone(frame))
	if err != nil {
		return err
	}
	asc, err := config.Marshal()
	if err != nil {
		return &CodecError{Codec: media.AAC, Reason: err.Error()}
	}
	if err := w.SetConfig(media.AAC, asc); err != nil {
		return err
	}
	for i, f := range frames {
		at := pts + ticks(int64(i)*mpeg4audio.SamplesPerAccessUnit, int64(config.SampleRate))
		if err := w.writeAudio(media.AAC, at, f); err != nil {
			return err
		}
	}
	return nil
}

// WriteOpus publishes an Opus packet. Without SetConfig, its first byte says whether it is mono or stereo.
func (w *TrackWriter) WriteOpus(pts time.Duration, packet []byte) error {
	if len(packet) == 0 {
		return &CodecError{Codec: media.Opus, Reason: "an empty packet"}
	}
	return w.locked(func() error {
		if w.audio.config == nil {
			w.audio.config = opusHeadOf(packet)
		}
		return w.writeAudioLocked(media.Opus, pts, sampleClock{}, bytes.Clone(packet))
	})
}

// WriteAC3 publishes a frame of AC-3.
func (w *TrackWriter) WriteAC3(pts time.Duration, frame []byte) error {
	return w.writeSelfContained(media.AC3, pts, frame)
}

// WriteEAC3 publishes a frame of E-AC-3.
func (w *TrackWriter) WriteEAC3(pts time.Duration, frame []byte) error {
	return w.writeSelfContained(media.EAC3, pts, frame)
}

// WriteFLAC publishes a frame of FLAC, for which SetConfig gave the configuration. A frame that begins with "fLaC" is
// that configuration, as encoders put it out first.
func (w *TrackWriter) WriteFLAC(pts time.Duration, frame []byte) error {
	if bytes.HasPrefix(frame, []byte("fLaC")) {
		const streamInfo = 34 // bytes
		if len(frame) < flacPrefix+streamInfo || frame[4]&0x7f != 0 {
			return &CodecError{Codec: media.FLAC, Reason: "there is no STREAMINFO behind the marker"}
		}
		return w.SetConfig(media.FLAC, flacConfig(frame[flacPrefix:flacPrefix+streamInfo]))
	}
	return w.writeAudio(media.FLAC, pts, bytes.Clone(frame))
}

// WriteMP3 publishes a frame of MP3.
func (w *TrackWriter) WriteMP3(pts time.Duration, frame []byte) error {
	return w.writeSelfContained(media.MP3, pts, frame)
}

// writeSelfContained publishes a frame of a codec whose frames say all that is to be known.
func (w *TrackWriter) writeSelfContained(c media.Codec, pts time.Duration, frame []byte) error {
	clock, err := clockOf(c, frame)
	if err != nil {
		return err
	}
	return w.locked(func() error {
		return w.writeAudioLocked(c, pts, clock, bytes.Clone(frame))
	})
}

// writeAudio publishes a frame of a codec that needs a configuration. It is kept.
func (w *TrackWriter) writeAudio(c media.Codec, pts time.Duration, frame []byte) error {
	return w.locked(func() error {
		if w.audio.config == nil {
			return &CodecError{Codec: c, Reason: "SetConfig has to come first"}
		}
		return w.writeAudioLocked(c, pts, sampleClock{}, frame)
	})
}

func (w *TrackWriter) writeAudioLocked(c media.Codec, pts time.Duration, clock sampleClock, frame []byte) error {
	t := &w.audio
	if err := t.is(c); err != nil {
		return err
	}
	if len(frame) == 0 {
		return &CodecError{Codec: c, Reason: "an empty frame"}
	}
	t.samples = clock
	return w.write(t, c, t.config, &Packet{DTS: pts, PTS: pts, Key: true, Config: t.config, Data: frame})
}
