package rtmp_test

import (
	"testing"

	"github.com/gortmp/rtmp/rtmptest"
)

// No test may leave a goroutine: that is what "both are gone when Close returns" means.
func TestMain(m *testing.M) { rtmptest.Main(m) }
