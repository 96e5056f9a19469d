package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The help is what a user reads first; a change of it should be one on purpose.
func TestHelp(t *testing.T) {
	for _, name := range []string{"", "demo", "serve", "publish", "play", "probe", "bench", "dump"} {
		t.Run("rtmp "+name, func(t *testing.T) {
			args := append(strings.Fields(name), "--help")
			got, stderr, code := tool(t, args...)
			if code != exitOK || stderr != "" {
				t.Errorf("rtmp %s --help: exit code %d, standard error %q", name, code, stderr)
			}
			path := filepath.Join("testdata", "help", strings.Join(append([]string{"rtmp"}, strings.Fields(name)...), "-")+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("rtmp %s --help (-want +got):\n%s", name, diff)
			}
			for i, line := range strings.Split(got, "\n") {
				limit := 80
				if strings.HasPrefix(line, "  ") {
					limit = 120 // cobra's tables do not wrap
				}
				if n := utf8.RuneCountInString(line); n > limit {
					t.Errorf("line %d has %d characters, more than %d: %s", i+1, n, limit, line)
				}
			}
		})
	}
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got, _, code := tool(t, "completion", shell); code != exitOK || !strings.Contains(got, "rtmp") {
			t.Errorf("completion %s: exit code %d, %d bytes", shell, code, len(got))
		}
	}
}

// Mistakes on the command line: exit code 2, what is wrong, and where to read on.
func TestUsageErrors(t *testing.T) {
	tests := []struct {
		args string
		want string
	}{
		{"", `rtmp: which command? There are demo, serve, publish, play, probe, bench, dump, completion`},
		{"pubish", `rtmp: there is no command "pubish"; did you mean publish?`},
		{"frobnicate", `rtmp: there is no command "frobnicate"; there are demo, serve, publish, play, probe, bench, dump, completion`},
		{"demo now", `rtmp demo: what is "now"? There should be only flags`},
		{"serve --port 1", `rtmp serve: unknown flag: --port`},
		{"serve --tls-cert x", `rtmp serve: --tls-cert and --tls-key belong together`},
		{"serve --tls-addr :1", `rtmp serve: --tls-addr needs --tls-cert and --tls-key`},
		{"serve --chunk-size 0", `rtmp serve: --chunk-size must be from 1 to 16777215`},
		{"serve --chunk-size 16777216", `rtmp serve: --chunk-size must be from 1 to 16777215`},
		{"serve --max-conns -1", `rtmp serve: --max-conns cannot be negative`},
		{"serve --conflict-wait 0", `rtmp serve: --conflict-wait must be more than 0`},
		{"serve --conflict fight", `rtmp serve: invalid argument "fight" for "--conflict" flag: want refuse, takeover, takeover-same-address or wait`},
		{"serve --queue 8MB", `rtmp serve: invalid argument "8MB" for "--queue" flag: want a number with KiB, MiB or GiB, more than 0 and less than 2GiB`},
		{"publish", `rtmp publish: INPUT is missing`},
		{"publish x.flv", `rtmp publish: URL is missing`},
		{"publish x.flv rtmp://h/a/n y", `rtmp publish: the URL does not work: no scheme; want rtmp://host/app/stream`},
		{"publish rtmp://h/a/n x.flv", `rtmp publish: INPUT comes first, then URL`},
		{"publish --live --loop x.flv rtmp://h/a/n", `rtmp publish: --live and --loop exclude each other`},
		{"publish --live --no-pace x.flv rtmp://h/a/n", `rtmp publish: --live and --no-pace exclude each other`},
		{"publish --start -1s x.flv rtmp://h/a/n", `rtmp publish: --start cannot be negative`},
		{"publish --tries -1 x.flv rtmp://h/a/n", `rtmp publish: --tries cannot be negative`},
		{"publish --fps -1 x.flv rtmp://h/a/n", `rtmp publish: --fps cannot be negative`},
		{"publish --loop - rtmp://h/a/n", `rtmp publish: --loop needs a file: standard input cannot begin again`},
		{"play", `rtmp play: URL is missing`},
		{"play --timeout soon rtmp://h/a/n", `rtmp play: invalid argument "soon" for "--timeout" flag: time: invalid duration "soon"`},
		{"play --for -1s rtmp://h/a/n", `rtmp play: --for cannot be negative`},
		{"play film.flv", `rtmp play: the URL does not work: no scheme; want rtmp://host/app/stream`},
		{"play http://h/a/n", `rtmp play: the URL does not work: scheme "http" is not RTMP; want rtmp or rtmps`},
		{"play rtmp://h", `rtmp play: the URL does not work: no stream name; want rtmp://host/app/stream`},
		{"play rtmp://h:port/a/n", `rtmp play: the URL does not work: the port is not a number from 1 to 65535`},
		{"dump", `rtmp dump: FILE is missing`},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			stdout, stderr, code := tool(t, strings.Fields(tt.args)...)
			if code != exitUsage {
				t.Errorf("rtmp %s: exit code %d, want %d", tt.args, code, exitUsage)
			}
			command, _, _ := strings.Cut(tt.want, ":")
			want := tt.want + "\nRun \"" + command + " --help\" for how it is used.\n"
			if diff := cmp.Diff(want, stderr); diff != "" {
				t.Errorf("rtmp %s (-want +got):\n%s", tt.args, diff)
			}
			if stdout != "" {
				t.Errorf("rtmp %s: standard output %q, want none", tt.args, stdout)
			}
		})
	}
}
