package publish

import (
	"math"
	"strconv"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// metadata returns the onMetaData message for the tracks as they are: the first of each kind at the top level, the
// others in the maps of Enhanced RTMP.
//
// FLV 10.1, Annex E.5; Enhanced RTMP v2, section "Enhancing onMetaData".
func (m *muxer) metadata(at time.Duration) (frame, error) {
	md := append(media.Metadata{{Name: "duration", Value: round3(m.duration.Seconds())}}, m.given...)
	var videos, audios amf0.Object
	for i := range m.tracks {
		t := &m.tracks[i]
		values := t.metadata(m.legacyHEVC)
		id := strconv.Itoa(int(t.id))
		switch {
		case t.id == 0:
			for _, v := range values {
				md.Set(v.Name, v.Value)
			}
		case t.Video():
			videos.Set(id, amf0.Object(values))
		default:
			audios.Set(id, amf0.Object(values))
		}
	}
	if len(videos) > 0 {
		md.Set("videoTrackIdInfoMap", videos)
	}
	if len(audios) > 0 {
		md.Set("audioTrackIdInfoMap", audios)
	}
	if _, ok := md.Get("encoder"); !ok {
		md.Set("encoder", "gortmp")
	}
	payload, err := media.AppendMetadata(nil, md)
	return frame{
		header: true, slot: slot{message.TypeData, 0, slotMetadata}, at: at,
		message: newMessage(message.TypeData, at, payload),
	}, err
}

// metadata returns what is known of t.
func (t *muxTrack) metadata(legacyHEVC bool) media.Metadata {
	var md media.Metadata
	number := func(name string, v float64) {
		if v > 0 && !math.IsInf(v, 0) {
			md = append(md, amf0.Property{Name: name, Value: v})
		}
	}
	if t.Video() {
		number("width", float64(t.Width))
		number("height", float64(t.Height))
		number("framerate", round3(t.FrameRate))
		number("videodatarate", round3(float64(t.Bitrate)/1000))
		number("videocodecid", codecID(t.Codec, t.video(legacyHEVC).Enhanced))
		return md
	}
	number("audiodatarate", round3(float64(t.Bitrate)/1000))
	number("audiosamplerate", float64(t.SampleRate))
	number("audiosamplesize", 16)
	number("audiochannels", float64(t.Channels))
	md = append(md, amf0.Property{Name: "stereo", Value: t.Channels == 2})
	number("audiocodecid", codecID(t.Codec, t.audio().Enhanced))
	return md
}

// codecID returns the number of c in the form in which its frames are sent.
func codecID(c media.Codec, enhanced bool) float64 {
	if n, ok := c.FourCC(); ok && enhanced {
		return float64(n)
	}
	n, _ := c.ClassicID()
	return float64(n)
}

func round3(v float64) float64 { return math.Round(v*1000) / 1000 }
