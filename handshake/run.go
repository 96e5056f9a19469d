package handshake

import (
	"io"
	"sync"
)

// pusher is a Client or a Server.
type pusher interface {
	Input(p []byte) (n int, done bool, err error)
	Output() []byte
}

// run moves bytes between rw and h, whose machine is m. It starts one goroutine, which writes, and waits for it:
// over an unbuffered pipe C2 can go out only while the rest of S2 comes in.
func run(rw io.ReadWriter, h pusher, m *machine) error {
	out := make(chan []byte, 2) // a side has two things to say at most
	var werr error
	var writer sync.WaitGroup
	writer.Go(func() {
		for b := range out {
			if werr == nil {
				_, werr = rw.Write(b)
			}
		}
	})
	err := pump(rw, h, m, out)
	close(out)
	writer.Wait()
	if err != nil {
		return err
	}
	return werr
}

// pump reads from r until h is done and passes on what h has to say.
func pump(r io.Reader, h pusher, m *machine, out chan<- []byte) error {
	buf := make([]byte, 1+packetSize)
	done, err := m.state == finished, m.err
	for {
		if b := h.Output(); len(b) > 0 {
			out <- b
		}
		if done || err != nil {
			return err
		}
		n, rerr := r.Read(buf[:min(len(buf), m.missing())])
		_, done, err = h.Input(buf[:n])
		if !done && err == nil {
			err = rerr
			if err == io.EOF && m.missing() < Size {
				err = io.ErrUnexpectedEOF
			}
		}
	}
}
