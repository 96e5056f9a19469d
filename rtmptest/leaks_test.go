package rtmptest

import (
	"strings"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

func TestLeaks(t *testing.T) {
	release := make(chan struct{})
	go waitForRelease(release)
	if !isLeft("rtmptest.TestLeaks") {
		t.Error("leaks does not find a goroutine that waits")
	}
	close(release)
	if left := leaks(leakGrace); len(left) > 0 {
		t.Errorf("leaks finds a goroutine that is over, or another test left one:\n%s", strings.Join(left, "\n\n"))
	}
}

func waitForRelease(ch <-chan struct{}) { <-ch }

func isLeft(function string) bool {
	for _, stack := range leaks(0) {
		if strings.Contains(stack, function) {
			return true
		}
	}
	return false
}
