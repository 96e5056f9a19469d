package rtmp_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/session"
)

func TestErrorTexts(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{&rtmp.StatusError{Code: "NetStream.Publish.BadName"}, "rtmp: refused: NetStream.Publish.BadName"},
		{&rtmp.StatusError{Code: "NetStream.Publish.BadName", Description: "taken"}, "rtmp: refused: NetStream.Publish.BadName: taken"},
		{&rtmp.ProtocolError{Layer: "session", Err: &session.TimeoutError{What: "any byte", After: time.Minute}},
			"rtmp: session: no any byte for 1m0s"},
		{&rtmp.ProtocolError{Layer: "handshake", Err: &rtmp.HandshakeTimeoutError{After: time.Second}},
			"rtmp: handshake: not finished after 1s"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("%T says %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestProtocolErrorIsATimeout(t *testing.T) {
	for _, err := range []error{
		&rtmp.ProtocolError{Layer: "session", Err: &session.TimeoutError{What: "any byte", After: time.Minute}},
		&rtmp.ProtocolError{Layer: "handshake", Err: &rtmp.HandshakeTimeoutError{After: time.Second}},
	} {
		var timeout interface{ Timeout() bool }
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%v does not say Timeout", err)
		}
	}
}
