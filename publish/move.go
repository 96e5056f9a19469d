package publish

import (
	"errors"
	"net/url"
	"strings"

	"github.com/gortmp/rtmp"
)

// maxHops is how often in a row a target goes where it is sent before it waits as after a loss. Ours: enough for a
// distributor in front of a distributor.
const maxHops = 5

// errMoving ends a connection that the server wants to be ended.
var errMoving = errors.New("publish: the server asked to connect again")

// listen makes a dialer whose connections tell t where the server wants them to go.
//
// Enhanced RTMP v2, "Reconnect Request".
func (t *target) listen() {
	dialer := *t.o.Dialer
	config := dialer.Config.Clone()
	theirs := config.OnReconnect
	config.OnReconnect = func(c *rtmp.Conn, tcURL string) {
		to := t.destination(tcURL)
		t.mu.Lock()
		t.asked = to
		t.mu.Unlock()
		if theirs != nil {
			theirs(c, tcURL)
		}
	}
	dialer.Config = config
	t.dialer = &dialer
}

// destination returns the URL of the stream at tcURL. It is the one that t was given if tcURL is of no use, or not as
// safe from others as that: a stream key must not go out in clear because somebody asks for it.
func (t *target) destination(tcURL string) string {
	own, stream, err := rtmp.SplitURL(t.url)
	to, e := url.Parse(tcURL)
	if err != nil || e != nil || strings.HasPrefix(own, "rtmps:") && !strings.EqualFold(to.Scheme, "rtmps") {
		return t.url
	}
	there := strings.TrimSuffix(tcURL, "/") + "/" + stream
	if _, _, err := rtmp.SplitURL(there); err != nil {
		return t.url
	}
	return there
}

// takeAsked returns where to go, once.
func (t *target) takeAsked() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	to := t.asked
	t.asked = ""
	return to
}

// isBoundary reports whether a new connection can begin with f.
func (t *target) isBoundary(f *frame) bool {
	return f.coded && (!t.video || f.video() && f.key && f.track == 0)
}
