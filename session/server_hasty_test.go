package session

import (
	"strings"
	"testing"

	"github.com/gortmp/rtmp/message"
)

// Whether the owner has answered connect when the next command arrives is a matter of how the network cut the bytes.
func TestServerCommandsBehindConnect(t *testing.T) {
	p, s := newServer(t, nil)
	p.say(0, connectCommand("live"))
	p.say(0, cmd("releaseStream", 2, "cam1"))
	p.say(0, cmd("createStream", 3))
	p.say(1, cmd("publish", 0, "cam1"))
	want(t, "nothing is said before connect is answered", []said(nil), p.heard())
	events := p.events()
	ev := event[ConnectRequested](t, "connect alone reaches the owner", events)
	must(t, "Accept", s.Accept(ev.ID))

	var names []string
	var ids []float64
	for _, h := range p.heard() {
		if c, ok := h.Body.(*message.Command); ok {
			names, ids = append(names, c.Name), append(ids, c.TransactionID)
		}
	}
	want(t, "connect and what came behind it are answered in order", []string{"_result", "_result", "_result"}, names)
	want(t, "each under its transaction", []float64{1, 2, 3}, ids)
	request := event[StreamRequested](t, "publish reaches the owner now", p.events())
	want(t, "on the stream made a moment ago", uint32(1), request.StreamID)
	want(t, "with its name", "cam1", request.Name)
}

func TestServerCommandsBehindConnectAreBounded(t *testing.T) {
	st := Status{"error", "NetConnection.Call.Failed", "Connect first.", nil}
	refused := []said{{0, &message.Command{Name: "_error", TransactionID: 9, Args: []any{st.object()}}}}
	p, s := newServer(t, nil)
	p.say(0, connectCommand("live"))
	p.say(0, cmd("releaseStream", 9, strings.Repeat("x", maxHastySize)))
	want(t, "a command of more than 4 KiB is refused", refused, p.heard())
	for range maxHasty {
		p.say(0, cmd("createStream", 2))
	}
	want(t, "16 commands wait", []said(nil), p.heard())
	p.say(0, cmd("createStream", 9))
	want(t, "one more is refused", refused, p.heard())
	must(t, "Accept", s.Accept(event[ConnectRequested](t, "connect", p.events()).ID))
	results := 0
	for _, h := range p.heard() {
		if c, ok := h.Body.(*message.Command); ok && c.Name == "_result" && c.TransactionID == 2 {
			results++
		}
	}
	want(t, "those that waited are answered", maxHasty, results)
}

func TestServerCommandsBehindARefusedConnect(t *testing.T) {
	p, s := newServer(t, nil)
	p.say(0, connectCommand("live"))
	p.say(0, cmd("createStream", 2))
	must(t, "Reject", s.Reject(event[ConnectRequested](t, "connect", p.events()).ID, Status{}))
	for _, h := range p.heard() {
		if c, ok := h.Body.(*message.Command); ok && c.TransactionID == 2 {
			t.Errorf("createStream behind a refused connect was answered with %s", c.Name)
		}
	}
}
