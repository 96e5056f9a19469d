package message

import (
	"testing"
	"time"
)

// The order must be antisymmetric and agree with Sub, also half the circle apart.
func TestTimestampOrder(t *testing.T) {
	tests := []struct {
		t, u   Timestamp
		before bool
		sub    time.Duration
	}{
		{50, 60, true, -10 * time.Millisecond},
		{60, 50, false, 10 * time.Millisecond},
		{50, 50, false, 0},
		{0xFFFFFFFF, 0, true, -time.Millisecond},
		{0, 0xFFFFFFFF, false, time.Millisecond},
		{0, 1<<31 - 1, true, -(1<<31 - 1) * time.Millisecond},
		{0, 1 << 31, false, 1 << 31 * time.Millisecond}, // reversed: the greater is the earlier
		{1 << 31, 0, true, -(1 << 31) * time.Millisecond},
		{0, 1<<31 + 1, false, (1<<31 - 1) * time.Millisecond},
	}
	for _, tt := range tests {
		if got := tt.t.Before(tt.u); got != tt.before {
			t.Errorf("%d.Before(%d) = %t, want %t", tt.t, tt.u, got, tt.before)
		}
		if got := tt.t.Sub(tt.u); got != tt.sub {
			t.Errorf("%d.Sub(%d) = %v, want %v", tt.t, tt.u, got, tt.sub)
		}
		if tt.t != tt.u && tt.t.Before(tt.u) == tt.u.Before(tt.t) {
			t.Errorf("%d and %d are both before the other, or neither", tt.t, tt.u)
		}
	}
}

func TestTimestampAdd(t *testing.T) {
	tests := []struct {
		t    Timestamp
		d    time.Duration
		want Timestamp
	}{
		{50, 60 * time.Millisecond, 110},
		{50, -60 * time.Millisecond, 0xFFFFFFF6},
		{0xFFFFFFFF, time.Second, 999},
		{50, 1999 * time.Microsecond, 51},
		{50, -1999 * time.Microsecond, 49},
		{50, 1 << 32 * time.Millisecond, 50},
	}
	for _, tt := range tests {
		if got := tt.t.Add(tt.d); got != tt.want {
			t.Errorf("%d.Add(%v) = %d, want %d", tt.t, tt.d, got, tt.want)
		}
	}
	if got := Timestamp(1500).Duration(); got != 1500*time.Millisecond {
		t.Errorf("1500.Duration() = %v, want 1.5s", got)
	}
}
