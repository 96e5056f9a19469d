package main

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestServeConflict(t *testing.T) {
	tests := []struct {
		flags  string
		from   string // the second publisher
		leaves time.Duration
		want   bool // it is refused
		after  time.Duration
	}{
		{"", "192.0.2.1:1", 0, true, 0},
		{"--conflict refuse", "192.0.2.1:1", 0, true, 0},
		{"--conflict takeover", "192.0.2.2:1", 0, false, 0},
		{"--conflict takeover-same-address", "192.0.2.1:1", 0, false, 0},
		{"--conflict takeover-same-address", "192.0.2.2:1", 0, true, 0},
		{"--conflict wait", "192.0.2.2:1", 7 * time.Second, false, 7 * time.Second},
		{"--conflict wait --stall-timeout 1h", "192.0.2.2:1", 0, true, 30 * time.Second},
		{"--conflict wait --conflict-wait 5s", "192.0.2.2:1", 7 * time.Second, true, 5 * time.Second},
	}
	for _, tt := range tests {
		withServe(t, tt.flags, func(t *testing.T, p *policed) {
			first := p.mustPublish()
			p.from.Store(tt.from)
			if tt.leaves > 0 {
				defer time.AfterFunc(tt.leaves, func() { first.Close() }).Stop()
			}
			start := time.Now()
			_, err := p.publish()
			p.wantRefused("the second publisher", tt.want, err)
			if d := time.Since(start); d != tt.after {
				t.Errorf("it is answered after %v, want %v", d, tt.after)
			}
		})
	}
}

func TestServeGrace(t *testing.T) {
	tests := []struct {
		flags string
		from  string // the publisher that comes back after 5 s
		taken bool
		want  string // what the player has got then, and 5 s later
	}{
		{"", "192.0.2.1:1", false, "K1 end"},
		{"--grace 4s", "192.0.2.1:1", false, "K1 end"},
		{"--grace 6s", "192.0.2.2:1", false, "K1 K2 f2"},
		{"--grace 6s --conflict takeover-same-address", "192.0.2.1:1", false, "K1 K2 f2"},
		{"--grace 6s --conflict takeover-same-address", "192.0.2.2:1", true, "K1 end"},
	}
	for _, tt := range tests {
		withServe(t, tt.flags, func(t *testing.T, p *policed) {
			player := p.play(&p.dialer)
			pub := p.mustPublish()
			p.send(pub, "K1")
			pub.Close()
			<-time.After(5 * time.Second)
			p.from.Store(tt.from)
			pub, err := p.publish()
			p.wantRefused("who comes back", tt.taken, err)
			if err == nil {
				p.send(pub, "f1 K2 f2")
			}
			<-time.After(5 * time.Second)
			if got := p.received(player); got != tt.want {
				t.Errorf("the player got %q, want %q", got, tt.want)
			}
		})
	}
}

// Where a player begins that comes when some of a stream has been published, and before K9.
func TestServeQueue(t *testing.T) {
	tests := []struct{ flags, published, want string }{
		{"", "K1 f1 f2 f3", "K1 f1 f2 f3 K9"},
		{"--gop", "K1 f1", "K1 f1 K9"},
		{"--gop=false", "K1 f1 f2 f3", "K9"},
		{"--queue 6KiB", "K1 f1 f2 f3", "K1 f1 f2 f3 K9"}, // a message counts its 1000 bytes, its headers and 256 more
		{"--queue 4KiB", "K1 f1 f2 f3", "K9"},
	}
	for _, tt := range tests {
		withServe(t, tt.flags, func(t *testing.T, p *policed) {
			pub := p.mustPublish()
			p.send(pub, tt.published)
			player := p.play(&p.dialer)
			p.send(pub, "K9")
			if got := p.received(player); got != tt.want {
				t.Errorf("after %q the player got %q, want %q", tt.published, got, tt.want)
			}
		})
	}
}

// A player that takes nothing for 15 seconds goes on where --queue-time lets it.
func TestServeQueueTime(t *testing.T) {
	for flags, isWhole := range map[string]bool{"": false, "--queue-time 5s": false, "--queue-time 20s": true, "--queue-time 0": true} {
		withServe(t, flags, func(t *testing.T, p *policed) {
			player, resume := p.playHeld(nil)
			pub := p.mustPublish()
			var all []string
			for range 500 { // more than the 256 KiB that a player may be in the middle of, and the pipe
				all = append(all, "f0")
			}
			all = slices.Concat([]string{"K1"}, all, []string{"K8", "f8"})
			p.send(pub, strings.Join(all, " "))
			p.send(pub, "15s K9 f9")
			all = append(all, "K9", "f9")
			resume()
			got := strings.Fields(p.received(player))
			if isWhole {
				if diff := cmp.Diff(all, got); diff != "" {
					t.Errorf("the player got (-want +got):\n%s", diff)
				}
				return
			}
			if tail := got[max(0, len(got)-2):]; len(got) == len(all) || slices.Contains(got, "K8") || !slices.Equal(tail, []string{"K9", "f9"}) {
				t.Errorf("the player got %d of %d messages, the last %v; want it to have gone from K1 to K9", len(got), len(all), tail)
			}
		})
	}
}

// With --merge a player that is there already gets everything when the window closes, and not before.
func TestServeMerge(t *testing.T) {
	for flags, want := range map[string]time.Duration{"": 0, "--merge 0": 0, "--merge 100ms": 100 * time.Millisecond, "--merge 350ms": 350 * time.Millisecond} {
		withServe(t, flags, func(t *testing.T, p *policed) {
			player := p.play(&p.dialer)
			pub := p.mustPublish()
			start := time.Now()
			p.send(pub, "K1 f1")
			for _, word := range []string{"K1", "f1"} {
				m, err := player.ReadMessage()
				if err != nil {
					t.Fatal(err)
				}
				if d := time.Since(start); d != want {
					t.Errorf("%s comes after %v, want %v", word, d, want)
				}
				if !strings.HasPrefix(string(m.Payload[5:]), word) {
					t.Errorf("the message is not %s", word)
				}
			}
		})
	}
}

// With --patience a publisher waits until a player that takes nothing for 5 seconds goes on, or for so long.
func TestServePatience(t *testing.T) {
	for flags, isWhole := range map[string]bool{"": false, "--patience 3s": false, "--patience 10s": true} {
		withServe(t, flags+" --queue 64KiB", func(t *testing.T, p *policed) {
			player, resume := p.playHeld(nil)
			time.AfterFunc(5*time.Second, resume)
			pub := p.mustPublish()
			const total = 1000
			var received sync.WaitGroup
			got := 0
			received.Go(func() {
				for {
					if _, err := player.ReadMessage(); err != nil {
						return
					}
					got++
				}
			})
			p.send(pub, "K1"+strings.Repeat(" f1", total-1)+" 6s")
			pub.Close()
			received.Wait()
			if (got == total) != isWhole {
				t.Errorf("the player got %d of %d messages, want all of them: %t", got, total, isWhole)
			}
		})
	}
}

func TestByteSize(t *testing.T) {
	tests := []struct {
		text string
		want byteSize // 0: refused
		out  string
	}{
		{"8MiB", 8 << 20, "8MiB"},
		{"1GiB", 1 << 30, "1GiB"},
		{"1536KiB", 1536 << 10, "1536KiB"},
		{"2048KiB", 2 << 20, "2MiB"},
		{"1000", 1000, "1000B"},
		{"1B", 1, "1B"},
		{"2147483647", 1<<31 - 1, "2147483647B"},
		{"2147483648", 0, ""},
		{"2GiB", 0, ""},
		{"0", 0, ""},
		{"-1MiB", 0, ""},
		{"1.5MiB", 0, ""},
		{"8MB", 0, ""},
		{"MiB", 0, ""},
		{"", 0, ""},
	}
	for _, tt := range tests {
		var s byteSize
		if err := s.Set(tt.text); s != tt.want || (err != nil) != (tt.want == 0) {
			t.Errorf("Set(%q) = %v gives %d, want %d", tt.text, err, s, tt.want)
		}
		if got := s.String(); tt.want != 0 && got != tt.out {
			t.Errorf("String of %d = %q, want %q", s, got, tt.out)
		}
	}
}
