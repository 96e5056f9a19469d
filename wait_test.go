package rtmp

import (
	"testing"
	"testing/synctest"
	"time"
)

// A deadline that is set while somebody waits, the first one too, is a deadline for that wait.
func TestDeadlineWhileWaiting(t *testing.T) {
	tests := []struct {
		name string
		set  func(d *deadline)
		want time.Duration // until the wait ends
	}{
		{"the first one", func(d *deadline) { d.reset(time.Now().Add(3 * time.Second)) }, 3 * time.Second},
		{"one that has passed", func(d *deadline) { d.reset(time.Now().Add(-time.Second)) }, 0},
		{"one in place of another", func(d *deadline) {
			d.reset(time.Now().Add(time.Hour))
			d.reset(time.Now().Add(time.Second))
		}, time.Second},
		{"one after none", func(d *deadline) {
			d.reset(time.Time{})
			d.reset(time.Now().Add(2 * time.Second))
		}, 2 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d deadline
				start := time.Now()
				waiting := d.done()
				tt.set(&d)
				<-waiting
				if got := time.Since(start); got != tt.want {
					t.Errorf("the wait ended after %v, want %v", got, tt.want)
				}
				if !d.passed() {
					t.Error("the deadline has not passed")
				}
			})
		})
	}
}
