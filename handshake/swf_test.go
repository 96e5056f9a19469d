package handshake

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/internal/golden"
)

func TestAppendSWFResponse(t *testing.T) {
	want := golden.Vector(t, "swf.verification-response").Bytes
	s1 := golden.Vector(t, "hs.s1.digest.scheme0").Bytes
	var hash [32]byte
	for i := range hash {
		hash[i] = byte(1 + 3*i)
	}
	key := [32]byte(s1[packetSize-32:])
	got := AppendSWFResponse([]byte{0xAA}, key, hash, 94543)
	if diff := cmp.Diff(append([]byte{0xAA}, want...), got); diff != "" {
		t.Errorf("AppendSWFResponse (-want +got):\n%s", diff)
	}

	c := NewClient(nil)
	feed(t, c, append([]byte{version}, s1...))
	if c.SWFKey() != key {
		t.Errorf("SWFKey of a client that got this S1 = %x, want %x", c.SWFKey(), key)
	}
}
