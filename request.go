package rtmp

import (
	"context"
	"net"
	"net/url"
	"time"
)

// Request methods.
const (
	MethodPublish = "publish"
	MethodPlay    = "play"
)

// A Request is what a client asks of a Server: to publish or to play one stream.
type Request struct {
	Method     string        // MethodPublish or MethodPlay
	URL        *url.URL      // the connect URL joined with the stream name; Query sees both
	App, Name  string        // as the peer wrote them, each with its query; App without a slash at its end
	Kind       string        // publish: "live", "record" or "append"
	Start      time.Duration // play: where to start; -2 s live or recorded, -1 s live only
	Conn       ConnInfo      // as it was when the request came
	RemoteAddr net.Addr

	ctx    context.Context
	values map[string]string // of the wildcards in the pattern that matched
}

// Context is done when the stream ends or the server closes; its cause says why. It is never nil.
func (r *Request) Context() context.Context {
	if r.ctx == nil {
		return context.Background()
	}
	return r.ctx
}

// WithContext returns a shallow copy of r with another context.
func (r *Request) WithContext(ctx context.Context) *Request {
	c := *r
	c.ctx = ctx
	return &c
}

// PathValue returns the text matched by {name} in the ServeMux pattern; empty if there is no such wildcard.
func (r *Request) PathValue(name string) string { return r.values[name] }
