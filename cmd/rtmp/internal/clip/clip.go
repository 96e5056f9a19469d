// Package clip holds a short film: colour bars, a clock, a tone. See make-clip.sh for how it is made.
package clip

import (
	"bytes"
	_ "embed"

	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/message"
)

//go:embed clip.flv
var file []byte

// Open returns a reader of the clip from its beginning: 640x360 H.264 at 25 pictures a second with a key frame each
// second, and 48 kHz AAC. It lasts 8 seconds, and its end joins its beginning.
func Open() (message.Reader, error) { return flv.NewReader(bytes.NewReader(file)), nil }
