package handshake

import (
	"math/rand/v2"
	"testing"
)

// pieces returns a cut of size bytes that seed decides: ends of pieces, small and large.
func pieces(seed uint64, size int) []int {
	r := rand.New(rand.NewPCG(seed, 0))
	var ends []int
	for at := 0; at < size; {
		at += 1 + r.IntN(1+r.IntN(1<<r.IntN(13)))
		ends = append(ends, min(at, size))
	}
	return ends
}

// check asks what holds for all that a peer can send.
func check(t *testing.T, m *machine, got transcript, in []byte) {
	t.Helper()
	if got.Used > min(len(in), Size) {
		t.Errorf("used %d bytes of %d", got.Used, len(in))
	}
	if len(got.Out) > Size || got.Used < 1+packetSize && len(got.Out) > 1+packetSize {
		t.Errorf("%d bytes of output for %d", len(got.Out), got.Used)
	}
	if got.Done != (got.Used == Size) {
		t.Errorf("done %t after %d bytes", got.Done, got.Used)
	}
	if (got.Err != "") != (len(in) > 0 && in[0] != version) {
		t.Errorf("error %q", got.Err)
	}
	held := cap(m.in) + cap(m.out) + cap(m.first)
	if ended := got.Done || got.Err != ""; ended && held != 0 || held > 2*(1+2*packetSize) {
		t.Errorf("ended %t after %d bytes and holds %d", ended, got.Used, held)
	}
}

func FuzzServer(f *testing.F) {
	for _, r := range talks(f) {
		for cut := range uint64(8) { // some of them begin with C0 alone
			f.Add(r.sent(), cut)
		}
	}
	f.Fuzz(func(t *testing.T, in []byte, cut uint64) {
		run := func(ends ...int) transcript {
			h := NewServer(&Config{Rand: random()})
			got := feed(t, h, in, ends...)
			check(t, &h.m, got, in)
			return got
		}
		ends := pieces(cut, len(in))
		want := run()
		if len(ends) > 0 && ends[0] == 1 { // C0 alone
			want = run(1)
		}
		if diff := want.diff(run(ends...)); diff != "" {
			t.Errorf("cut into %v (-at once +cut):\n%s", ends, diff)
		}
	})
}

func FuzzClient(f *testing.F) {
	for _, r := range talks(f) {
		in := append(r.reply, chunkData...)
		f.Add(in, uint64(1), false)
		f.Add(in, uint64(2), true)
	}
	f.Fuzz(func(t *testing.T, in []byte, cut uint64, simple bool) {
		run := func(ends ...int) transcript {
			h := NewClient(&Config{Rand: random(), Simple: simple})
			got := feed(t, h, in, ends...)
			check(t, &h.m, got, in)
			return got
		}
		ends := pieces(cut, len(in))
		if diff := run().diff(run(ends...)); diff != "" {
			t.Errorf("cut into %v (-at once +cut):\n%s", ends, diff)
		}
	})
}
