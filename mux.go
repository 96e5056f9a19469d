package rtmp

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// A ServeMux picks a Handler by pattern: "[method ]/app/name", where a whole segment may be a wildcard: {id} for
// one segment that is not empty, {rest...} as the last one for all that follows. What a wildcard matched is in
// Request.PathValue. The path of a request is its app and its stream name without their queries and without empty
// segments, except that a request without a stream name has an empty last segment: only a pattern that ends in a
// slash or in {rest...} matches it.
//
// If several patterns match, the most specific one wins, as in net/http: the one that matches only requests that
// the others match as well. Two patterns of which neither is more specific must not be registered together.
//
//	mux.Handle("publish /live/{key}", ingest)
//	mux.Handle("play /live/{key}", hub)
//	mux.Handle("/vod/{file...}", vod)
type ServeMux struct {
	mu     sync.RWMutex // guards the field below
	routes []route
}

type route struct {
	pattern  string
	method   string // empty: every method
	segments []segment
	handler  Handler
}

// A segment is literal, or a wildcard if name is not empty.
type segment struct {
	literal string
	name    string
	multi   bool
}

// NewServeMux returns a ServeMux without patterns. The zero value is one, too.
func NewServeMux() *ServeMux { return new(ServeMux) }

// Handle registers h for pattern. It panics if the pattern cannot be read, and if another one matches some of the
// same requests without one of the two being more specific.
func (m *ServeMux) Handle(pattern string, h Handler) {
	if h == nil {
		panic("rtmp: nil handler for pattern " + pattern)
	}
	r, err := parsePattern(pattern)
	if err != nil {
		panic(fmt.Sprintf("rtmp: pattern %q: %v", pattern, err))
	}
	r.handler = h
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, other := range m.routes {
		switch r.compare(other) {
		case equal:
			panic(fmt.Sprintf("rtmp: pattern %q matches the same requests as %q", pattern, other.pattern))
		case overlaps:
			panic(fmt.Sprintf("rtmp: patterns %q and %q match some of the same requests, and neither is more specific",
				pattern, other.pattern))
		}
	}
	m.routes = append(m.routes, r)
}

// HandleFunc registers f for pattern; see Handle.
func (m *ServeMux) HandleFunc(pattern string, f func(s *Stream, r *Request) error) {
	if f == nil {
		panic("rtmp: nil handler for pattern " + pattern)
	}
	m.Handle(pattern, HandlerFunc(f))
}

// Handler returns the handler for r and the pattern that matched. If none did, the handler refuses the request as
// stream not found, and the pattern is empty.
func (m *ServeMux) Handler(r *Request) (h Handler, pattern string) {
	if route, _ := m.match(r); route != nil {
		return route.handler, route.pattern
	}
	return HandlerFunc(refuseUnknown), ""
}

// ServeRTMP gives the request to the handler of the most specific pattern.
func (m *ServeMux) ServeRTMP(s *Stream, r *Request) error {
	route, values := m.match(r)
	if route == nil {
		return refuseUnknown(s, r)
	}
	c := *r
	c.values = values
	return route.handler.ServeRTMP(s, &c)
}

// refuseUnknown refuses a stream that no pattern knows.
func refuseUnknown(_ *Stream, r *Request) error {
	if r.Method == MethodPublish {
		return &StatusError{Code: "NetStream.Publish.BadName", Description: "no such stream"}
	}
	return &StatusError{Code: "NetStream.Play.StreamNotFound", Description: "no such stream"}
}

// match returns the most specific route for r and what its wildcards matched.
func (m *ServeMux) match(r *Request) (*route, map[string]string) {
	path := requestPath(r)
	m.mu.RLock()
	defer m.mu.RUnlock()
	var best *route
	for i := range m.routes {
		route := &m.routes[i]
		if route.matches(r.Method, path) && (best == nil || route.compare(*best) == moreSpecific) {
			best = route
		}
	}
	if best == nil {
		return nil, nil
	}
	values := make(map[string]string)
	for i, s := range best.segments {
		switch {
		case s.multi:
			values[s.name] = strings.Join(path[i:], "/")
		case s.name != "":
			values[s.name] = path[i]
		}
	}
	return best, values
}

// requestPath returns the segments of app and name. The last one is empty if there is no name.
func requestPath(r *Request) []string {
	app, _, _ := strings.Cut(r.App, "?")
	name, _, _ := strings.Cut(r.Name, "?")
	isEmpty := func(s string) bool { return s == "" }
	path := slices.DeleteFunc(strings.Split(app+"/"+name, "/"), isEmpty)
	if strings.Trim(name, "/") == "" {
		path = append(path, "")
	}
	return path
}

func (r *route) matches(method string, path []string) bool {
	if r.method != "" && r.method != method {
		return false
	}
	for i, s := range r.segments {
		switch {
		case i >= len(path):
			return false
		case s.multi:
			return true
		case s.name != "" && path[i] == "", s.name == "" && s.literal != path[i]:
			return false
		}
	}
	return len(r.segments) == len(path)
}

// parsePattern reads "[method ]/seg/seg".
func parsePattern(pattern string) (route, error) {
	r := route{pattern: pattern}
	path := pattern
	if method, rest, ok := strings.Cut(pattern, " "); ok {
		if method != MethodPublish && method != MethodPlay {
			return r, fmt.Errorf("method %q is neither %s nor %s", method, MethodPublish, MethodPlay)
		}
		r.method, path = method, strings.TrimLeft(rest, " ")
	}
	path, ok := strings.CutPrefix(path, "/")
	if !ok {
		return r, fmt.Errorf("path does not begin with a slash")
	}
	if strings.Contains(path, "?") {
		return r, fmt.Errorf("a query is not part of the path")
	}
	seen := make(map[string]bool)
	parts := strings.Split(path, "/")
	for i, part := range parts {
		inner, isOpen := strings.CutPrefix(part, "{")
		inner, isClosed := strings.CutSuffix(inner, "}")
		if part == "" && i < len(parts)-1 {
			return r, fmt.Errorf("an empty segment is not at the end")
		}
		if !isOpen && !isClosed && !strings.ContainsAny(part, "{}") {
			r.segments = append(r.segments, segment{literal: part})
			continue
		}
		name, multi := strings.CutSuffix(inner, "...")
		switch {
		case !isOpen || !isClosed || !isIdentifier(name):
			return r, fmt.Errorf("segment %q is neither plain text nor {name} nor {name...}", part)
		case seen[name]:
			return r, fmt.Errorf("wildcard {%s} stands twice", name)
		case multi && i < len(parts)-1:
			return r, fmt.Errorf("{%s...} is not at the end", name)
		}
		seen[name] = true
		r.segments = append(r.segments, segment{name: name, multi: multi})
	}
	return r, nil
}

// isIdentifier reports whether s is a name as Go has them. Nothing else is a wildcard's name, so that patterns of
// other packages, such as {id:[0-9]+}, do not go by unnoticed.
func isIdentifier(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}

// A relation says how the requests that one pattern matches lie to those of another.
type relation uint8

const (
	equal relation = iota
	moreSpecific
	moreGeneral
	overlaps
	disjoint
)

// and returns a, narrowed or widened by one segment that is moreSpecific or moreGeneral.
func (a relation) and(b relation) relation {
	if a == equal || a == b {
		return b
	}
	return overlaps
}

// compare tells how r lies to o.
func (r route) compare(o route) relation {
	rel := equal
	switch {
	case r.method == o.method:
	case o.method == "":
		rel = moreSpecific
	case r.method == "":
		rel = moreGeneral
	default:
		return disjoint
	}
	for i := 0; i < len(r.segments) || i < len(o.segments); i++ {
		if i >= len(r.segments) || i >= len(o.segments) {
			return disjoint
		}
		a, b := r.segments[i], o.segments[i]
		switch {
		case a.multi && b.multi:
			return rel
		case a.multi:
			return rel.and(moreGeneral)
		case b.multi:
			return rel.and(moreSpecific)
		case a.name == "" && b.name == "":
			if a.literal != b.literal {
				return disjoint
			}
		case a.name == "" && a.literal == "", b.name == "" && b.literal == "":
			return disjoint // a wildcard is never empty
		case a.name == "":
			rel = rel.and(moreSpecific)
		case b.name == "":
			rel = rel.and(moreGeneral)
		}
	}
	return rel
}
