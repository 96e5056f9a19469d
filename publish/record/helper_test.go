package record

import (
	"io"
	"testing"

	"github.com/gortmp/rtmp/message"
)

// A script gives messages.
type script struct {
	messages []*message.Message
	next     int
}

func (s *script) ReadMessage() (*message.Message, error) {
	if s.next == len(s.messages) {
		return nil, io.EOF
	}
	s.next++
	return s.messages[s.next-1], nil
}

// drain returns all that r gives.
func drain(t *testing.T, r message.Reader) (list []*message.Message) {
	t.Helper()
	for {
		m, err := r.ReadMessage()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Errorf("after %d messages: %v", len(list), err)
			return list
		}
		list = append(list, m)
	}
}
