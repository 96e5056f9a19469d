package rtmp

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestServeMuxPicksTheMostSpecific(t *testing.T) {
	mux := NewServeMux()
	for _, pattern := range []string{
		"publish /live/{key}", "play /live/{key}", "play /live/main", "publish /live/main", "/{app}/{rest...}", "/vod/{a}/{b}",
	} {
		mux.HandleFunc(pattern, func(*Stream, *Request) error { return nil })
	}
	tests := []struct {
		name, method, app, stream, want string
		values                          map[string]string
	}{
		{"wildcard", MethodPublish, "live", "cam", "publish /live/{key}", map[string]string{"key": "cam"}},
		{"method", MethodPlay, "live", "cam", "play /live/{key}", map[string]string{"key": "cam"}},
		{"literal over wildcard", MethodPlay, "live", "main", "play /live/main", map[string]string{}},
		{"method and literal", MethodPublish, "live", "main", "publish /live/main", map[string]string{}},
		{"query is not part of it", MethodPublish, "live?a=1", "cam?key=x", "publish /live/{key}", map[string]string{"key": "cam"}},
		{"rest", MethodPlay, "x", "a/b/c", "/{app}/{rest...}", map[string]string{"app": "x", "rest": "a/b/c"}},
		{"app with instance", MethodPlay, "vod/inst", "f", "/vod/{a}/{b}", map[string]string{"a": "inst", "b": "f"}},
		{"empty name", MethodPublish, "live", "", "publish /live/{key}", map[string]string{"key": ""}},
		{"one segment", MethodPublish, "", "cam", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &Request{Method: tt.method, App: tt.app, Name: tt.stream}
			if _, got := mux.Handler(r); got != tt.want {
				t.Errorf("Handler(%s %s/%s) pattern = %q, want %q", tt.method, tt.app, tt.stream, got, tt.want)
			}
			_, values := mux.match(r)
			if diff := cmp.Diff(tt.values, values); diff != "" {
				t.Errorf("path values (-want +got):\n%s", diff)
			}
		})
	}
}

func TestServeMuxGivesPathValues(t *testing.T) {
	mux := NewServeMux()
	var got string
	mux.HandleFunc("/live/{key}", func(_ *Stream, r *Request) error {
		got = r.PathValue("key") + r.PathValue("other")
		return nil
	})
	if err := mux.ServeRTMP(nil, &Request{Method: MethodPlay, App: "live", Name: "cam"}); err != nil || got != "cam" {
		t.Errorf("ServeRTMP = %v with key %q, want nil with %q", err, got, "cam")
	}
}

func TestServeMuxRefusesTheUnknown(t *testing.T) {
	for method, want := range map[string]string{
		MethodPublish: "NetStream.Publish.BadName",
		MethodPlay:    "NetStream.Play.StreamNotFound",
	} {
		err := NewServeMux().ServeRTMP(nil, &Request{Method: method, App: "live", Name: "cam"})
		if status, ok := err.(*StatusError); !ok || status.Code != want {
			t.Errorf("%s without a pattern: error = %v, want code %s", method, err, want)
		}
	}
}

func TestServeMuxPanics(t *testing.T) {
	tests := []struct{ name, first, second, want string }{
		{"same", "/live/{a}", "/live/{b}", `matches the same requests as "/live/{a}"`},
		{"overlap", "/live/{a}", "/{b}/main", "neither is more specific"},
		{"overlap by method", "publish /{a}/{b}", "/live/main", "neither is more specific"},
		{"no slash", "", "live/x", "does not begin with a slash"},
		{"unknown method", "", "GET /live/x", `method "GET"`},
		{"half a wildcard", "", "/live/{x", "neither plain text"},
		{"wildcard in a word", "", "/live/a{x}", "neither plain text"},
		{"twice", "", "/{x}/{x}", "stands twice"},
		{"rest not last", "", "/{x...}/y", "not at the end"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mux := NewServeMux()
			h := HandlerFunc(func(*Stream, *Request) error { return nil })
			if tt.first != "" {
				mux.Handle(tt.first, h)
			}
			defer func() {
				v, _ := recover().(string)
				if !strings.Contains(v, tt.want) || !strings.Contains(v, tt.second) {
					t.Errorf("Handle(%q) panics with %q, want %q in it", tt.second, v, tt.want)
				}
			}()
			mux.Handle(tt.second, h)
		})
	}
}
