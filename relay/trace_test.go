package relay

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each publisher of a stream is told from the others: its figures are its own, and its hooks are called once.
func TestTraceOfPublishers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events []string
		say := func(what string, s StreamStats) {
			events = append(events, fmt.Sprintf("%v %s after %d messages, live %v", s.Publisher, what, s.Messages, s.IsLive))
		}
		hub := &Hub{Conflict: TakeOver, Grace: time.Minute, Trace: &Trace{
			PublishBegin: func(s StreamStats) { say("begins", s) },
			PublishEnd:   func(s StreamStats) { say("ends", s) },
		}}
		s := newScript(t)
		publish := func(port int, words string) *Publication {
			r := request(context.Background(), "")
			r.RemoteAddr = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: port}
			pub, err := hub.admit(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			s.send(pub, words)
			return pub
		}
		first := publish(1, "avc1 K1 f1")
		second := publish(2, "avc1 K2")
		first.Close()
		second.Close()
		if got := hub.Stats()[0]; got.IsLive || got.Messages != 2 {
			t.Errorf("during the grace: live %v, %d messages; want false, 2", got.IsLive, got.Messages)
		}
		third := publish(3, "avc1 K3 f2 f3")
		third.Close()
		third.Close()
		want := []string{
			"192.0.2.1:1 begins after 0 messages, live true",
			"192.0.2.1:2 begins after 0 messages, live true",
			"192.0.2.1:1 ends after 3 messages, live false",
			"192.0.2.1:2 ends after 2 messages, live false",
			"192.0.2.1:3 begins after 0 messages, live true",
			"192.0.2.1:3 ends after 4 messages, live false",
		}
		if diff := cmp.Diff(want, events); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		<-time.After(time.Minute)
	})
}

func TestStatsLogValue(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "since" {
			return slog.Attr{}
		}
		return a
	}}))
	address := func(port int) net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: port} }
	logger.Info("seen", "", StreamStats{
		Name: "live/cam", IsLive: true, Publisher: address(1), Messages: 500, Bytes: 250_000, Bitrate: 2.5e6,
		FrameRate: 25, Speed: 0.5, KeyFrameInterval: 2 * time.Second, KeyFrameAge: time.Second,
		Players: []PlayerStats{
			{Messages: 9},
			{RemoteAddr: address(2), Messages: 7, Bytes: 6, Dropped: 5, Queue: Queue{4, 3, 2 * time.Second}},
			{RemoteAddr: address(3), Queue: Queue{1, 1, time.Second}},
		},
	})
	want := "level=INFO msg=seen stream=live/cam live=true publisher=192.0.2.1:1 messages=500 bytes=250000 bitrate=2.5e+06 " +
		"frameRate=25 speed=0.5 keyFrameInterval=2s keyFrameAge=1s players=3 slow=1 slowest.remote=192.0.2.1:2 " +
		"slowest.messages=7 slowest.bytes=6 slowest.dropped=5 slowest.behindMessages=4 slowest.behindBytes=3 " +
		"slowest.behind=2s slowest.paused=false\n"
	if diff := cmp.Diff(want, log.String()); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}
