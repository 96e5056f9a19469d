package rtmp_test

import (
	"errors"
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
)

// A client that can connect again says so in its connect command, and is told where to, from any form of reference.
func TestOnReconnect(t *testing.T) {
	const url = "rtmp://one.example.com:444/live/inst"
	tests := []struct{ ref, want string }{
		{"", url},
		{"rtmp://two.example.com/other", "rtmp://two.example.com/other"},
		{"//two.example.com/other", "rtmp://two.example.com/other"},
		{"/other", "rtmp://one.example.com:444/other"},
		{"rtmp://%zz/", url},
	}
	asked := make(chan string)
	dialer := hostileServer(t, func(nc net.Conn) {
		p := newPeer(t, nc, false)
		c := p.hear("connect")
		if caps, _ := c.Object.(amf0.Object).Number("capsEx"); caps != 1 {
			t.Errorf("capsEx is %v, want 1", caps)
		}
		p.command(0, "_result", 1, amf0.Object{}, amf0.Object{{Name: "code", Value: "NetConnection.Connect.Success"}})
		for _, tt := range tests {
			info := amf0.Object{{Name: "level", Value: "status"}, {Name: "code", Value: "NetConnection.Connect.ReconnectRequest"}}
			if tt.ref != "" {
				info.Set("tcUrl", tt.ref)
			}
			p.command(0, "onStatus", 0, amf0.Object(nil), info)
		}
	})
	dialer.Config = &rtmp.Config{OnReconnect: func(c *rtmp.Conn, tcURL string) {
		if got := c.Info().TCURL; got != url {
			t.Errorf("the connection is to %q, want %q", got, url)
		}
		asked <- tcURL
	}}
	c, err := dialer.Dial(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		if got := <-asked; got != tt.want {
			t.Errorf("asked to connect to %q with tcUrl %q, want %q", got, tt.ref, tt.want)
		}
	}
	c.CloseNow()
}

func TestSplitURL(t *testing.T) {
	tcURL, stream, err := rtmp.SplitURL("rtmp://user:secret@host/live2?backup=1/key?a=/x")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"rtmp://host/live2?backup=1", "key?a=/x"}, []string{tcURL, stream}); diff != "" {
		t.Errorf("SplitURL (-want +got):\n%s", diff)
	}
	if _, _, err := rtmp.SplitURL("rtmp://host/live/"); !errors.As(err, new(*rtmp.URLError)) {
		t.Errorf("SplitURL without a stream: error = %v, want a *URLError", err)
	}
}
