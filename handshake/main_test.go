package handshake_test

import (
	"testing"

	"github.com/gortmp/rtmp/rtmptest"
)

// No test may leave a goroutine.
func TestMain(m *testing.M) { rtmptest.Main(m) }
