package rtmp

import (
	"context"
	"strings"
	"testing"
)

func TestRequestURL(t *testing.T) {
	tests := []struct{ name, tcURL, app, stream, want string }{
		{"usual", "rtmp://host:1936/live", "live", "cam", "rtmp://host:1936/live/cam"},
		{"key with a query", "rtmp://host/live", "live", "cam?token=a%20b", "rtmp://host/live/cam?token=a%20b"},
		{"app with a query", "rtmps://host/live2?backup=1", "live2?backup=1", "key", "rtmps://host/live2/key?backup=1"},
		{"both with a query", "rtmp://host/a?x=1", "a?x=1", "b?y=2", "rtmp://host/a/b?x=1&y=2"},
		{"a query in tcUrl only", "rtmp://host/a?x=1", "a", "b?y=2", "rtmp://host/a/b?x=1&y=2"},
		{"a longer query in app than in tcUrl", "rtmp://host/a?x=1", "a?x=1&user=me", "b", "rtmp://host/a/b?x=1&user=me"},
		{"instance and slashes", "rtmp://host/a/inst/", "a/inst/", "/dir/b", "rtmp://host/a/inst/dir/b"},
		{"empty app", "rtmp://host", "", "key", "rtmp://host/key"},
		{"no name", "rtmp://host/live", "live", "", "rtmp://host/live/"},
		{"no tcUrl", "", "live", "cam", "rtmp:///live/cam"},
		{"tcUrl without an app", "rtmp://host", "live", "cam", "rtmp://host/live/cam"},
		{"credentials", "rtmp://me:p%40ss@host/live", "live", "cam", "rtmp://me:p%40ss@host/live/cam"},
		{"broken escapes", "rtmp://host/li%zz", "li%zz", "c%zz", "rtmp://host/li%25zz/c%25zz"},
		{"upper case", "RTMP://Host/live", "live", "cam", "rtmp://Host/live/cam"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := requestURL(tt.tcURL, tt.app, tt.stream).String(); got != tt.want {
				t.Errorf("requestURL(%q, %q, %q) = %q, want %q", tt.tcURL, tt.app, tt.stream, got, tt.want)
			}
		})
	}
}

// What Dial takes apart, the server's side puts together again.
func FuzzRequestURL(f *testing.F) {
	f.Add("rtmp://host/live/cam?a=b")
	f.Add("rtmps://me:pass@[::1]:1/live2?backup=1/key?x=/y")
	f.Add("rtmp://host/vod/mp4:a/b.mp4?%zz&&")
	f.Fuzz(func(t *testing.T, rawURL string) {
		u := requestURL(rawURL, rawURL, rawURL)
		if strings.Contains(u.Path, "?") || !strings.HasPrefix(u.Path, "/") {
			t.Errorf("path %q", u.Path)
		}
		dest, err := parseTarget(rawURL, true)
		if err != nil {
			return
		}
		u = requestURL(dest.tcURL, dest.app, dest.stream)
		if got := u.Scheme + "://" + u.Host + "/"; !strings.HasPrefix(dest.tcURL, got) {
			t.Errorf("server of %q is %q, want that of tcUrl %q", rawURL, got, dest.tcURL)
		}
		name, query, _ := strings.Cut(dest.stream, "?")
		if !strings.HasSuffix(u.Path, "/"+strings.TrimLeft(name, "/")) || !strings.HasSuffix(u.RawQuery, query) {
			t.Errorf("URL %q has not name %q and query %q at its end", u, name, query)
		}
	})
}

func TestRequestContext(t *testing.T) {
	r := &Request{Name: "cam"}
	if r.Context() != context.Background() {
		t.Error("the context of a new Request is not context.Background")
	}
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, 1)
	if got := r.WithContext(ctx); got.Context() != ctx || got.Name != "cam" || r.Context() == ctx {
		t.Error("WithContext does not return a copy with the context")
	}
}
