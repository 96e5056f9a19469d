package main

import (
	"bytes"
	"testing"
	"time"
)

func TestLiveLine(t *testing.T) {
	type step struct {
		after time.Duration // since the start
		text  string
	}
	tests := []struct {
		name     string
		terminal bool
		steps    []step
		want     string
	}{
		{"a terminal is drawn over", true, []step{{0, "one"}, {time.Second, "twelve"}, {2 * time.Second, "6"}},
			"\rone\rtwelve\r6     \n"},
		{"characters count, not bytes", true, []step{{0, "äöü"}, {time.Second, "abc"}}, "\räöü\rabc\n"},
		{"nothing shown, nothing ended", true, nil, ""},
		{"a file gets few lines", false,
			[]step{{0, "a"}, {time.Second, "b"}, {4 * time.Second, "c"}, {5 * time.Second, "d"}, {6 * time.Second, "e"}},
			"a\nd\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			line := newLiveLine(&b, 5*time.Second)
			line.terminal = tt.terminal
			start := time.Unix(1000, 0)
			for _, s := range tt.steps {
				if err := line.show(start.Add(s.after), s.text); err != nil {
					t.Fatalf("show(%v, %q): %v", s.after, s.text, err)
				}
			}
			line.end()
			if got := b.String(); got != tt.want {
				t.Errorf("wrote %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFormats(t *testing.T) {
	tests := []struct{ name, got, want string }{
		{"clock", clock(0), "0:00:00"},
		{"clock rounds", clock(7979 * time.Millisecond), "0:00:08"},
		{"clock of a day", clock(25*time.Hour + 61*time.Second), "25:01:01"},
		{"bitrate", bitrate(125_000, time.Second), "1000 kbit/s"},
		{"bitrate of two seconds", bitrate(125_000, 2*time.Second), "500 kbit/s"},
		{"high bitrate", bitrate(5_000_000, time.Second), "40.0 Mbit/s"},
		{"bitrate of no time", bitrate(1, 0), "0 kbit/s"},
		{"size", size(999), "1 kB"},
		{"size in MB", size(1_500_000), "1.5 MB"},
		{"size in GB", size(12_345_678_901), "12.35 GB"},
		{"figures", demoFigures(time.Minute, 1, "2 kbit/s"), "up 0:01:00   1 player   2 kbit/s sent"},
		{"figures of many", demoFigures(time.Minute, 12, "2 kbit/s"), "up 0:01:00   12 players   2 kbit/s sent"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}
