package relay

import (
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// vocabulary has a function for each name that makes the message.
var vocabulary = map[string]func(layout, []byte) *message.Message{
	"avc":    video(media.Video{Codec: media.AVC, FrameType: media.KeyFrame, PacketType: media.VideoSequenceStart}),
	"K":      video(media.Video{Codec: media.AVC, FrameType: media.KeyFrame, PacketType: media.VideoCodedFrames}),
	"Kx":     video(media.Video{Codec: media.AVC, FrameType: media.KeyFrame, PacketType: media.VideoCodedFramesX, Enhanced: true}),
	"f":      video(media.Video{Codec: media.AVC, FrameType: media.InterFrame, PacketType: media.VideoCodedFrames}),
	"end":    video(media.Video{Codec: media.AVC, FrameType: media.KeyFrame, PacketType: media.VideoSequenceEnd}),
	"hevc":   video(media.Video{Codec: media.HEVC, FrameType: media.KeyFrame, PacketType: media.VideoSequenceStart, Enhanced: true}),
	"Kh":     video(media.Video{Codec: media.HEVC, FrameType: media.KeyFrame, PacketType: media.VideoCodedFramesX, Enhanced: true}),
	"fh":     video(media.Video{Codec: media.HEVC, FrameType: media.InterFrame, PacketType: media.VideoCodedFramesX, Enhanced: true}),
	"color":  video(media.Video{Codec: media.HEVC, PacketType: media.VideoMetadata, Enhanced: true}),                                // as OBS does
	"hdr":    video(media.Video{Codec: media.HEVC, FrameType: media.CommandFrame, PacketType: media.VideoMetadata, Enhanced: true}), // as ffmpeg does
	"avone":  video(media.Video{Codec: media.AV1, FrameType: media.KeyFrame, PacketType: media.VideoSequenceStart, Enhanced: true}),
	"avts":   video(media.Video{Codec: media.AV1, FrameType: media.KeyFrame, PacketType: media.VideoMPEG2SequenceStart, Enhanced: true}),
	"Kone":   video(media.Video{Codec: media.AV1, FrameType: media.KeyFrame, PacketType: media.VideoCodedFrames, Enhanced: true}),
	"Kflash": video(media.Video{Codec: media.H263, FrameType: media.KeyFrame, PacketType: media.VideoCodedFrames}),
	"seek":   video(media.Video{Codec: media.AVC, FrameType: media.CommandFrame, Command: media.SeekStart}),

	"aac":   audio(media.Audio{Codec: media.AAC, Flags: media.AACFlags, PacketType: media.AudioSequenceStart}),
	"a":     audio(media.Audio{Codec: media.AAC, Flags: media.AACFlags, PacketType: media.AudioCodedFrames}),
	"mp":    audio(media.Audio{Codec: media.MP3, Flags: 0xF, PacketType: media.AudioCodedFrames}),
	"opus":  audio(media.Audio{Codec: media.Opus, PacketType: media.AudioSequenceStart, Enhanced: true}),
	"o":     audio(media.Audio{Codec: media.Opus, PacketType: media.AudioCodedFrames, Enhanced: true}),
	"chan":  audio(media.Audio{Codec: media.Opus, PacketType: media.AudioMultichannelConfig, Enhanced: true}),
	"quiet": raw(message.TypeAudio, ""),

	"meta":    raw(message.TypeData, "\x02\x00\x0aonMetaData"),
	"metaamf": raw(message.TypeDataAMF3, "\x00\x02\x00\x0aonMetaData"),
	"clear":   raw(message.TypeData, "\x02\x00\x0f@clearDataFrame\x02\x00\x0aonMetaData"),
	"clearall": func(layout, []byte) *message.Message {
		return &message.Message{Type: message.TypeData, Payload: []byte("\x02\x00\x0f@clearDataFrame")}
	},
	"clearcue": raw(message.TypeData, "\x02\x00\x0f@clearDataFrame\x02\x00\x05onCue"),
	"cue":      raw(message.TypeData, "\x02\x00\x05onCue"),
	"none":     func(layout, []byte) *message.Message { return &message.Message{Type: message.TypeVideo} },
	"silence":  func(layout, []byte) *message.Message { return &message.Message{Type: message.TypeAudio} },
	"odd":      raw(message.TypeVideo, "\x21"), // codec id 1
	"big":      raw(message.TypeVideo, "\x27\x01\x00\x00\x00"+string(make([]byte, 60_000))),
	"bad":      raw(message.TypeVideo, "\x9f"), // reserved packet type
	"sound":    raw(message.TypeAudio, "\xff"), // sound format 15
	"unknown":  raw(99, ""),
	"command":  raw(message.TypeCommand, "\x02\x00\x01x"),
	"chunk":    raw(message.TypeSetChunkSize, "\x00\x00"),
	"shared":   raw(message.TypeSharedObject, ""),
}

func raw(t message.Type, prefix string) func(layout, []byte) *message.Message {
	return func(_ layout, body []byte) *message.Message {
		return &message.Message{Type: t, Payload: append([]byte(prefix), body...)}
	}
}

func video(v media.Video) func(layout, []byte) *message.Message {
	return func(l layout, body []byte) *message.Message {
		v := v
		v.Enhanced = v.Enhanced || l.form != media.SingleTrack
		v.Multitrack = l.form
		codec := v.Codec
		if l.form == media.ManyTracksManyCodecs {
			v.Codec = 0
		}
		list := body
		switch {
		case l.form == media.OneTrack:
			v.Track = l.ids[0]
		case l.form != media.SingleTrack:
			list = nil
			for _, id := range l.ids {
				list = must(media.AppendVideoTrack(list, v, media.Track{Codec: codec, ID: id, Body: body}))
			}
		}
		payload := must(media.AppendVideoHeader(nil, v))
		return &message.Message{Type: message.TypeVideo, Payload: append(payload, list...)}
	}
}

func audio(a media.Audio) func(layout, []byte) *message.Message {
	return func(l layout, body []byte) *message.Message {
		a := a
		a.Multitrack = l.form
		if l.form != media.SingleTrack {
			a.Enhanced, a.Flags = true, 0
		}
		codec := a.Codec
		if l.form == media.ManyTracksManyCodecs {
			a.Codec = 0
		}
		list := body
		switch {
		case l.form == media.OneTrack:
			a.Track = l.ids[0]
		case l.form != media.SingleTrack:
			list = nil
			for _, id := range l.ids {
				list = must(media.AppendAudioTrack(list, a, media.Track{Codec: codec, ID: id, Body: body}))
			}
		}
		payload := must(media.AppendAudioHeader(nil, a))
		return &message.Message{Type: message.TypeAudio, Payload: append(payload, list...)}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}
