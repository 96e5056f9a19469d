package rtmp

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// A URLError reports a URL that Dial, Publish or Play cannot use. Nothing was sent; trying again without a change
// does not help.
type URLError struct {
	URL    string // only scheme and host, as far as they can be read: the rest may be secret
	Reason string
}

// Error returns the reason, and the URL up to its host.
func (e *URLError) Error() string {
	if e.URL == "" {
		return "rtmp: URL: " + e.Reason
	}
	return fmt.Sprintf("rtmp: URL %s/…: %s", e.URL, e.Reason)
}

// SplitURL takes the URL of a stream, as Publish and Play take it, apart: into the URL of the app, as Dial takes it and
// the connect command has it, without credentials; and the name of the stream with its query. The error is a *URLError.
func SplitURL(rawURL string) (tcURL, stream string, err error) {
	t, err := parseTarget(rawURL, true)
	if err != nil {
		return "", "", err
	}
	return t.tcURL, t.stream, nil
}

// A target is what a URL says about a server, an app and a stream.
type target struct {
	scheme     string // "rtmp" or "rtmps"
	addr       string // host:port
	serverName string // host, for TLS
	tcURL      string // scheme, host, port if given, and app; never credentials
	app        string
	stream     string // with its query; empty if none was asked for
}

// Fixed by custom: the ports that a URL without one means.
var defaultPorts = map[string]string{"rtmp": "1935", "rtmps": "443"}

// parseTarget reads a URL. With a stream, the last element of the path and the query behind it are the stream's
// name, else all of the path is the app, which may be empty. App and name are passed on exactly as they are
// written, without percent-decoding: keys contain whatever their makers liked. Only slashes around the app are cut
// off. A query in front of the last element belongs to the app. The error is a *URLError.
func parseTarget(rawURL string, stream bool) (*target, error) {
	scheme, rest, ok := strings.Cut(rawURL, "://")
	if !ok {
		return nil, &URLError{Reason: "no scheme; want rtmp://host/app/stream"}
	}
	t := &target{scheme: strings.ToLower(scheme)}
	port, ok := defaultPorts[t.scheme]
	if !ok {
		return nil, &URLError{Reason: badScheme(t.scheme)}
	}
	authority, path := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		authority = authority[i+1:] // nothing here can authenticate with credentials, and they must not be sent in clear
	}
	host, explicit, reason := splitAuthority(authority)
	if reason != "" {
		return nil, &URLError{URL: t.scheme + "://", Reason: reason}
	}
	t.serverName, _, _ = strings.Cut(host, "%") // a zone means something on this machine only
	if explicit != "" {
		port = explicit
	}
	t.addr = net.JoinHostPort(host, port)

	server := t.scheme + "://" + strings.TrimSuffix(authority, ":")
	if path != "" && path[0] != '/' {
		return nil, &URLError{server, "a slash is missing behind the host"}
	}
	for i := range len(path) {
		if path[i] < 0x20 || path[i] == 0x7f {
			return nil, &URLError{server, "it contains a control character, such as a line break"}
		}
	}
	t.app = strings.TrimLeft(path, "/")
	if stream {
		i := lastElement(t.app)
		t.app, t.stream = t.app[:max(i-1, 0)], t.app[i:]
		if t.stream == "" || t.stream[0] == '?' {
			return nil, &URLError{server, "no stream name; want rtmp://host/app/stream"}
		}
	}
	if !strings.Contains(t.app, "?") {
		t.app = strings.TrimRight(t.app, "/")
	}
	t.tcURL = server + "/" + t.app
	return t, nil
}

// badScheme says why scheme is not supported.
func badScheme(scheme string) string {
	const want = "; want rtmp or rtmps"
	switch scheme {
	case "":
		return "no scheme; want rtmp://host/app/stream"
	case "rtmpt", "rtmpts", "rtmpte":
		return scheme + " is RTMP inside HTTP, which Dial does not speak" + want
	case "rtmpe":
		return "rtmpe is RTMP with an encryption of its own, which Dial does not speak" + want
	case "rtmfp":
		return "rtmfp is another protocol than RTMP" + want
	}
	return fmt.Sprintf("scheme %.20q is not RTMP%s", scheme, want)
}

const hostCharacter = "the host contains a character that no host has"

// splitAuthority splits "host", "host:port" and "[IPv6]:port". host comes without brackets, its zone decoded; port
// is empty if none is given. A reason says what is wrong.
func splitAuthority(authority string) (host, port, reason string) {
	if inner, ok := strings.CutPrefix(authority, "["); ok {
		host, port, ok = strings.Cut(inner, "]")
		ip, zone, _ := strings.Cut(host, "%")
		if !ok || !strings.Contains(ip, ":") || net.ParseIP(ip) == nil {
			return "", "", "brackets without an IPv6 address in them"
		}
		if zone = strings.TrimPrefix(zone, "25"); zone != "" {
			host = ip + "%" + zone
		}
		if port != "" && port[0] != ':' {
			return "", "", "something other than a port follows the IPv6 address"
		}
		port = strings.TrimPrefix(port, ":")
	} else {
		host, port, _ = strings.Cut(authority, ":")
		if strings.Contains(port, ":") {
			return "", "", "more than one colon in the host; an IPv6 address needs brackets, as in rtmp://[::1]/app"
		}
		if strings.Contains(host, "%") {
			return "", "", hostCharacter
		}
	}
	if host == "" {
		return "", "", "no host; want rtmp://host/app/stream"
	}
	if strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || strings.ContainsRune("\"<>[]\\^`{|}\x7f", r) }) {
		return "", "", hostCharacter
	}
	if port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "", "", "the port is not a number from 1 to 65535"
		}
	}
	return host, port, ""
}

// lastElement returns where the stream's part of path begins: behind the last slash that counts.
//
// Which slashes count depends on the first query. With a slash in front of it, it is the query of the stream, and
// its own slashes do not count ("app/key?path=/x"). Else it belongs to the app and ends at the last slash before
// the query of the stream, if that has one ("live2?backup=1/key?a=/x"). An element with the prefix of a file
// format begins a stream with slashes in it ("vod/mp4:dir/file.mp4"), which is what ffmpeg and librtmp think, too.
func lastElement(path string) int {
	app, query, ok := strings.Cut(path, "?")
	for _, prefix := range []string{"/mp4:", "/flv:", "/f4v:", "/mp3:"} {
		if i := strings.Index(app, prefix); i >= 0 {
			return i + 1
		}
	}
	end := len(app)
	if ok && !strings.Contains(app, "/") {
		query, _, _ = strings.Cut(query, "?")
		end += len("?") + len(query)
	}
	return strings.LastIndexByte(path[:end], '/') + 1
}
