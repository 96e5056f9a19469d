package relay

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// A player that does not read costs the publisher and the others nothing, and is closed in the end.
func TestServerStalledPlayer(t *testing.T) {
	inWorld(t, &Hub{MaxBytes: 1 << 20}, func(t *testing.T, w *world) {
		good, stalled := w.play("cam"), w.play("cam")
		defer stalled.Close()
		// Nothing reads the queue of its stream, so that its connection stops being read when that is full.
		source := rtmptest.Source{Duration: time.Minute, KeyFrameSize: 100_000, FrameSize: 50_000}
		pub := w.publish("cam")
		var playing sync.WaitGroup
		c := new(rtmptest.Checker)
		playing.Go(func() {
			defer good.Close()
			w.copyAll(c, good)
		})
		start := time.Now()
		w.copyAll(pub, rtmp.Paced(context.Background(), &source))
		if d := time.Since(start); d > time.Minute {
			t.Errorf("publishing a minute took %v", d)
		}
		pub.Close()
		playing.Wait()
		want := source.Tally()
		if diff := cmp.Diff(want, c.Tally); diff != "" {
			t.Errorf("the player that reads got (-want +got):\n%s", diff)
		}
		var last error
		for last == nil {
			_, last = stalled.ReadMessage()
		}
		if last == io.EOF {
			t.Errorf("the player that does not read was not closed")
		}
	})
}

func TestServerPause(t *testing.T) {
	inWorld(t, new(Hub), func(t *testing.T, w *world) {
		pub := w.publish("cam")
		var publishing sync.WaitGroup
		publishing.Go(func() {
			defer pub.Close()
			w.copyAll(pub, rtmp.Paced(context.Background(), &rtmptest.Source{Duration: 20 * time.Second}))
		})
		player := w.play("cam")
		defer player.Close()
		c := new(rtmptest.Checker)
		read := func(d time.Duration) (messages int) {
			t.Helper()
			player.SetReadDeadline(time.Now().Add(d))
			for {
				m, err := player.ReadMessage()
				if err != nil {
					return messages
				}
				if err := c.WriteMessage(m); err != nil {
					t.Fatal(err)
				}
				messages++
			}
		}
		read(3 * time.Second)
		for on, want := range []bool{true, false} {
			if err := player.Pause(context.Background(), want); err != nil {
				t.Fatalf("Pause(%t) = %v", want, err)
			}
			read(100 * time.Millisecond) // what was on its way
			switch n := read(3 * time.Second); {
			case want && n != 0:
				t.Errorf("%d messages came while paused", n)
			case !want && n == 0:
				t.Errorf("nothing came after step %d", on)
			}
		}
		if got := c.Tally; got.Broken != 0 || got.LostVideo == 0 || got.LostAudio == 0 {
			t.Errorf("with a pause the player got %+v, want a loss and nothing broken", got)
		}
		player.Close()
		publishing.Wait()
	})
}

// Which tracks a player gets depends on what it announces.
func TestServerMultitrack(t *testing.T) {
	list := func(codecs ...any) amf0.Property {
		return amf0.Property{Name: "fourCcList", Value: amf0.StrictArray(codecs)}
	}
	without := func(name string) amf0.Property { return amf0.Property{Name: name, Value: amf0.Undefined{}} }
	const all, first = "meta1 avc1 avc2#1 aac1 aac2#1 K1 K2#1 a1 a2#1", "meta1 avc1 aac1 K1 a1"
	tests := []struct {
		name    string
		connect []amf0.Property
		want    string
	}{
		{"as our Play does", nil, all},
		{"ffmpeg 9", []amf0.Property{without("capsEx"), list("hvc1", "Opus")}, all},
		{"ffmpeg 7.1", []amf0.Property{without("capsEx"), list("hvc1", "av01", "vp09")}, first},
		{"nothing", []amf0.Property{without("capsEx"), without("fourCcList"), without("videoFourCcInfoMap"), without("audioFourCcInfoMap")}, first},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, new(Hub), func(t *testing.T, w *world) {
				s := newScript(t)
				player := w.play("cam", tt.connect...)
				defer player.Close()
				pub := w.publish("cam")
				for _, word := range strings.Fields(all) {
					if err := pub.WriteMessage(s.message(word)); err != nil {
						t.Fatal(err)
					}
				}
				pub.Close()
				if diff := cmp.Diff(strings.Fields(tt.want), wordsOf(t, s, player)); diff != "" {
					t.Errorf("the player got (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Commands of a player are carried out, and what makes no sense is not.
func TestServerCommands(t *testing.T) {
	tests := []struct {
		name     string
		commands []message.Command
		want     string
	}{
		{"no pictures", []message.Command{{Name: "receiveVideo", Args: []any{false}}}, "a2 cue2"},
		{"no sound", []message.Command{{Name: "receiveAudio", Args: []any{false}}}, "K2 cue2"},
		{"paused", []message.Command{{Name: "pauseRaw", Args: []any{true, 0.0}}}, ""},
		{"none that means anything", []message.Command{
			{Name: "pause"}, {Name: "pause", Args: []any{"true"}}, {Name: "receiveAudio", Args: []any{nil}}, {Name: "seek", Args: []any{0.0}},
		}, "K2 a2 cue2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, new(Hub), func(t *testing.T, w *world) {
				s := newScript(t)
				player := w.play("cam")
				defer player.Close()
				pub := w.publish("cam")
				send := func(words string) {
					for _, word := range strings.Fields(words) {
						if err := pub.WriteMessage(s.message(word)); err != nil {
							t.Fatal(err)
						}
					}
					synctest.Wait()
				}
				send("avc1 aac1 K1")
				for i := range tt.commands {
					m, err := message.New(player.Stream().ID(), 0, &tt.commands[i])
					if err != nil {
						t.Fatal(err)
					}
					if err := player.Stream().WriteMessage(m); err != nil {
						t.Fatal(err)
					}
				}
				player.Stream().WriteMessage(s.message("cue1")) // not a command; a player that says what it likes
				synctest.Wait()
				send("f1") // after it the commands are read
				send("K2 a2 cue2")
				pub.Close()
				want := append(strings.Fields("avc1 aac1 K1 f1"), strings.Fields(tt.want)...)
				if diff := cmp.Diff(want, wordsOf(t, s, player)); diff != "" {
					t.Errorf("after %v the player got (-want +got):\n%s", tt.commands, diff)
				}
			})
		})
	}
}

// wordsOf reads a player to its end.
func wordsOf(t *testing.T, s *script, player *rtmp.Player) (words []string) {
	t.Helper()
	for {
		m, err := player.ReadMessage()
		if err == io.EOF {
			return words
		}
		if err != nil {
			t.Fatal(err)
		}
		if !m.Type.IsCommand() {
			words = append(words, s.word(m))
		}
	}
}
