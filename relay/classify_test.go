package relay

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/internal/golden"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

func set(ids ...uint8) (t tracks) {
	for _, id := range ids {
		t.add(id)
	}
	return t
}

func TestClassify(t *testing.T) {
	const (
		videoKind = message.TypeVideo
		audioKind = message.TypeAudio
	)
	colors, channels := uint8(media.VideoMetadata), uint8(media.AudioMultichannelConfig)
	coded, codedX := uint8(media.VideoCodedFrames), uint8(media.VideoCodedFramesX)
	tests := []struct {
		word string
		want description
	}{
		{"avc1", description{isConfig, videoKind, sequenceHeader, media.AVC, set(0)}},
		{"K1", description{isVideo | isKey, videoKind, coded, media.AVC, set(0)}},
		{"f1", description{isVideo | isFrame, videoKind, coded, media.AVC, set(0)}},
		{"end1", description{isVideo, videoKind, uint8(media.VideoSequenceEnd), media.AVC, set(0)}},
		{"seek1", description{class: isVideo, kind: videoKind, codec: media.AVC, packet: coded}},
		{"Kflash1", description{isVideo | isKey, videoKind, coded, media.H263, set(0)}},
		{"avts1", description{isConfig, videoKind, sequenceHeader, media.AV1, set(0)}},
		{"Kh1", description{isVideo | isKey, videoKind, codedX, media.HEVC, set(0)}},
		{"color1", description{isConfig, videoKind, colors, media.HEVC, set(0)}},
		{"hdr1", description{isConfig, videoKind, colors, media.HEVC, set(0)}},
		{"K1#255", description{isVideo | isKey | isMulti, videoKind, coded, media.AVC, set(255)}},
		{"K1#0", description{isVideo | isKey | isMulti, videoKind, coded, media.AVC, set(0)}},
		{"f1#63,64,200", description{isVideo | isFrame | isMulti | isMany, videoKind, coded, media.AVC, set(63, 64, 200)}},
		{"avc1#0,1x", description{isConfig | isMulti | isMany, videoKind, sequenceHeader, 0, set(0, 1)}},
		{"none", description{class: isVideo}},
		{"bad1", description{class: isVideo}},

		{"aac1", description{isConfig, audioKind, sequenceHeader, media.AAC, set(0)}},
		{"a1", description{isAudio, audioKind, 1, media.AAC, set(0)}},
		{"mp1", description{isAudio, audioKind, 1, media.MP3, set(0)}},
		{"sound1", description{isAudio, audioKind, 1, media.DeviceSound, set(0)}},
		{"chan1", description{isConfig, audioKind, channels, media.Opus, set(0)}},
		{"chan1#1,2", description{isConfig | isMulti | isMany, audioKind, channels, media.Opus, set(1, 2)}},
		{"o1#1", description{isAudio | isMulti, audioKind, 1, media.Opus, set(1)}},
		{"silence", description{class: isAudio, kind: audioKind}},

		{"meta1", description{class: isConfig, kind: message.TypeData, tracks: set(0)}},
		{"metaamf1", description{class: isConfig, kind: message.TypeData, tracks: set(0)}},
		{"clear1", description{class: isClearing, kind: message.TypeData, tracks: set(0)}},
		{"clearall", description{class: isClearing, kind: message.TypeData, tracks: set(0)}},
		{"clearcue1", description{kind: message.TypeData}},
		{"cue1", description{kind: message.TypeData}},
		{"unknown1", description{kind: message.TypeData}},
	}
	for _, tt := range tests {
		t.Run(tt.word, func(t *testing.T) {
			m := newScript(t).message(tt.word)
			got := classify(m)
			if got != tt.want {
				t.Errorf("classify(%v, %x) = %+v, want %+v", m.Type, m.Payload, got, tt.want)
			}
		})
	}
}

// A message that lies about its tracks is passed on but means nothing.
func TestClassifyLies(t *testing.T) {
	if got := classify(&message.Message{Type: message.TypeAudio, Payload: []byte{0xAF}}).class; got != isAudio {
		t.Errorf("classify of a cut audio header is %b", got)
	}
	for _, word := range []string{"K1#0,1", "avc1#0,1", "avc1#0,1x", "aac1#0,1", "chan1#0,1x"} {
		m := newScript(t).message(word)
		m.Payload = m.Payload[:len(m.Payload)-1]
		if got := classify(m).class; got&(isKey|isFrame|isConfig) != 0 {
			t.Errorf("classify of %s without its last byte is %b", word, got)
		}
		if p := plain(m); p != nil && classify(p).class&isMulti != 0 {
			t.Errorf("plain of %s without its last byte is %x", word, p.Payload)
		}
	}
}

// Every vector of audio and video: none allocates, and what is plain is no multitrack message any more.
func TestClassifyVectors(t *testing.T) {
	for _, v := range golden.Vectors(t) {
		kind := message.TypeAudio
		switch v.Name[:3] {
		case "ev.":
			kind = message.TypeVideo
		case "ea.":
		default:
			continue
		}
		m := &message.Message{Type: kind, Payload: v.Bytes}
		if n := testing.AllocsPerRun(10, func() { classify(m) }); n != 0 {
			t.Errorf("%s: classify allocates %v times", v.Name, n)
		}
		d := classify(m)
		if d.class&isMulti == 0 {
			continue
		}
		if p := plain(m); p != nil {
			if got := classify(p); got.class&isMulti != 0 || got.first() != 0 {
				t.Errorf("%s: plain gives %x, which is %+v", v.Name, p.Payload, got)
			}
		} else if d.tracks.has(0) && d.class&isConfig == 0 {
			t.Errorf("%s has track 0, but there is no plain form of it", v.Name)
		}
	}
}

func TestPlain(t *testing.T) {
	tests := []struct{ word, want string }{
		{"avc1#0", "avc1"},
		{"K1#1,0", "K1"},
		{"Kx1#0", "K1"},
		{"f1#1,0x", "f1"},
		{"K1#1", ""},
		{"K1#1,2", ""},
		{"Kh1#0", "Kh1"},
		{"hevc1#0,1x", "hevc1"},
		{"color1#0", "color1"},
		{"aac1#0", "aac1"},
		{"a1#3,0", "a1"},
		{"opus1#0", "opus1"},
		{"chan1#0,1x", "chan1"},
		{"a1#1", ""},
		{"mp1#0", "mp1"},
	}
	for _, tt := range tests {
		s := newScript(t)
		m := s.message(tt.word + "@77")
		got := ""
		if p := plain(m); p != nil {
			s.learn(tt.want)
			if p.Timestamp != m.Timestamp {
				t.Errorf("plain(%s) has the timestamp %d, want %d", tt.word, p.Timestamp, m.Timestamp)
			}
			p.Timestamp = 0
			got = s.word(p)
		}
		if got != tt.want {
			t.Errorf("plain(%s) = %q, want %q", tt.word, got, tt.want)
		}
	}
}

// What has no classic form is nothing to a classic player, and nothing is made of what cannot be read.
func TestPlainNothing(t *testing.T) {
	avc, err := media.AppendVideoHeader(nil, media.Video{
		Codec: media.AVC, Enhanced: true, PacketType: media.VideoMetadata, Multitrack: media.OneTrack,
	})
	if err != nil {
		t.Fatal(err)
	}
	aac, err := media.AppendAudioHeader(nil, media.Audio{
		Codec: media.AAC, Enhanced: true, PacketType: media.AudioMultichannelConfig, Multitrack: media.OneTrack,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*message.Message{
		{Type: message.TypeVideo, Payload: avc},
		{Type: message.TypeAudio, Payload: aac},
		{Type: message.TypeVideo, Payload: []byte{0x96}},
		{Type: message.TypeAudio, Payload: []byte{0x95}},
	} {
		if p := plain(m); p != nil {
			t.Errorf("plain(%v, %x) = %x, want nothing", m.Type, m.Payload, p.Payload)
		}
	}
}

func TestReadsMultitrack(t *testing.T) {
	list := func(codecs ...any) amf0.Property {
		return amf0.Property{Name: "fourCcList", Value: amf0.StrictArray(codecs)}
	}
	caps := func(v any) amf0.Property { return amf0.Property{Name: "capsEx", Value: v} }
	tests := []struct {
		name    string
		connect amf0.Object
		want    bool
	}{
		{"nothing", nil, false},
		{"capsEx with multitrack", amf0.Object{caps(6.0)}, true},
		{"capsEx without it", amf0.Object{caps(13.0)}, false},
		{"capsEx counts more than the list", amf0.Object{caps(0.0), list("Opus")}, false},
		{"capsEx out of range", amf0.Object{caps(-2.0)}, false},
		{"capsEx that is no number", amf0.Object{caps("2"), list("hvc1")}, false},
		{"ffmpeg 7.1", amf0.Object{list("hvc1", "av01", "vp09")}, false},
		{"ffmpeg 9", amf0.Object{list("hvc1", "av01", "Opus", "mp4a")}, true},
		{"any codec", amf0.Object{list("*")}, false},
		{"no list", amf0.Object{{Name: "fourCcList", Value: "Opus"}}, false},
		{"maps alone", amf0.Object{{Name: "videoFourCcInfoMap", Value: amf0.Object{{Name: "*", Value: 1.0}}}}, false},
	}
	for _, tt := range tests {
		if got := readsMultitrack(tt.connect); got != tt.want {
			t.Errorf("%s: readsMultitrack(%v) = %t, want %t", tt.name, tt.connect, got, tt.want)
		}
	}
}

func TestTracks(t *testing.T) {
	a, b := set(0, 63, 64, 255), set(63, 200)
	if !a.meet(&b) || !b.meet(&a) {
		t.Errorf("%v and %v have 63 in common", a, b)
	}
	a.remove(&b)
	if diff := cmp.Diff(set(0, 64, 255), a); diff != "" {
		t.Errorf("remove (-want +got):\n%s", diff)
	}
	if a.meet(&b) || a.has(63) || !a.has(64) || a.none() {
		t.Errorf("after remove: %v", a)
	}
}
