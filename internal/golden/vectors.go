// Package golden gives tests their known bytes: the module's table of named wire vectors, and files of annotated
// hex; and it measures memory. It is for tests only; every function that is asked for bytes ends the test when they
// are not there.
package golden

import (
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

//go:embed testdata/vectors.json
var vectorsJSON []byte

// A Fixture is one entry of the vector table. Bytes is always there; the fields below Checked are there for
// the vectors that need them and zero in the others. Byte slices are owned by the caller.
type Fixture struct {
	Name    string   // dotted, from the general to the particular: "cmd.connect.minimal"
	Meaning string   // what the bytes say, in words
	Bytes   []byte   // the wire form
	Checked []string // the programs that read the bytes the same way, or "specification only"

	Timestamps       []uint32 // chunk.*, msg.aggregate: of the messages inside, in milliseconds, in order
	CarrierTimestamp uint32   // msg.aggregate: of the message around it, in milliseconds

	Digest       []byte // hs.c1.*, hs.s1.*: the 32 bytes at DigestOffset
	DigestOffset int    // hs.c1.*, hs.s1.*: bytes from the start of the packet
	Scheme       int    // hs.c1.*, hs.s1.*: 0 or 1, where the digest block lies
	Signature    []byte // hs.c2.*, hs.s2.*: the last 32 bytes
	Private      []byte // rtmpe.dh.*: the private exponent

	// auth.*: query strings and their parts, as text.
	Response, Inner, Hash1, Hash2, Key, Plain string
}

// entry is a Fixture as it is written in the file.
type entry struct {
	Name             string
	Meaning          string
	Hex              string
	CheckedWith      []string `json:"checked_with"`
	Timestamps       []uint32
	CarrierTimestamp uint32 `json:"carrier_timestamp"`
	Digest           string
	DigestOffset     int `json:"digest_offset"`
	Scheme           int
	Signature        string
	Private          string
	Response         string
	Inner            string
	Hash1            string
	Hash2            string
	Key              string
	Plain            string
}

// Vectors returns the entries whose names begin with one of prefixes, or all entries without prefixes, in the
// order of the file. It ends the test if there are none.
func Vectors(tb testing.TB, prefixes ...string) []Fixture {
	tb.Helper()
	var found []Fixture
	for _, e := range load(tb) {
		matches := func(p string) bool { return strings.HasPrefix(e.Name, p) }
		if len(prefixes) == 0 || slices.ContainsFunc(prefixes, matches) {
			found = append(found, e.fixture(tb))
		}
	}
	if len(found) == 0 {
		tb.Fatalf("golden: no vector is named %s…", strings.Join(prefixes, "…, "))
	}
	return found
}

// Vector returns the entry called name.
func Vector(tb testing.TB, name string) Fixture {
	tb.Helper()
	for _, e := range load(tb) {
		if e.Name == name {
			return e.fixture(tb)
		}
	}
	tb.Fatalf("golden: no vector is named %s", name)
	return Fixture{}
}

// parse reads the embedded file once for all tests of a process.
var parse = sync.OnceValues(func() ([]entry, error) {
	var entries []entry
	err := json.Unmarshal(vectorsJSON, &entries)
	return entries, err
})

func load(tb testing.TB) []entry {
	tb.Helper()
	entries, err := parse()
	if err != nil {
		tb.Fatalf("golden: vectors.json: %v", err)
	}
	return entries
}

func (e *entry) fixture(tb testing.TB) Fixture {
	tb.Helper()
	unhex := func(field, s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			tb.Fatalf("golden: vector %s, %s: %v", e.Name, field, err)
		}
		return b
	}
	return Fixture{
		Name:             e.Name,
		Meaning:          e.Meaning,
		Bytes:            unhex("hex", e.Hex),
		Checked:          slices.Clone(e.CheckedWith),
		Timestamps:       slices.Clone(e.Timestamps),
		CarrierTimestamp: e.CarrierTimestamp,
		Digest:           unhex("digest", e.Digest),
		DigestOffset:     e.DigestOffset,
		Scheme:           e.Scheme,
		Signature:        unhex("signature", e.Signature),
		Private:          unhex("private", e.Private),
		Response:         e.Response,
		Inner:            e.Inner,
		Hash1:            e.Hash1,
		Hash2:            e.Hash2,
		Key:              e.Key,
		Plain:            e.Plain,
	}
}

// String names the fixture and says what it means.
func (f Fixture) String() string { return fmt.Sprintf("%s (%s)", f.Name, f.Meaning) }
