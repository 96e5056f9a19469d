package interop_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// Timestamps beyond 31 bits, and those that begin again after 32.
//
// ffmpeg 5.1 is no publisher for that: its FLV writer keeps 31 bits, so that the stream begins again at 0 after 2^31 ms,
// and a file that crosses 2^32 ms it sends from 0 on. Nor is GStreamer 1.22 across 2^32, where its flvmux pulls sound
// and picture 2.5 s apart. All of them play such streams, as does rtmpdump.
func TestTimestamps(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		clip *clip
		from []publisher
	}{
		{clipCross31, []publisher{ourPublisher, curlPublisher, librtmpPublisher, rtmp2Publisher}},
		{clipCross32, []publisher{ourPublisher, curlPublisher, librtmpPublisher}},
	} {
		for _, from := range tt.from {
			t.Run(tt.clip.name+"/"+from.name, func(t *testing.T) {
				relayed(t, serve(t, new(rtmp.Server), nil), "rtmp", tt.clip, from, players)
			})
		}
	}
}

// The messages of a file arrive as they are, metadata and timestamps included, when nobody but librtmp or this module
// has touched them.
func TestMessagesUntouched(t *testing.T) {
	t.Parallel()
	for _, c := range []*clip{clipBFrames, clipAudio, clipOld, clipCross24, clipCross31, clipCross32} {
		for _, from := range []publisher{ourPublisher, curlPublisher} {
			t.Run(c.name+"/"+from.name, func(t *testing.T) {
				need(t, from.needs...)
				want := c.messages(t)
				s := serve(t, new(rtmp.Server), nil)
				var got collector
				played := background(t, func(ctx context.Context) error { return play(ctx, new(rtmp.Dialer), s.url("rtmp"), &got) })
				s.awaitPlayers(t, 1)
				if err := from.start(t, c.file(t), s.url("rtmp"))(); err != nil {
					t.Errorf("%s: %v", from.name, err)
				}
				if err := played(); err != nil {
					t.Errorf("rtmp.Play: %v", err)
				}
				if from.name == curlPublisher.name {
					want, got.messages = withoutData(want), withoutData(got.messages)
				}
				if diff := cmp.Diff(want, got.messages); diff != "" {
					t.Errorf("messages (-want +got):\n%s", tail(diff))
				}
				t.Logf("%d messages, the last at %d ms", len(got.messages), got.messages[len(got.messages)-1].Timestamp)
			})
		}
	}
}

// withoutData returns messages without those that are neither sound nor picture.
func withoutData(messages []*message.Message) []*message.Message {
	var out []*message.Message
	for _, m := range messages {
		if m.Type == message.TypeAudio || m.Type == message.TypeVideo {
			out = append(out, m)
		}
	}
	return out
}
