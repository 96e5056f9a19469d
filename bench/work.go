package main

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"

	"github.com/gortmp/rtmp/amf0"
)

// checked is how many frames are verified before a candidate is measured.
const checked = 100

// A work is a line of a table.
type work struct {
	name  string
	bytes int // that one operation handles; 0 where bytes are not the measure

	// open makes what is needed, verifies that everybody does it right, and returns who does it.
	open func() ([]task, error)
}

// A group is a table.
type group struct {
	name, title string
	works       []*work
}

// The sizes that are compared, in bytes.
var (
	messageSizes = []int{4_000, 10_000, 100_000}
	chunkSizes   = []int{128, 4_096, 65_536}
)

// groups returns all there is to measure.
func groups() []*group {
	return []*group{
		{"dechunk", "Chunks to messages", sizes(dechunkWork)},
		{"chunk", "Messages to chunks", sizes(chunkWork)},
		{"amf0", "AMF0 values", amf0Works()},
		{"handshake", "A client and a server shake hands", []*work{
			shakeWork("digest", func(l *library) (run, check func() error) { return l.digest, l.checkDigest }),
			shakeWork("plain", func(l *library) (run, check func() error) { return l.plain, l.plain }),
		}},
		{"relay", "A message of 10,000 bytes from one publisher to 50 players", []*work{relayWork(128), relayWork(4_096)}},
	}
}

// sizes returns what make makes for each pair of sizes.
func sizes(make func(size, chunk int) *work) (list []*work) {
	for _, size := range messageSizes {
		for _, chunk := range chunkSizes {
			list = append(list, make(size, chunk))
		}
	}
	return list
}

// each returns the tasks of those libraries for which try returns one. A try that fails is an error of all.
func each(try func(lib *library) (run func(n int) error, err error)) ([]task, error) {
	var tasks []task
	for _, lib := range libraries() {
		run, err := try(lib)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", lib.name, err)
		}
		if run != nil {
			tasks = append(tasks, task{lib, run})
		}
	}
	return tasks, nil
}

func dechunkWork(size, chunk int) *work {
	const loop = 16 << 20 // bytes: more than the caches near the processor hold
	open := func() ([]task, error) {
		w, err := newWire(newFilm(size), chunk, loop)
		if err != nil {
			return nil, err
		}
		return each(func(lib *library) (func(n int) error, error) {
			if lib.dechunk == nil {
				return nil, nil
			}
			got, result := w.expect(lib.strips)
			n := w.frames + checked // beyond the end of the loop
			if err := lib.dechunk(w.reader(), n, got); err != nil {
				return nil, err
			}
			if count, err := result(); err != nil || count != n {
				return nil, fmt.Errorf("%d of %d frames are right: %w", count, n, err)
			}
			return func(n int) error { return lib.dechunk(w.reader(), n, nil) }, nil
		})
	}
	return &work{name: fmt.Sprintf("message=%d/chunk=%d", size, chunk), bytes: size, open: open}
}

func chunkWork(size, chunk int) *work {
	open := func() ([]task, error) {
		f := newFilm(size)
		return each(func(lib *library) (func(n int) error, error) {
			if lib.chunk == nil || lib.sizes != nil && !slices.Contains(lib.sizes, chunk) {
				return nil, nil
			}
			var t tape
			if err := lib.chunk(&t, chunk, checked, f.frame); err != nil {
				return nil, err
			}
			if err := t.check(f, chunk, checked, lib); err != nil {
				return nil, err
			}
			return func(n int) error { return lib.chunk(new(drain), chunk, n, f.frame) }, nil
		})
	}
	return &work{name: fmt.Sprintf("message=%d/chunk=%d", size, chunk), bytes: size, open: open}
}

func amf0Works() (list []*work) {
	for _, message := range []struct {
		name   string
		values []any
	}{{"connect", connectValues()}, {"onMetaData", metadataValues()}} {
		b, err := amf0.Append(nil, message.values...)
		if err != nil {
			panic(err) // the values are ours
		}
		list = append(list,
			&work{"encode/" + message.name, len(b), func() ([]task, error) { return encodeTasks(message.values, len(b)) }},
			&work{"decode/" + message.name, len(b), func() ([]task, error) { return decodeTasks(message.values, b) }})
	}
	return list
}

func encodeTasks(values []any, size int) ([]task, error) {
	return each(func(lib *library) (func(n int) error, error) {
		if lib.encoder == nil {
			return nil, nil
		}
		encode := lib.encoder(values)
		b, err := encode()
		if err != nil {
			return nil, err
		}
		got, err := amf0.ParseAll(b)
		if err != nil {
			return nil, err
		}
		if !same(got, values) || len(b) != size {
			return nil, fmt.Errorf("encoded are %v in %d bytes", got, len(b))
		}
		return func(n int) error {
			for range n {
				if _, err := encode(); err != nil {
					return err
				}
			}
			return nil
		}, nil
	})
}

func decodeTasks(want []any, b []byte) ([]task, error) {
	return each(func(lib *library) (func(n int) error, error) {
		if lib.decoder == nil {
			return nil, nil
		}
		decode, values := lib.decoder()
		if err := decode(b); err != nil {
			return nil, err
		}
		if got := values(); !same(got, want) {
			return nil, fmt.Errorf("decoded are %v", got)
		}
		return func(n int) error {
			for range n {
				if err := decode(b); err != nil {
					return err
				}
			}
			return nil
		}, nil
	})
}

// same reports whether a and b are the same values, whatever the order of properties: some have maps for objects.
func same(a, b []any) bool { return reflect.DeepEqual(unordered(a), unordered(b)) }

func unordered(values []any) (list []any) {
	for _, v := range values {
		if o, ok := v.(amf0.Object); ok {
			m := map[string]any{}
			for _, p := range o {
				m[p.Name] = p.Value
			}
			v = m
		}
		list = append(list, v)
	}
	return list
}

func shakeWork(name string, of func(lib *library) (run, check func() error)) *work {
	open := func() ([]task, error) {
		return each(func(lib *library) (func(n int) error, error) {
			run, check := of(lib)
			if run == nil {
				return nil, nil
			}
			if err := check(); err != nil {
				return nil, err
			}
			return func(n int) error {
				for range n {
					if err := run(); err != nil {
						return err
					}
				}
				return nil
			}, nil
		})
	}
	return &work{name: name, open: open}
}

func relayWork(chunk int) *work {
	const players = 50
	open := func() ([]task, error) {
		f := stillFilm()
		w, err := newWire(f, chunk, 1<<20)
		if err != nil {
			return nil, err
		}
		return each(func(lib *library) (func(n int) error, error) {
			if lib.relay == nil {
				return nil, nil
			}
			tapes := make([]tape, players)
			run, err := lib.relay(writers(tapes))
			if err != nil {
				return nil, err
			}
			if err := run(w.reader(), checked); err != nil {
				return nil, err
			}
			for i := range tapes {
				if err := tapes[i].check(f, relayChunk, checked, lib); err != nil {
					return nil, fmt.Errorf("player %d: %w", i, err)
				}
			}
			drains := make([]drain, players)
			if run, err = lib.relay(writers(drains)); err != nil {
				return nil, err
			}
			return func(n int) error {
				clear(drains)
				if err := run(w.reader(), n); err != nil {
					return err
				}
				if drains[players-1].bytes < int64(n)*10_000 {
					return errors.New("not all was delivered")
				}
				return nil
			}, nil
		})
	}
	return &work{name: fmt.Sprintf("chunk=%d", chunk), bytes: 10_000, open: open}
}

// writers returns the elements of list as Writers.
func writers[T any, W interface {
	*T
	io.Writer
}](list []T) (all []io.Writer) {
	for i := range list {
		all = append(all, W(&list[i]))
	}
	return all
}
