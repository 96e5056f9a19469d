package interop_test

import (
	"slices"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
)

var (
	publishers = []publisher{ffmpegPublisher, curlPublisher, rtmp2Publisher, librtmpPublisher, ourPublisher}
	players    = []player{ffmpegPlayer, rtmpdumpPlayer, rtmp2Player, librtmpPlayer, ourPlayer}
)

// Everybody into our server, everybody out of it.
func TestPublishersAndPlayers(t *testing.T) {
	t.Parallel()
	for _, from := range publishers {
		t.Run(from.name, func(t *testing.T) { relayed(t, serve(t, new(rtmp.Server), nil), "rtmp", clipAV, from, players) })
	}
}

// Every kind of media, from two publishers to all players.
func TestMedia(t *testing.T) {
	t.Parallel()
	for _, c := range []*clip{clipBFrames, clipVideo, clipAudio, clipMP3, clipAVMP3, clipOld, clipPast24, clipCross24} {
		for _, from := range []publisher{ffmpegPublisher, ourPublisher} {
			t.Run(c.name+"/"+from.name, func(t *testing.T) { relayed(t, serve(t, new(rtmp.Server), nil), "rtmp", c, from, players) })
		}
	}
}

// relayed sends c through s, at URLs with scheme, and compares what each of the players got. They wait for the publisher, so that
// they must get everything.
func relayed(t *testing.T, s *server, scheme string, c *clip, from publisher, to []player) {
	t.Helper()
	need(t, from.needs...)
	want := c.recording(t)
	waiting := startAll(t, to, s.url(scheme))
	s.awaitPlayers(t, waiting.count)
	ended := from.start(t, c.file(t), s.url(scheme))
	if err := receive(t, s.ends, "end of publishing"); err != nil {
		t.Errorf("the handler of the publisher ended with %v", err)
	}
	if err := ended(); err != nil {
		t.Errorf("%s: %v", from.name, err)
	}
	waiting.each(t, func(t *testing.T, p player, got *recording) { got.sameAs(t, want, p.mayLose) })
}

// Whoever comes late gets the stream from a key frame on, and all of it from there.
func TestLateJoin(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		clip *clip
		from publisher
	}{
		{clipBFrames, ffmpegLive},
		{clipCross24, ourLive},
	} {
		t.Run(tt.clip.name+"/"+tt.from.name, func(t *testing.T) {
			joinLate(t, serve(t, new(rtmp.Server), nil).url("rtmp"), tt.clip, tt.from, players)
		})
	}
}

// joinLate sends c to url and compares what players get that come when it runs already.
func joinLate(t *testing.T, url string, c *clip, from publisher, to []player) {
	t.Helper()
	need(t, from.needs...)
	want := c.recording(t)
	from.start(t, c.file(t), url)
	awaitMedia(t, url, c.base.Add(1500*time.Millisecond))
	startAll(t, to, url).each(t, func(t *testing.T, p player, got *recording) {
		got.endOf(t, want, p.mayLose)
		if n := len(got.Packets["video"]); n == clipFrames {
			t.Errorf("got all %d pictures: it was not late", n)
		}
	})
}

// A playing is several players of one stream.
type playing struct {
	players []player
	results []func(*testing.T) *recording // nil if a program is not installed
	count   int                           // those that run
}

// startAll starts the players that are installed.
func startAll(t *testing.T, players []player, url string) *playing {
	t.Helper()
	p := &playing{players: players, results: make([]func(*testing.T) *recording, len(players))}
	for i, one := range players {
		if !slices.ContainsFunc(one.needs, func(name string) bool { return !installed(name) }) {
			p.results[i] = one.start(t, url)
			p.count++
		}
	}
	return p
}

// each calls check with what each of the players got, as a test of its own that is skipped if a program is not
// installed.
func (p *playing) each(t *testing.T, check func(t *testing.T, p player, got *recording)) {
	for i, one := range p.players {
		t.Run("to "+one.name, func(t *testing.T) {
			need(t, one.needs...)
			check(t, one, p.results[i](t))
		})
	}
}
