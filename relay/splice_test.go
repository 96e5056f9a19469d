package relay

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// successions are the ways in which a publisher may continue the stream of another one, whom it ends if need be.
var successions = map[string]func(p *pair, gap string){
	"after a grace": func(p *pair, gap string) {
		if err := p.pub.Close(); err != nil {
			p.t.Fatal(err)
		}
		p.wait(gap)
		p.publish(Refuse)
	},
	"by take-over": func(p *pair, gap string) {
		p.wait(gap)
		p.publish(TakeOver)
	},
}

// publish makes p.pub a new publication.
func (p *pair) publish(c Conflict) {
	p.t.Helper()
	pub, _, err := p.hub.claim("live/a", "", nil, c, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { pub.Close() })
	p.pub = pub
}

// inSuccession runs f in virtual time for each of successions, with a hub that allows it.
func inSuccession(t *testing.T, name, before string, f func(t *testing.T, p *pair, turn func(p *pair, gap string))) {
	for how, turn := range successions {
		t.Run(name+" "+how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f(t, newPair(t, &Hub{Grace: defaultPublishWait}, before), turn)
			})
		})
	}
}

// What a player who keeps up gets from the second of two publishers.
func TestSplice(t *testing.T) {
	tests := []struct {
		name  string
		first string // published by one
		gap   string // from its last message to the first of the other
		then  string // published by the other
		want  string // of the other
	}{
		{"time goes on", "avc1 K1@1000 f1@1040", "+2s", "avc2 K2 f2@40", "avc2@3040 K2@3040 f2@3080"},
		{"the other has run for long", "avc1 K1", "+2s", "avc2@9000000 K2@9000000 f2@9000040", "avc2@2000 K2@2000 f2@2040"},
		{"at once", "avc1 K1@1000", "+0s", "avc2 K2", "avc2@1001 K2@1001"},
		{"less than a millisecond", "avc1 K1@1000", "+900us", "K2", "K2@1001"},
		{"headers and metadata again", "meta1 avc1 aac1 K1@1000", "+1s", "meta2 avc2 aac2 K2", "meta2@2000 avc2@2000 aac2@2000 K2@2000"},
		{"headers without a time", "avc1 K1", "+1s", "avc2 K2@3000000000 f2@3000000040", "avc2@1000 K2@1000 f2@1040"},
		{"headers long before", "avc1 K1", "+1s", "avc2 +3s K2 f2@40", "avc2@1000 K2@4000 f2@4040"},

		{"wraps between them", "avc1 K1@4294967290", "+1s", "avc2 K2 f2@40", "avc2@994 K2@994 f2@1034"},
		{"the other wraps", "avc1 K1@1000", "+1s", "avc2 K2@4294967286 f2@30", "avc2@2000 K2@2000 f2@2040"},
		{"wraps while interleaved", "avc1 K1@4294967290 f1@10 a1@4294967295", "+1s", "K2", "K2@1010"},

		{"the newest was not the last", "avc1 K1@1000 f1@1040 a1@1010", "+1s", "K2", "K2@2040"},
		{"the last was a header without a time", "avc1 K1@1000 avc2", "+1s", "K2", "K2@2000"},
		{"jumped back", "avc1 K1@100000 f1@5", "+1s", "K2", "K2@1005"},
		{"jumped forth", "avc1 K1 f1@100000", "+1s", "K2", "K2@101000"},

		{"frames before the key frame", "avc1 K1@1000", "+1s", "avc2 f2 a2@20 f3@40 K3@60 f4@100", "avc2@2000 a2@2000 K3@2040 f4@2080"},
		{"no key frame for 10 s", "avc1 K1@1000", "+1s", "f2 a2 +9s f3@9000 a3@9000 +1s f4@10000", "a2@2000 a3@11000 f4@12000"},
		{"each track has its own", "avc1 K1 avc1#1 K1#1", "+1s", "f2 f2#1 K3 f3#1 f4 K5#1 f5#1", "K3@1000 f4@1000 K5#1@1000 f5#1@1000"},
		{"of two interleaved the second is older", "avc1 K1@1000", "+1s", "a2@23 K2 f2@40", "a2@2000 K2@2000 f2@2017"},
		{"the other jumps back itself", "avc1 K1@1000", "+1s", "K2@90000 K3", "K2@2000 K3@4294879296"},

		{"sound only", "aac1 a1@500", "+1s", "aac2 a2 a3@20", "aac2@1500 a2@1500 a3@1520"},
		{"sound, then pictures", "aac1 a1@500", "+1s", "avc2 f2 K2@40 f3@80", "avc2@1500 K2@1500 f3@1540"},
		{"data only", "cue1@500", "+1s", "cue2 +1s cue3", "cue2@1500 cue3@2500"},
		{"headers only", "avc1", "+1s", "avc2 K2@700", "avc2@1000 K2@1000"},
		{"nothing", "", "+1s", "avc2 f1@600 K2@700", "avc2 K2@700"},
	}
	for _, tt := range tests {
		inSuccession(t, tt.name, tt.first, func(t *testing.T, p *pair, turn func(*pair, string)) {
			p.received(p.sub)
			turn(p, tt.gap)
			p.learn(tt.want)
			if diff := cmp.Diff(strings.Fields(tt.want), p.live(tt.then)); diff != "" {
				t.Errorf("after %q, %q, published %q (-want +got):\n%s", tt.first, tt.gap, tt.then, diff)
			}
		})
	}
}

// A stream that is continued again and again: its timestamps rise all the way round.
func TestSpliceOften(t *testing.T) {
	inSuccession(t, "each hour", "avc1 K1", func(t *testing.T, p *pair, turn func(*pair, string)) {
		p.hub.Grace = 2 * 3600e9
		last := p.received(p.sub)
		for hour := uint32(1); hour <= 24*50; hour++ {
			turn(p, "+1h")
			p.send(p.pub, "K2@77")
			m, err := p.sub.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			if want := hour * 3_600_000; uint32(m.Timestamp) != want { // which wraps after 1193 hours
				t.Fatalf("after %d hours the time is %d, want %d; before: %s", hour, m.Timestamp, want, last)
			}
		}
	})
}

// Of three publishers the second has sent neither sound nor pictures.
func TestSpliceData(t *testing.T) {
	inSuccession(t, "data in between", "avc1 K1@1000", func(t *testing.T, p *pair, turn func(*pair, string)) {
		got := p.received(p.sub)
		turn(p, "+1s")
		got = append(got, p.live("cue2 +5s cue3")...)
		turn(p, "+1s")
		got = append(got, p.live("K4 f4@40")...)
		want := strings.Fields("avc1@1000 K1@1000 cue2@2000 cue3@7000 K4@8000 f4@8040")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// What players get who are not where the stream is when its publisher changes.
func TestSpliceJoin(t *testing.T) {
	const first = "meta1 avc1 aac1 K1@1000 f1@1040"
	tests := []struct {
		name   string
		then   string // published by the second before the player comes
		after  string // published while it keeps up
		isLate bool   // the player comes after that, else before everything, and has not read
		want   string
	}{
		{"who has not read gets all", "avc2 f2 K2 f3@40", "f4@80", false,
			"meta1 avc1 aac1 K1@1000 f1@1040 avc2@2040 K2@2040 f3@2080 f4@2120"},
		{"who joins before anything came", "", "avc2 a2 K2 f2@40", true, "avc2@2040 a2@2040 K2@2040 f2@2080"},
		{"who joins before the key frame", "aac2 a2 avc2", "a3@20 K3@40 f3@80", true, "aac2@2040 avc2@2040 a3@2060 K3@2080 f3@2120"},
		{"who joins after the key frame", "avc2 K2 f2@40", "f3@80", true, "avc2@2040 K2@2040 f2@2080 f3@2120"},
		{"sound is gone", "avc2 K2", "f2@40", true, "avc2@2040 K2@2040 f2@2080"},
		{"pictures are gone", "aac2 a2", "a3@20", true, "aac2@2040 a3@2060"},
	}
	for _, tt := range tests {
		inSuccession(t, tt.name, "", func(t *testing.T, p *pair, turn func(*pair, string)) {
			p.send(p.pub, first)
			turn(p, "+1s")
			p.send(p.pub, tt.then)
			if tt.isLate {
				p.sub = subscribe(t, p.hub)
			}
			p.learn(tt.want)
			if diff := cmp.Diff(strings.Fields(tt.want), p.live(tt.after), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("then %q, and %q (-want +got):\n%s", tt.then, tt.after, diff)
			}
			if n := p.sub.Dropped(); n != 0 {
				t.Errorf("Dropped = %d, want 0", n)
			}
		})
	}
}
