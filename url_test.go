package rtmp

import (
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// equateTargets compares targets, credentials by their text.
var equateTargets = cmp.Options{
	cmp.AllowUnexported(target{}),
	cmp.Comparer(func(a, b *url.Userinfo) bool { return a.String() == b.String() }),
}

// The services are large platforms with their published ingest addresses, and what users reported.
func TestParseTarget(t *testing.T) {
	tests := []struct {
		name, url string
		stream    bool
		want      target
	}{
		{"app and stream", "rtmp://host/live/cam", true,
			target{addr: "host:1935", serverName: "host", tcURL: "rtmp://host/live", app: "live", stream: "cam"}},
		{"Dial takes all of the path", "rtmp://host/live/inst", false,
			target{addr: "host:1935", serverName: "host", tcURL: "rtmp://host/live/inst", app: "live/inst"}},
		{"Dial without a path", "rtmp://host", false,
			target{addr: "host:1935", serverName: "host", tcURL: "rtmp://host/"}},
		{"Dial with a slash behind the app", "rtmps://rtmp-api.facebook.com:443/rtmp/", false,
			target{addr: "rtmp-api.facebook.com:443", serverName: "rtmp-api.facebook.com", tcURL: "rtmps://rtmp-api.facebook.com:443/rtmp", app: "rtmp"}},
		{"Dial with a query", "rtmps://b.rtmps.youtube.com/live2?backup=1", false,
			target{addr: "b.rtmps.youtube.com:443", serverName: "b.rtmps.youtube.com", tcURL: "rtmps://b.rtmps.youtube.com/live2?backup=1", app: "live2?backup=1"}},
		{"Dial with a token that ends in a slash", "rtmp://host/live?t=ab/", false,
			target{addr: "host:1935", serverName: "host", tcURL: "rtmp://host/live?t=ab/", app: "live?t=ab/"}},
		{"the query of the app", "rtmps://b.rtmps.youtube.com:443/live2?backup=1/xx-yy", true,
			target{addr: "b.rtmps.youtube.com:443", serverName: "b.rtmps.youtube.com", tcURL: "rtmps://b.rtmps.youtube.com:443/live2?backup=1", app: "live2?backup=1", stream: "xx-yy"}},
		{"the query of the app and of the stream", "rtmp://host/live2?backup=1/key?a=/x&b=?", true,
			target{addr: "host:1935", serverName: "host", tcURL: "rtmp://host/live2?backup=1", app: "live2?backup=1", stream: "key?a=/x&b=?"}},
		{"a Facebook key", "rtmps://live-api-s.facebook.com:443/rtmp/FB-1-0-a?s_bl=1&s_ps=1&a=Ab/c%2F", true,
			target{addr: "live-api-s.facebook.com:443", serverName: "live-api-s.facebook.com", tcURL: "rtmps://live-api-s.facebook.com:443/rtmp", app: "rtmp", stream: "FB-1-0-a?s_bl=1&s_ps=1&a=Ab/c%2F"}},
		{"a Twitch key", "rtmp://live-fra.twitch.tv/app/live_1_abc?bandwidthtest=true", true,
			target{addr: "live-fra.twitch.tv:1935", serverName: "live-fra.twitch.tv", tcURL: "rtmp://live-fra.twitch.tv/app", app: "app", stream: "live_1_abc?bandwidthtest=true"}},
		{"an app of two elements", "rtmps://rtmp-auto.millicast.com:443/v2/pub/name?token=t", true,
			target{addr: "rtmp-auto.millicast.com:443", serverName: "rtmp-auto.millicast.com", tcURL: "rtmps://rtmp-auto.millicast.com:443/v2/pub", app: "v2/pub", stream: "name?token=t"}},
		{"an empty app", "rtmp://host/key", true,
			target{addr: "host:1935", serverName: "host", tcURL: "rtmp://host/", stream: "key"}},
		{"an empty app and a query", "rtmp://host/key?a=b", true,
			target{addr: "host:1935", serverName: "host", tcURL: "rtmp://host/", stream: "key?a=b"}},
		{"two slashes, as Wirecast writes them", "rtmp://host//live//cam", true,
			target{addr: "host:1935", serverName: "host", tcURL: "rtmp://host/live", app: "live", stream: "cam"}},
		{"nothing is decoded", "rtmp://host/li%76e/a%zz b#c+d", true,
			target{addr: "host:1935", serverName: "host", tcURL: "rtmp://host/li%76e", app: "li%76e", stream: "a%zz b#c+d"}},
		{"a file with a prefix", "rtmp://host/vod/mp4:dir/film.mp4?x=1", true,
			target{addr: "host:1935", serverName: "host", tcURL: "rtmp://host/vod", app: "vod", stream: "mp4:dir/film.mp4?x=1"}},
		{"upper case", "RTMPS://Host/App/Key", true,
			target{scheme: "rtmps", addr: "Host:443", serverName: "Host", tcURL: "rtmps://Host/App", app: "App", stream: "Key"}},
		{"the default port, given", "rtmp://host:1935/a/b", true,
			target{addr: "host:1935", serverName: "host", tcURL: "rtmp://host:1935/a", app: "a", stream: "b"}},
		{"an empty port", "rtmp://host:/a/b", true,
			target{addr: "host:1935", serverName: "host", tcURL: "rtmp://host/a", app: "a", stream: "b"}},
		{"IPv6", "rtmp://[2001:db8::1]/a/b", true,
			target{addr: "[2001:db8::1]:1935", serverName: "2001:db8::1", tcURL: "rtmp://[2001:db8::1]/a", app: "a", stream: "b"}},
		{"IPv6 with port", "rtmps://[::1]:8443/a/b", true,
			target{addr: "[::1]:8443", serverName: "::1", tcURL: "rtmps://[::1]:8443/a", app: "a", stream: "b"}},
		{"IPv6 with an encoded zone", "rtmp://[fe80::1%25eth0]/a/b", true,
			target{addr: "[fe80::1%eth0]:1935", serverName: "fe80::1", tcURL: "rtmp://[fe80::1%25eth0]/a", app: "a", stream: "b"}},
		{"IPv6 with a plain zone", "rtmp://[fe80::1%eth0]:1936/a/b", true,
			target{addr: "[fe80::1%eth0]:1936", serverName: "fe80::1", tcURL: "rtmp://[fe80::1%eth0]:1936/a", app: "a", stream: "b"}},
		{"credentials", "rtmp://me:p%40ss:%2F@host:1936/a/b@c", true,
			target{addr: "host:1936", serverName: "host", tcURL: "rtmp://host:1936/a", app: "a", stream: "b@c"}},
		{"a user only, badly encoded", "rtmp://m%e@host/a/b", true,
			target{addr: "host:1935", serverName: "host", tcURL: "rtmp://host/a", app: "a", stream: "b"}},
		{"an at sign in the password", "rtmp://me:p@ss@host/a/b", true,
			target{addr: "host:1935", serverName: "host", tcURL: "rtmp://host/a", app: "a", stream: "b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want.scheme == "" {
				tt.want.scheme, _, _ = strings.Cut(tt.url, "://")
			}
			got, err := parseTarget(tt.url, tt.stream)
			if err != nil {
				t.Fatalf("parseTarget(%q, %v) error = %v", tt.url, tt.stream, err)
			}
			if diff := cmp.Diff(&tt.want, got, equateTargets); diff != "" {
				t.Errorf("parseTarget(%q, %v) (-want +got):\n%s", tt.url, tt.stream, diff)
			}
		})
	}
}

func TestParseTargetErrors(t *testing.T) {
	tests := []struct{ name, url, want string }{
		{"nothing", "", "no scheme; want rtmp://host/app/stream"},
		{"no scheme", "host/live/secret", "no scheme; want rtmp://host/app/stream"},
		{"host and port only", "host:1935/live/secret", "no scheme"},
		{"empty scheme", "://host/live/secret", "no scheme"},
		{"http", "http://host/live/secret", `scheme "http" is not RTMP; want rtmp or rtmps`},
		{"a long scheme", strings.Repeat("x", 60) + "://host/a/b", "is not RTMP"},
		{"rtmpt", "rtmpt://host/live/secret", "rtmpt is RTMP inside HTTP"},
		{"rtmpte", "RTMPTE://host/live/secret", "rtmpte is RTMP inside HTTP"},
		{"rtmpe", "rtmpe://host/live/secret", "encryption of its own"},
		{"rtmfp", "rtmfp://host/live/secret", "another protocol"},
		{"no host", "rtmp:///live/secret", "no host"},
		{"no host but a port", "rtmp://:1935/live/secret", "no host"},
		{"no host but credentials", "rtmp://me:secret@/live/secret", "no host"},
		{"port not a number", "rtmp://host:rtmp/live/secret", "the port is not a number from 1 to 65535"},
		{"port too large", "rtmp://host:65536/live/secret", "the port is not a number"},
		{"port zero", "rtmp://host:0/live/secret", "the port is not a number"},
		{"port with a sign", "rtmp://host:+80/live/secret", "the port is not a number"},
		{"a slash in the password", "rtmp://me:sec/ret@host/live/secret", "the port is not a number"},
		{"IPv6 without brackets", "rtmp://::1/live/secret", "an IPv6 address needs brackets"},
		{"brackets without an address", "rtmp://[host]/live/secret", "brackets without an IPv6 address"},
		{"brackets that stay open", "rtmp://[::1/live/secret", "brackets without an IPv6 address"},
		{"IPv4 in brackets", "rtmp://[127.0.0.1]/live/secret", "brackets without an IPv6 address"},
		{"text behind the brackets", "rtmp://[::1]1935/live/secret", "something other than a port"},
		{"a space in the host", "rtmp://my host/live/secret", "a character that no host has"},
		{"an escape in the host", "rtmp://my%20host/live/secret", "a character that no host has"},
		{"a query behind the host", "rtmp://host?key=secret", "URL rtmp://host/…: a slash is missing behind the host"},
		{"a line break behind the key", "rtmp://host:1936/live/secret\n", "URL rtmp://host:1936/…: it contains a control character"},
		{"no path", "rtmp://host", "URL rtmp://host/…: no stream name; want rtmp://host/app/stream"},
		{"no stream behind the app", "rtmp://me:secret@host/live/", "URL rtmp://host/…: no stream name"},
		{"a query in the place of the stream", "rtmp://host/live/?token=secret", "no stream name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseTarget(tt.url, true)
			if bad := new(URLError); !errors.As(err, &bad) {
				t.Fatalf("parseTarget(%q) error = %v, want a *URLError", tt.url, err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("parseTarget(%q) error = %q, want %q in it", tt.url, err, tt.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("parseTarget(%q) error = %q tells the secret", tt.url, err)
			}
		})
	}
}

// FuzzParseTarget checks that a URL comes apart without loss: what is not cut off as slashes can be found again.
func FuzzParseTarget(f *testing.F) {
	for _, seed := range []string{
		"rtmp://host/live/cam", "rtmps://b.rtmps.youtube.com:443/live2?backup=1/xx-yy?a=/b", "rtmp://me:p%40@[fe80::1%25eth0]:1/a/b",
		"rtmp://host//live//", "rtmp://host/vod/mp4:a/b.mp4", "rtmp://h?x", "rtmp://[::1]x/", "://", "rtmp://h/?/?/",
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, rawURL string, stream bool) {
		got, err := parseTarget(rawURL, stream)
		if err != nil {
			if bad := new(URLError); !errors.As(err, &bad) {
				t.Fatalf("error is a %T, want a *URLError", err)
			}
			return
		}
		if (got.stream != "") != stream {
			t.Errorf("stream name %q, want one: %v", got.stream, stream)
		}
		if _, _, err := net.SplitHostPort(got.addr); err != nil {
			t.Errorf("addr %q: %v", got.addr, err)
		}
		if !strings.HasSuffix(rawURL, got.stream) || !strings.Contains(rawURL, got.app) {
			t.Errorf("app %q and stream %q are not parts of the URL", got.app, got.stream)
		}
		if !strings.HasPrefix(got.tcURL, got.scheme+"://") || !strings.HasSuffix(got.tcURL, "/"+got.app) {
			t.Errorf("tcUrl %q does not begin with scheme %q and end in app %q", got.tcURL, got.scheme, got.app)
		}
		again, err := parseTarget(got.tcURL, false)
		if err != nil {
			t.Fatalf("tcUrl %q: %v", got.tcURL, err)
		}
		want := *got
		want.stream = ""
		if diff := cmp.Diff(&want, again, equateTargets); diff != "" {
			t.Errorf("parseTarget(tcUrl %q) (-want +got):\n%s", got.tcURL, diff)
		}
	})
}
