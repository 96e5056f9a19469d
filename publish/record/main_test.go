package record

import (
	"testing"

	"github.com/gortmp/rtmp/rtmptest"
)

func TestMain(m *testing.M) { rtmptest.Main(m) }
