package interop_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/relay"
)

// atOnce is how long a program that was refused may take to see it, start included.
const atOnce = 8 * time.Second

// fails fails t unless p ends at once, with an error, after it has said want.
//
// In one run of fifty gst-launch 1.22 reports the error and does not get out of its own shutdown ("Redistribute
// latency..." is its last word). It may hang like that if it has said want and has let go of its connection.
func (p *process) fails(t *testing.T, want string) {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(atOnce):
		if p.name != "gst-launch-1.0" || !strings.Contains(p.text(), want) || p.holdsTCP() {
			t.Fatalf("%s goes on after a refusal", p.name)
		}
		t.Logf("%s has reported the refusal and hangs in its own shutdown", p.name)
		p.kill()
		<-p.done
		return
	}
	if p.err == nil {
		t.Errorf("%s ended without an error", p.name)
	}
	p.expect(t, want, 1)
}

// A publisher that is refused says so: with our words, if it is one that repeats them, else with our code.
func TestRefusedPublishers(t *testing.T) {
	t.Parallel()
	refusal := &rtmp.StatusError{Code: "NetStream.Publish.BadName", Description: "wrong key"}
	// librtmp knows only some codes. After others it waits for what does not come, curl for 10 seconds and
	// GStreamer for ever.
	failure := &rtmp.StatusError{Code: "NetStream.Failed", Description: "wrong key"}
	for _, tt := range []struct {
		from   publisher
		status *rtmp.StatusError
		says   string
	}{
		{ffmpegPublisher, refusal, "Server error: wrong key"},
		{rtmp2Publisher, refusal, "publish denied; stream already exists"},
		{curlPublisher, failure, "Closing connection: NetStream.Failed"},
		{librtmpPublisher, failure, "Could not connect to RTMP stream"},
	} {
		t.Run(tt.from.name, func(t *testing.T) {
			need(t, tt.from.needs...)
			s := serve(t, &rtmp.Server{Handler: rtmp.HandlerFunc(func(*rtmp.Stream, *rtmp.Request) error { return tt.status })}, nil)
			tt.from.begin(t, clipAV.file(t), s.url("rtmp")).fails(t, tt.says)
			if err := receive(t, s.ends, "request"); !errors.Is(err, tt.status) {
				t.Errorf("the handler returned %v, want %v", err, tt.status)
			}
		})
	}
	t.Run("rtmp.Publish", func(t *testing.T) {
		s := serve(t, &rtmp.Server{Handler: rtmp.HandlerFunc(func(*rtmp.Stream, *rtmp.Request) error { return refusal })}, nil)
		_, err := rtmp.Publish(bounded(t), s.url("rtmp"))
		refused(t, "Publish", err, refusal.Code)
	})
}

// A player of what nobody publishes is refused at once if the hub is told so.
func TestRefusedPlayers(t *testing.T) {
	t.Parallel()
	const code = "NetStream.Play.StreamNotFound"
	s := serve(t, &rtmp.Server{Handler: &relay.Hub{PlayWait: -1}}, nil)
	for _, tt := range []struct {
		player player
		says   string
	}{
		{ffmpegPlayer, "Server error: nobody publishes " + streamName},
		{rtmpdumpPlayer, "Closing connection: " + code},
		{rtmp2Player, code},
		{librtmpPlayer, "Failed to read any data from stream"},
	} {
		t.Run(tt.player.name, func(t *testing.T) {
			need(t, tt.player.needs...)
			tt.player.begin(t, s.url("rtmp"), t.TempDir()+"/out.flv").fails(t, tt.says)
		})
	}
	t.Run("rtmp.Play", func(t *testing.T) {
		_, err := rtmp.Play(bounded(t), s.url("rtmp"))
		refused(t, "Play", err, code)
	})
}

// A connection that is refused.
func TestRefusedConnections(t *testing.T) {
	t.Parallel()
	refusal := &rtmp.StatusError{Code: "NetConnection.Connect.InvalidApp", Description: "no such app"}
	s := serve(t, &rtmp.Server{OnConnect: func(context.Context, *rtmp.ConnInfo) error { return refusal }}, nil)
	for _, tt := range []struct {
		player player
		says   string
	}{
		{ffmpegPlayer, "Server error: no such app"},
		{rtmpdumpPlayer, "rtmp server sent error"},
		{rtmp2Player, refusal.Code},
		{librtmpPlayer, "Failed to read any data from stream"},
	} {
		t.Run(tt.player.name, func(t *testing.T) {
			need(t, tt.player.needs...)
			tt.player.begin(t, s.url("rtmp"), t.TempDir()+"/out.flv").fails(t, tt.says)
		})
	}
	t.Run("curl", func(t *testing.T) {
		need(t, curlPublisher.needs...)
		curlPublisher.begin(t, clipAV.file(t), s.url("rtmp")).fails(t, "rtmp server requested close")
	})
	t.Run("rtmp.Dial", func(t *testing.T) {
		_, err := rtmp.Dial(bounded(t), "rtmp://"+s.addr+"/live")
		refused(t, "Dial", err, refusal.Code)
	})
}

// A publisher that is thrown out in the middle ends, whatever it thinks of the status.
func TestThrownOut(t *testing.T) {
	t.Parallel()
	const before = 40 // messages
	errOut := errors.New("out")
	for _, tt := range []struct {
		name string
		err  error
		says string // by ffmpeg
	}{
		{"error", errOut, "End of file"},
		{"status", &rtmp.StatusError{Code: "NetStream.Publish.Denied", Description: "out with you"}, "Server error: out with you"},
	} {
		s := serve(t, &rtmp.Server{Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, _ *rtmp.Request) error {
			for range before {
				if _, err := s.ReadMessage(); err != nil {
					return err
				}
			}
			return tt.err
		})}, nil)
		t.Run(tt.name+"/ffmpeg", func(t *testing.T) {
			need(t, ffmpegLive.needs...)
			ffmpegLive.begin(t, clipAV.file(t), s.url("rtmp")).fails(t, tt.says)
		})
		t.Run(tt.name+"/rtmp2sink", func(t *testing.T) {
			need(t, rtmp2Publisher.needs...)
			rtmp2Publisher.begin(t, clipAV.file(t), s.url("rtmp")).fails(t, "connection closed remotely")
		})
		t.Run(tt.name+"/rtmp.Publish", func(t *testing.T) {
			err := ourLive.start(t, clipAV.file(t), s.url("rtmp"))()
			var status *rtmp.StatusError
			switch want, isStatus := tt.err.(*rtmp.StatusError); {
			case isStatus:
				refused(t, "WriteMessage", err, want.Code)
			case err == nil || errors.As(err, &status):
				t.Errorf("WriteMessage = %v, want the end of the connection", err)
			}
		})
	}
}
