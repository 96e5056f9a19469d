package main

import (
	"bytes"
	"io"
	"sync"
)

// A pipe is one direction between two goroutines in memory. Whoever reads waits, whoever writes does not.
type pipe struct {
	mu    sync.Mutex // guards buf
	grown sync.Cond
	buf   bytes.Buffer
}

func newPipe() *pipe {
	p := new(pipe)
	p.grown.L = &p.mu
	return p
}

func (p *pipe) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.buf.Len() == 0 {
		p.grown.Wait()
	}
	return p.buf.Read(b)
}

func (p *pipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.grown.Signal()
	return p.buf.Write(b)
}

// A duplex is one end of two pipes.
type duplex struct {
	io.Reader
	io.Writer
}

// together runs a client and a server that wait for each other, each on its end of a connection.
func together(client, server func(rw io.ReadWriter) error) error {
	up, down := newPipe(), newPipe()
	done := make(chan error, 1)
	go func() { done <- server(duplex{up, down}) }()
	err := client(duplex{down, up})
	if other := <-done; err == nil {
		err = other
	}
	return err
}
