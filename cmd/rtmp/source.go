package main

import (
	"io"
	"os"

	"github.com/gortmp/rtmp/cmd/rtmp/internal/loop"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/message"
)

// A source is the FLV file to be published. Its errors have the name of the file.
type source struct {
	name string
	src  message.Reader
	file *os.File // nil for standard input
}

// openSource opens the file called name, or stdin for "-", to be read once or without end. It reads the file header:
// a wrong file is found before a server is asked.
func openSource(stdin io.Reader, name string, again bool) (*source, error) {
	s := &source{name: name}
	if name == "-" {
		if again {
			return nil, &usageError{"--loop needs a file: standard input cannot begin again"}
		}
		s.name = "standard input"
		r := flv.NewReader(stdin)
		s.src = r
		_, err := r.Header()
		return s, s.explainHeader(err)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	s.file = f
	if s.src, err = s.rewind(); err != nil {
		f.Close()
		return nil, s.explainHeader(err)
	}
	if again {
		s.src = loop.NewReader(s.rewind)
	}
	return s, nil
}

// rewind returns a reader from the beginning of the file.
func (s *source) rewind() (message.Reader, error) {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	r := flv.NewReader(s.file)
	_, err := r.Header()
	return r, err
}

// ReadMessage returns the next message of the file, or io.EOF at its end.
func (s *source) ReadMessage() (*message.Message, error) {
	m, err := s.src.ReadMessage()
	if err == io.EOF {
		return nil, err
	}
	return m, s.explain(err)
}

// explainHeader is explain for an error of the file header.
func (s *source) explainHeader(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return &failure{text: s.name + " is empty, or too short for an FLV file", err: err}
	}
	return s.explain(err)
}

// explain returns a *failure with the name of the file, or nil if err is nil.
func (s *source) explain(err error) error {
	switch err {
	case nil:
		return nil
	case io.ErrUnexpectedEOF:
		return &failure{text: s.name + " is cut off: it ends in the middle of a message", hint: "What comes before was sent.", err: err}
	}
	text, hint := explain(err)
	return &failure{text: s.name + ": " + text, hint: hint, err: err}
}

// Close closes the file.
func (s *source) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
