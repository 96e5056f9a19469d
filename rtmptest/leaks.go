package rtmptest

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Main runs the tests of a package, and fails if goroutines are left that they started. It does not return:
//
//	func TestMain(m *testing.M) { rtmptest.Main(m) }
func Main(m *testing.M) {
	code := m.Run()
	if code == 0 {
		if left := leaks(leakGrace); len(left) > 0 {
			fmt.Fprintf(os.Stderr, "%d goroutines are left after the tests:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
			code = 1
		}
	}
	os.Exit(code)
}

// Ours. What is over may take a moment to be gone, and longer under the race detector.
const (
	leakGrace = 5 * time.Second
	leakPause = 5 * time.Millisecond
)

// leaks returns the stacks of the goroutines that are neither ours nor those of the runtime and of package testing.
// It waits for grace until there is none.
func leaks(grace time.Duration) []string {
	again := time.NewTicker(leakPause)
	defer again.Stop()
	for deadline := time.Now().Add(grace); ; <-again.C {
		if left := strays(); len(left) == 0 || time.Now().After(deadline) {
			return left
		}
	}
}

// strays is leaks at this moment.
func strays() (left []string) {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	for i, stack := range strings.Split(string(buf), "\n\n") {
		if i > 0 && !isHarness(stack) { // the first is the one that asks
			left = append(left, strings.TrimSpace(stack))
		}
	}
	return left
}

// isHarness reports whether a goroutine belongs to the runtime or to package testing.
func isHarness(stack string) bool {
	_, frames, _ := strings.Cut(stack, "\n")
	for _, first := range []string{"testing.", "os/signal.", "runtime/"} {
		if strings.HasPrefix(frames, first) {
			return true
		}
	}
	return false
}
