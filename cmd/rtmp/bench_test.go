package main

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/cmd/rtmp/internal/load"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/relay"
	"github.com/gortmp/rtmp/rtmptest"
)

func TestBench(t *testing.T) {
	t.Parallel()
	s := rtmptest.NewServer(new(relay.Hub))
	defer s.Close()
	stdout, stderr, code := tool(t, "bench", "--duration", "1s", "--publishers", "2", "--players", "4", "--rate", "400k", s.URL+"/live/x")
	if code != exitOK {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{
		"publishers  2 of 2, 400 kbit/s each\n",
		"players     4 of 4 got a picture\n",
		"sent        ", "\nreceived    ", " of it, ",
		", 0 lost, 0 out of order, 0 damaged\n",
		"\nlatency     p50 ", " sent to arrived\n", "\njoin        p50 ", "\nlate        p50 ",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the summary lacks %q:\n%s", want, stdout)
		}
	}
	if !regexp.MustCompile(`^0:00:0\d  \d/2 sending  \d/4 playing  \d+ kbit/s out`).MatchString(stderr) {
		t.Errorf("the progress is\n%s", stderr)
	}
}

func TestBenchJSON(t *testing.T) {
	t.Parallel()
	s := rtmptest.NewServer(new(relay.Hub))
	defer s.Close()
	stdout, _, code := tool(t, "bench", "--json", "--duration", "500ms", "--players", "3", "--rate", "400k", s.URL+"/live/secret?token=secret")
	if code != exitOK || strings.Contains(stdout, "secret") {
		t.Errorf("exit code %d, output\n%s", code, stdout)
	}
	var got benchReport
	d := json.NewDecoder(strings.NewReader(stdout))
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatalf("%v in\n%s", err, stdout)
	}
	if !got.OK || got.URL != s.URL+"/live" || got.Players.Joined != 3 || got.Received.Bytes < 1000 || got.Latency == nil || got.Join.Count != 3 {
		t.Errorf("report: %s", stdout)
	}
}

// What is lost and who fails is said, and the exit code tells it.
func TestBenchFailures(t *testing.T) {
	t.Parallel()
	hub := new(relay.Hub)
	s := rtmptest.NewServer(rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
		if strings.HasSuffix(r.Name, "-2") {
			return &rtmp.StatusError{Code: "NetStream.Publish.BadName", Description: "taken"}
		}
		if r.Method == rtmp.MethodPlay {
			return hub.ServeRTMP(s, r)
		}
		pub, err := hub.Publish(r.App + "/" + r.Name)
		if err != nil {
			return err
		}
		defer pub.Close()
		for i := 0; ; i++ {
			m, err := s.ReadMessage()
			if err != nil {
				return err
			}
			if m.Type == message.TypeAudio && i > 150 && i < 160 {
				continue
			}
			if err := pub.WriteMessage(m); err != nil {
				return err
			}
		}
	}))
	defer s.Close()
	stdout, stderr, code := tool(t, "bench", "--duration", "1500ms", "--publishers", "2", "--players", "1", "--rate", "400k", s.URL+"/live/x")
	if code != exitFailure {
		t.Errorf("exit code %d, want %d", code, exitFailure)
	}
	const failed = "1 publisher failed: the server refused: NetStream.Publish.BadName: taken\nThe stream key is wrong"
	if !strings.Contains(stdout, failed) {
		t.Errorf("the summary lacks %q:\n%s", failed, stdout)
	}
	last := stderr[strings.LastIndex(stderr, "rtmp bench:"):]
	if !strings.HasPrefix(last, "rtmp bench: 1 connection failed, ") || !strings.HasSuffix(last, " frames were lost\n") {
		t.Errorf("the last words are %q", last)
	}
}

func TestBenchNotes(t *testing.T) {
	r := &load.Result{
		Skipped: 7, Shifted: 3, Foreign: 1, Lag: load.Summary{P99: 20 * time.Millisecond},
		Failures: []load.Failure{
			{Role: load.Player, Err: load.ErrNoPicture},
			{Role: load.Publisher, Err: &rtmp.StatusError{Code: "NetStream.Publish.Denied"}},
			{Role: load.Player, Err: load.ErrEnded},
			{Role: load.Player, Err: load.ErrEnded},
		},
	}
	want := []string{
		"7 frames from before a player joined were left out: the server begins with what it has kept.",
		"3 timestamps moved against the others by more than 2 ms.",
		"1 frames are not ours: somebody else publishes under this name.",
		"Frames were sent late: this machine, or the server's reading, does not keep up, and the figures show it.",
		"2 players failed: the server ended the stream",
		"1 player failed: no key frame came",
		"1 publisher failed: the server refused: NetStream.Publish.Denied",
		"The stream key is wrong or no longer valid, or somebody is publishing with it at this moment.",
	}
	if diff := cmp.Diff(want, benchNotes(r)); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if got, want := benchError(r).Error(), "4 connections failed, 1 frame was not ours"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
	if err := benchError(new(load.Result)); err != nil {
		t.Errorf("error without a failure: %v", err)
	}
}

func TestBenchProgress(t *testing.T) {
	c := &load.Config{Publishers: 2, Players: 100}
	last := load.Progress{Sent: 1_000_000, Received: 1_000_000}
	tests := []struct {
		players int
		now     load.Progress
		want    string
	}{
		{100, load.Progress{
			Elapsed: 5 * time.Second, Publishing: 2, Joined: 99, Failed: 1, Sent: 1_250_000, Received: 26_000_000, Lost: 3,
			Latency: load.Summary{Count: 1, P50: 420 * time.Microsecond},
		}, "0:00:05  2/2 sending  99/100 playing  200.0 Mbit/s out  0.42 ms  3 lost  1 failed"},
		{0, load.Progress{Elapsed: time.Second, Publishing: 1, Sent: 1_250_000}, "0:00:01  1/2 sending  2000 kbit/s in"},
	}
	for _, tt := range tests {
		c.Players = tt.players
		if got := benchProgress(c, last, tt.now, time.Second); got != tt.want {
			t.Errorf("progress %+v: %q, want %q", tt.now, got, tt.want)
		}
	}
}

func TestBitsPerSecond(t *testing.T) {
	tests := []struct {
		in, want string
		err      bool
	}{
		{"2500000", "2.5M", false},
		{"800k", "800k", false},
		{"1500K", "1.5M", false},
		{"2.5M", "2.5M", false},
		{"0", "0", false},
		{"-1", "", true},
		{"", "", true},
		{"k", "", true},
		{"2.5G", "", true},
		{"NaN", "", true},
		{"1e300", "", true},
	}
	for _, tt := range tests {
		var b bitsPerSecond
		if err := b.Set(tt.in); err != nil != tt.err {
			t.Errorf("Set(%q) = %v", tt.in, err)
		} else if err == nil && b.String() != tt.want {
			t.Errorf("Set(%q) gives %v, want %s", tt.in, b.String(), tt.want)
		}
	}
}

func TestMillis(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 1234: "0.0012 ms", 423 * time.Microsecond: "0.42 ms", 12_345 * time.Microsecond: "12 ms",
		99_900 * time.Microsecond: "100 ms", 1234 * time.Millisecond: "1234 ms",
	} {
		if got := millis(d); got != want {
			t.Errorf("millis(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestWithoutName(t *testing.T) {
	for in, want := range map[string]string{
		"rtmp://host/live/key?token=x":       "rtmp://host/live",
		"rtmps://user:pass@host:1/a/b/key#f": "rtmps://host:1/a/b",
		"rtmp://host":                        "rtmp://host",
		"://":                                "",
	} {
		if got := withoutName(in); got != want {
			t.Errorf("withoutName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestBenchUsage(t *testing.T) {
	for args, want := range map[string]string{
		"":                                  "URL is missing",
		"--publishers 0 rtmp://h/a/n":       "--publishers must be at least 1: players check what they know",
		"--players -1 rtmp://h/a/n":         "--players cannot be negative",
		"--rate 10k rtmp://h/a/n":           "--rate must be 100k to 300M",
		"--rate fast rtmp://h/a/n":          `invalid argument "fast" for "--rate" flag: not a bitrate like 800k or 2.5M`,
		"--duration 0s rtmp://h/a/n":        "--duration must be more than 0",
		"--ramp 0 rtmp://h/a/n":             "--ramp must be at least 1",
		"http://h/a/n":                      `the URL does not work: scheme "http" is not RTMP; want rtmp or rtmps`,
		"rtmp://h/a/n rtmp://h/a/n":         `what is "rtmp://h/a/n"? There should be only URL`,
		"--json --players 0 --json=x rtmp:": `invalid argument "x" for "--json" flag: strconv.ParseBool: parsing "x": invalid syntax`,
	} {
		stdout, stderr, code := tool(t, append([]string{"bench"}, strings.Fields(args)...)...)
		want = "rtmp bench: " + want + "\nRun \"rtmp bench --help\" for how it is used.\n"
		if code != exitUsage || stdout != "" || stderr != want {
			t.Errorf("rtmp bench %s: exit code %d, output %q, standard error %q, want %q", args, code, stdout, stderr, want)
		}
	}
}

// Ctrl-C shows what there is.
func TestBenchInterrupted(t *testing.T) {
	t.Parallel()
	s := rtmptest.NewServer(new(relay.Hub))
	defer s.Close()
	r := start(t, "bench", "--duration", "1h", s.URL+"/live/x")
	r.err.await(t, `10/10 playing`)
	r.stop()
	if code := r.wait(t); code != exitOK || !strings.Contains(r.out.String(), ", 0 lost, ") {
		t.Errorf("exit code %d, output\n%s%s", code, r.out, r.err)
	}
}

func TestExplainLoad(t *testing.T) {
	if reason, _ := explainLoad(errors.New("anything")); reason != "anything" {
		t.Errorf("explainLoad gives %q", reason)
	}
}
