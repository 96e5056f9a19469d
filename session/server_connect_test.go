package session

import (
	"strings"
	"testing"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

func TestServerConnect(t *testing.T) {
	tests := []struct {
		app, want string
	}{
		{"live", "live"},
		{"live/", "live"},
		{"live//", "live"},
		{"/live", "live"},
		{"live//inst///", "live/inst"},
		{"live/?key=a//b/", "live?key=a//b/"},
		{"live?", "live?"},
		{"", ""},
		{"/", ""},
		{"señal", "señal"},
		{strings.Repeat("a", 1024), strings.Repeat("a", 1024)},
	}
	for _, tt := range tests {
		p, _ := newServer(t, nil)
		p.say(0, connectCommand(tt.app))
		want(t, "app of "+tt.app, tt.want, event[ConnectRequested](t, tt.app, p.events()).App)
	}

	t.Run("object and arguments", func(t *testing.T) {
		for _, names := range [][2]string{{"tcUrl", "flashVer"}, {"tcurl", "flashver"}} {
			p, _ := newServer(t, nil)
			c := connectCommand("live", amf0.Property{Name: names[0], Value: "rtmp://host/live"},
				amf0.Property{Name: names[1], Value: "LNX 9"}, amf0.Property{Name: "own", Value: true})
			c.Args = []any{"user", "password"}
			p.say(0, c)
			ev := event[ConnectRequested](t, "connect", p.events())
			want(t, "everything is passed on", ConnectRequested{
				ID: ev.ID, App: "live", TCURL: "rtmp://host/live", FlashVer: "LNX 9",
				Object: c.Object.(amf0.Object), Args: c.Args,
			}, ev)
		}
	})
	t.Run("odd forms", func(t *testing.T) {
		app := amf0.Object{{Name: "app", Value: "live"}}
		commands := map[string]*message.Command{
			"as ECMA array":    {Name: "connect", TransactionID: 1, Object: amf0.ECMAArray(app)},
			"AMF3 message":     {Name: "connect", TransactionID: 1, Object: app, AMF3: true},
			"as typed object":  {Name: "connect", TransactionID: 1, Object: amf0.TypedObject{Class: "x", Object: app}},
			"with transaction": {Name: "connect", TransactionID: 77.5, Object: app},
		}
		for name, c := range commands {
			p, s := newServer(t, nil)
			p.say(0, c)
			ev := event[ConnectRequested](t, name, p.events())
			want(t, name, "live", ev.App)
			must(t, "Accept", s.Accept(ev.ID))
			heard := p.heard()
			want(t, name+": the answer has the same transaction",
				c.TransactionID, heard[len(heard)-1].Body.(*message.Command).TransactionID)
		}
	})
	t.Run("as many values as allowed, and one more", func(t *testing.T) {
		more := make([]amf0.Property, maxConnectValues-3) // transaction, object and app are three
		for i := range more {
			more[i].Name = "property"
		}
		p, _ := newServer(t, nil)
		p.say(0, connectCommand("live", more...))
		event[ConnectRequested](t, "as many as allowed", p.events())
		for _, amf3 := range []bool{false, true} {
			p, _ = newServer(t, nil)
			c := connectCommand("live", append(more, amf0.Property{Name: "one more"})...)
			c.AMF3 = amf3
			p.say(0, c)
			want(t, "no event", []Event(nil), p.events())
			st, _ := parseStatus(p.heard()[0].Body.(*message.Command).Args...)
			want(t, "the code", "NetConnection.Connect.Rejected", st.Code)
			p.say(0, connectCommand("live"))
			event[ConnectRequested](t, "with less", p.events())
		}
	})
	t.Run("refused by the session", func(t *testing.T) {
		for _, app := range []string{strings.Repeat("a", 1025), "li\nve", "live\x7F", "\x00", "live\u009b31m"} {
			p, _ := newServer(t, nil)
			p.say(0, connectCommand(app))
			want(t, "no event", []Event(nil), p.events())
			heard := p.heard()
			st, _ := parseStatus(heard[0].Body.(*message.Command).Args...)
			want(t, "the code", "NetConnection.Connect.InvalidApp", st.Code)
			want(t, "then close", []said{{0, cmd("close", 0)}}, heard[1:])
		}
	})
	t.Run("refused by the owner", func(t *testing.T) {
		p, s := newServer(t, nil)
		p.say(0, connectCommand("live"))
		ev := event[ConnectRequested](t, "connect", p.events())
		redirect := amf0.Property{Name: "ex", Value: amf0.Object{{Name: "code", Value: 302.0}}}
		must(t, "Reject", s.Reject(ev.ID, Status{Description: "go", Info: amf0.Object{redirect}}))
		st := Status{"error", "NetConnection.Connect.Rejected", "go", amf0.Object{redirect}}
		want(t, "_error and close", []said{
			{0, &message.Command{Name: "_error", TransactionID: 1, Args: []any{st.object()}}},
			{0, cmd("close", 0)},
		}, p.heard())
		p.say(0, cmd("createStream", 2))
		st = Status{"error", "NetConnection.Call.Failed", "Connect first.", nil}
		want(t, "and nothing after", []said{{0, &message.Command{Name: "_error", TransactionID: 2, Args: []any{st.object()}}}}, p.heard())
	})
	t.Run("Enhanced RTMP", func(t *testing.T) {
		one := amf0.Property{Name: "", Value: amf0.StrictArray{"hvc1"}}
		for _, name := range []string{"fourCcList", "videoFourCcInfoMap", "audioFourCcInfoMap", "capsEx", "other"} {
			p, s := newServer(t, nil)
			one.Name = name
			if name == "capsEx" {
				one.Value = 1.0
			}
			p.say(0, connectCommand("live", one))
			must(t, "Accept", s.Accept(event[ConnectRequested](t, "connect", p.events()).ID))
			heard := p.heard()
			c := heard[len(heard)-1].Body.(*message.Command)
			info, _ := amf0.AsObject(c.Args[0])
			properties, _ := amf0.AsObject(c.Object)
			for _, o := range []amf0.Object{properties, info} {
				caps, _ := o.Number("capsEx")
				want(t, "capsEx for a client with "+name, map[bool]float64{true: 15}[name != "other"], caps)
				video, _ := o.Object("videoFourCcInfoMap")
				flags, _ := video.Number("*")
				want(t, "video flags for a client with "+name, map[bool]float64{true: 4}[name != "other"], flags)
			}
			want(t, "only who knows is asked to reconnect", name == "capsEx", s.RequestReconnect("//other/live", "moving"))
		}
	})
}

func TestServerReconnect(t *testing.T) {
	p := newPair(t, nil, nil)
	want(t, "not before connect", false, p.server.RequestReconnect("", ""))
	must(t, "Connect", p.client.Connect(amf0.Object{{Name: "app", Value: "live"}, {Name: "capsEx", Value: 3.0}}))
	p.pump()
	must(t, "Accept", p.server.Accept(event[ConnectRequested](t, "connect", drain(p.server)).ID))
	p.pump()
	event[ConnectAccepted](t, "connect", drain(p.client))

	want(t, "asked", true, p.server.RequestReconnect("rtmp://other/live", "moving"))
	want(t, "asked without a place", true, p.server.RequestReconnect("", "again"))
	p.pump()
	want(t, "the client hears it", []Event{
		ReconnectRequested{TCURL: "rtmp://other/live", Description: "moving"},
		ReconnectRequested{Description: "again"},
	}, drain(p.client))
}
