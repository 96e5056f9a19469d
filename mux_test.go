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
		"/{one}", "publish /live/",
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
		{"name with slashes", MethodPlay, "vod", "inst/f", "/vod/{a}/{b}", map[string]string{"a": "inst", "b": "f"}},
		{"slashes too many", MethodPlay, "/vod//inst/", "/f", "/vod/{a}/{b}", map[string]string{"a": "inst", "b": "f"}},
		{"empty app", MethodPublish, "", "cam", "/{one}", map[string]string{"one": "cam"}},
		{"empty name", MethodPublish, "live", "", "publish /live/", map[string]string{}},
		{"empty name in the rest", MethodPublish, "vod", "?x=1", "/{app}/{rest...}", map[string]string{"app": "vod", "rest": ""}},
		{"empty name is no wildcard", MethodPublish, "", "", "", nil},
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
		{"no name", "", "/live/{}", "neither plain text"},
		{"an expression", "", "/live/{x:[0-9]+}", "neither plain text"},
		{"empty segment", "", "/live//x", "not at the end"},
		{"query", "", "/live/x?y", "query"},
		{"a host", "", "example.com/live/x", "does not begin with a slash"},
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
				if !strings.Contains(v, tt.want) || !strings.Contains(v, tt.second) || !strings.Contains(v, tt.first) {
					t.Errorf("Handle(%q) panics with %q, want %q in it", tt.second, v, tt.want)
				}
			}()
			mux.Handle(tt.second, h)
		})
	}
}

func TestServeMuxNilHandler(t *testing.T) {
	for name, handle := range map[string]func(){
		"Handle":     func() { NewServeMux().Handle("/live/x", nil) },
		"HandleFunc": func() { NewServeMux().HandleFunc("/live/x", nil) },
	} {
		func() {
			defer func() {
				if v, _ := recover().(string); !strings.Contains(v, "/live/x") {
					t.Errorf("%s with nil panics with %q, want the pattern in it", name, v)
				}
			}()
			handle()
		}()
	}
}

// What compare says of two patterns must be what their matches say, for every pair of small patterns.
func TestCompareAgreesWithMatches(t *testing.T) {
	type request struct {
		method string
		path   []string
	}
	var patterns, paths []string
	words := []string{"/a", "/b", "/c"}
	for _, one := range append(words, "/{x}") {
		patterns = append(patterns, one, one+"/", one+"/{y...}")
		for _, two := range append(words[:1:1], "/{y}") {
			patterns = append(patterns, one+two, one+two+"/{z...}")
		}
	}
	patterns = append(patterns, "/", "/{x...}")
	for _, one := range words {
		paths = append(paths, one, one+"/")
		for _, two := range words {
			paths = append(paths, one+two, one+two+"/", one+two+"/c")
		}
	}
	paths = append(paths, "/")
	var routes []route
	for _, method := range []string{"", "publish ", "play "} {
		for _, p := range patterns {
			r, err := parsePattern(method + p)
			if err != nil {
				t.Fatal(err)
			}
			routes = append(routes, r)
		}
	}
	var requests []request
	for _, method := range []string{MethodPublish, MethodPlay} {
		for _, p := range paths {
			requests = append(requests, request{method, strings.Split(p[1:], "/")})
		}
	}
	for _, a := range routes {
		for _, b := range routes {
			var both, onlyA, onlyB bool
			for _, r := range requests {
				inA, inB := a.matches(r.method, r.path), b.matches(r.method, r.path)
				both, onlyA, onlyB = both || inA && inB, onlyA || inA && !inB, onlyB || inB && !inA
			}
			want := overlaps
			switch {
			case !both:
				want = disjoint
			case !onlyA && !onlyB:
				want = equal
			case !onlyA:
				want = moreSpecific
			case !onlyB:
				want = moreGeneral
			}
			if got := a.compare(b); got != want {
				t.Errorf("compare(%q, %q) = %d, want %d", a.pattern, b.pattern, got, want)
			}
		}
	}
}
