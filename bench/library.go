package main

import (
	"io"
	"runtime"
	"runtime/debug"
	"strings"
)

// A library is a column of the tables: what somebody can do, in functions that all have the same shape. A function
// is nil where the library has no public way to do it; README.md says why.
type library struct {
	name   string
	module string // path, for its version; empty for the floor

	// dechunk reads messages from r, which starts with a Set Chunk Size message, and calls got, if it is not nil,
	// with each of the next n. It gives every payload away for good. Strips is the number of bytes that it takes off the front of
	// the payload of a video message.
	dechunk func(r io.Reader, n int, got func(timestamp uint32, payload []byte)) error
	strips  int

	// chunk writes n video messages to w, cut into chunks of that size. Sizes are those it can do; nil: all.
	chunk func(w io.Writer, size, n int, next func(i int) frame) error
	sizes []int

	// encoder returns a function that encodes values, into the same memory every time if it can. The values are
	// of types that package amf0 has.
	encoder func(values []any) func() ([]byte, error)

	// decoder returns a function that decodes all values in b into memory of their own, and one that returns what
	// that was the last time, in types that package amf0 has; an object may be a map.
	decoder func() (decode func(b []byte) error, values func() []any)

	// digest and plain do a whole handshake between a client and a server in memory. checkDigest has the client
	// and the server of the library each do one with the other party that this library has.
	digest      func() error
	checkDigest func() error
	plain       func() error

	// relay returns a function that reads n messages from r and writes each of them to all players, in chunks of
	// relayChunk bytes.
	relay func(players []io.Writer) (func(r io.Reader, n int) error, error)
}

// libraries returns the columns, first of all the floor.
func libraries() []*library {
	return []*library{floor(), ours(), gortmplib(), lal(), goRTMP(), joy4()}
}

// version returns the version of the module called path in this program.
func version(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range info.Deps {
		if m.Path == path && m.Replace == nil {
			return m.Version
		}
	}
	return ""
}

// machine returns a line about where and with what the figures were made.
func machine() string {
	list := []string{runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
	for _, lib := range libraries() {
		if v := version(lib.module); v != "" {
			list = append(list, lib.name+" "+v)
		}
	}
	return strings.Join(list, ", ") + "."
}
