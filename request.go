package rtmp

import (
	"context"
	"net"
	"net/url"
	"strings"
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
	URL        *url.URL      // server, app and name; Path is as written, and Query sees that of the app and the name
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

// requestURL joins what a peer said where it connects to, its app and the name of a stream. It takes scheme, server
// and credentials from tcURL, and what can be read of it: peers write all kinds of things there. The query behind
// app, or tcURL if app has none, comes in front of that behind name. The path is not percent-decoded.
func requestURL(tcURL, app, name string) *url.URL {
	base, query, _ := strings.Cut(tcURL, "?")
	u := &url.URL{Scheme: "rtmp"}
	if scheme, rest, ok := strings.Cut(base, "://"); ok {
		u.Scheme = strings.ToLower(scheme)
		u.Host, _, _ = strings.Cut(rest, "/")
		if i := strings.LastIndexByte(u.Host, '@'); i >= 0 {
			u.User = userinfo(u.Host[:i])
			u.Host = u.Host[i+1:]
		}
	}
	app, appQuery, ok := strings.Cut(app, "?")
	if ok {
		query = appQuery
	}
	name, nameQuery, _ := strings.Cut(name, "?")
	u.Path = "/" + strings.TrimLeft(name, "/")
	if app = strings.Trim(app, "/"); app != "" {
		u.Path = "/" + app + u.Path
	}
	if query != "" && nameQuery != "" {
		query += "&"
	}
	u.RawQuery = query + nameQuery
	return u
}

// userinfo returns the credentials in s, percent-decoded where that is possible.
func userinfo(s string) *url.Userinfo {
	name, password, ok := strings.Cut(s, ":")
	if n, err := url.PathUnescape(name); err == nil {
		name = n
	}
	if p, err := url.PathUnescape(password); err == nil {
		password = p
	}
	if !ok {
		return url.User(name)
	}
	return url.UserPassword(name, password)
}
