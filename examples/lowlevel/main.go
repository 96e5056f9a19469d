// Command lowlevel is an ingest server on standard input and output, without any networking in it: run it under
// inetd, over a serial line, or as
//
//	socat TCP-LISTEN:1935,reuseaddr EXEC:lowlevel
//
// It accepts whatever is published and prints one line per message to standard error.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/gortmp/rtmp/handshake"
	"github.com/gortmp/rtmp/session"
)

func main() {
	if err := serve(os.Stdin, os.Stdout, os.Stderr); err != nil {
		log.Fatal(err)
	}
}

// serve speaks RTMP on r and w until r ends.
func serve(r io.Reader, w, report io.Writer) error {
	rw := struct {
		io.Reader
		io.Writer
	}{r, w}
	if err := handshake.NewServer(nil).Run(rw); err != nil {
		return err
	}
	s := session.NewServer(nil, time.Now())
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.Input(time.Now(), buf[:n]); err != nil {
			return err
		}
		for {
			ev, ok := s.Next()
			if !ok {
				break
			}
			switch ev := ev.(type) {
			case session.ConnectRequested:
				err = s.Accept(ev.ID)
			case session.StreamRequested:
				fmt.Fprintf(report, "publish=%v name=%q\n", ev.Publish, ev.Name)
				err = s.Accept(ev.ID)
			case session.MessageReceived:
				m := ev.Message
				fmt.Fprintf(report, "%8d ms  stream %d  %-8v %6d bytes\n", m.Timestamp, m.StreamID, m.Type, len(m.Payload))
			}
			if err != nil {
				return err
			}
		}
		if _, err := w.Write(s.Output(nil)); err != nil {
			return err
		}
	}
}
