package handshake

import "testing"

func BenchmarkPair(b *testing.B) {
	b.SetBytes(2 * Size)
	b.ReportAllocs()
	for b.Loop() {
		pair(b, NewClient(nil), NewServer(nil))
	}
}

func BenchmarkPairSimple(b *testing.B) {
	b.SetBytes(2 * Size)
	b.ReportAllocs()
	for b.Loop() {
		pair(b, NewClient(&Config{Simple: true}), NewServer(nil))
	}
}

// pair does a whole handshake in memory.
func pair(tb testing.TB, c *Client, s *Server) {
	_, _, err1 := s.Input(c.Output())
	_, done2, err2 := c.Input(s.Output())
	_, done3, err3 := s.Input(c.Output())
	if err1 != nil || err2 != nil || err3 != nil || !done2 || !done3 {
		tb.Fatalf("handshake: done %t, %t; %v, %v, %v", done2, done3, err1, err2, err3)
	}
}

// TestAllocs pins what a handshake costs: two machines, C0C1, S0S1S2 and C2.
func TestAllocs(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { pair(t, NewClient(nil), NewServer(nil)) }); n > 5 {
		t.Errorf("a pair makes %v allocations, want 5", n)
	}
}
