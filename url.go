package rtmp

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/pkg/errors"
)

// A target is what a URL says about a server, an app and a stream.
type target struct {
	scheme     string // "rtmp" or "rtmps"
	addr       string // host:port
	serverName string // host, for TLS
	tcURL      string // scheme, host, port if given, and app; never credentials
	app        string
	stream     string // with its query; empty if none was asked for
	user       *url.Userinfo
}

// Fixed by custom: the ports that a URL without one means.
var defaultPorts = map[string]string{"rtmp": "1935", "rtmps": "443"}

// parseTarget reads a URL. With a stream, the last element of the path and the query behind it are the stream's
// name, else all of the path is the app. App and name are passed on exactly as they are written: keys contain
// whatever their makers liked. A query in the middle of the path belongs to the app.
func parseTarget(rawURL string, stream bool) (*target, error) {
	scheme, rest, ok := strings.Cut(rawURL, "://")
	if !ok {
		return nil, urlError("is not a URL; want rtmp://host/app/stream", rawURL)
	}
	t := &target{scheme: strings.ToLower(scheme)}
	port, ok := defaultPorts[t.scheme]
	if !ok {
		return nil, fmt.Errorf("rtmp: scheme %q is not supported; want rtmp or rtmps", scheme)
	}
	authority, path, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		t.user = userinfo(authority[:i])
		authority = authority[i+1:]
	}
	u, err := url.Parse("//" + authority) // nothing but host and port
	if err != nil || u.Host != authority || u.RawQuery != "" || u.Fragment != "" {
		return nil, urlError("has no valid host and port", rawURL)
	}
	if t.serverName = u.Hostname(); t.serverName == "" {
		return nil, urlError("names no host", rawURL)
	}
	if p := u.Port(); p != "" {
		port = p
	}
	t.addr = net.JoinHostPort(t.serverName, port)
	for _, r := range path {
		if r < 0x20 || r == 0x7f {
			return nil, errors.New("rtmp: URL contains a control character")
		}
	}
	t.app = path
	if stream {
		i := lastElement(path)
		t.stream = path[i:]
		t.app = strings.TrimRight(path[:i], "/")
		if t.stream == "" || t.stream[0] == '?' {
			return nil, urlError("names no stream; want rtmp://host/app/stream", rawURL)
		}
	}
	t.app = strings.TrimRight(t.app, "/")
	t.tcURL = t.scheme + "://" + authority + "/" + t.app
	return t, nil
}

// lastElement returns where the last element of path begins. A slash inside a query counts if an element follows
// a query that belongs to the app ("live2?backup=1/key"), not if it is in the query of the stream itself
// ("app/key?path=/x").
func lastElement(path string) int {
	end := len(path)
	if q := strings.IndexByte(path, '?'); q >= 0 {
		if strings.IndexByte(path[:q], '/') >= 0 {
			end = q
		}
	}
	return strings.LastIndexByte(path[:end], '/') + 1
}

// userinfo returns the credentials in s, decoded.
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

// urlError returns an error about rawURL without what may be secret in it: credentials, stream key, query.
func urlError(what, rawURL string) error {
	scheme, rest, ok := strings.Cut(rawURL, "://")
	if !ok {
		return fmt.Errorf("rtmp: address %s", what)
	}
	authority, _, _ := strings.Cut(rest, "/")
	authority = authority[strings.LastIndexByte(authority, '@')+1:]
	return fmt.Errorf("rtmp: URL %s://%s/… %s", scheme, authority, what)
}
