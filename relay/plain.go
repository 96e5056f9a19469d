package relay

import (
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// plain returns what m, which has a multitrack header, is to a player that cannot read those: track 0 alone, for AVC,
// AAC and MP3 in the classic form, which every player reads. It returns nil if m says nothing about track 0, or
// nothing that has such a form.
func plain(m *message.Message) *message.Message {
	payload := plainVideo
	if m.Type == message.TypeAudio {
		payload = plainAudio
	}
	p := *m
	if p.Payload = payload(m.Payload); p.Payload == nil {
		return nil
	}
	return &p
}

func plainVideo(payload []byte) []byte {
	v, err := media.ParseVideo(payload)
	t, ok := trackZero(v.Tracks())
	if err != nil || !ok {
		return nil
	}
	v = v.WithTrack(t)
	if v.Codec == media.AVC {
		v.Enhanced, v.ModEx, v.Nanos = false, nil, 0
		if v.PacketType == media.VideoCodedFramesX {
			v.PacketType = media.VideoCodedFrames
		}
	}
	head, err := media.AppendVideoHeader(make([]byte, 0, 16+len(v.Body)), v)
	if err != nil {
		return nil // it has no classic form
	}
	return append(head, v.Body...)
}

func plainAudio(payload []byte) []byte {
	a, err := media.ParseAudio(payload)
	t, ok := trackZero(a.Tracks())
	if err != nil || !ok {
		return nil
	}
	a = a.WithTrack(t)
	if a.Codec == media.AAC || a.Codec == media.MP3 {
		a.Enhanced, a.ModEx, a.Nanos = false, nil, 0
		a.Flags = media.AACFlags // 44.1 kHz, 16 bits, stereo: what it really is, is in the stream
	}
	head, err := media.AppendAudioHeader(make([]byte, 0, 16+len(a.Body)), a)
	if err != nil {
		return nil
	}
	return append(head, a.Body...)
}

// trackZero returns the part of a message that is about track 0.
func trackZero(list media.Tracks) (media.Track, bool) {
	for list.Next() {
		if t := list.Track(); t.ID == 0 {
			return t, true
		}
	}
	return media.Track{}, false
}
