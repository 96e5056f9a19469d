package relay

import (
	"bytes"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

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
