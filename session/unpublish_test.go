package session

import "testing"

// FCUnpublish names a stream, and a name may stand for several: no other one may end by it.

func TestServerUnpublishKeepsRequests(t *testing.T) {
	p, s := connected(t, nil)
	p.say(1, cmd("publish", 0, "cam"))
	must(t, "Accept", s.Accept(event[StreamRequested](t, "publish", p.events()).ID))
	must(t, "Finish", s.Finish(1))
	p.say(0, cmd("createStream", 3))
	p.say(2, cmd("publish", 0, "cam"))
	ev := event[StreamRequested](t, "publish of the same name", p.events())
	p.say(0, cmd("FCUnpublish", 4, "cam")) // the client has not heard of Finish yet, and means stream 1
	want(t, "the request on stream 2 still waits", []Event(nil), p.events())
	must(t, "Accept", s.Accept(ev.ID))
}

func TestClientDoesNotUnpublishTwice(t *testing.T) {
	p := newPair(t, nil, nil)
	p.connect()
	first := p.publish("cam")
	must(t, "Finish", p.server.Finish(first))
	p.pump()
	drain(p.client)
	p.publish("cam")
	must(t, "CloseStream", p.client.CloseStream(first))
	p.pump()
	want(t, "the second stream of that name goes on", []Event(nil), drain(p.server))
}
