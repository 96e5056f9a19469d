package main

import (
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/gortmp/rtmp/cmd/rtmp/internal/dump"
)

func newDump() *cobra.Command {
	return &cobra.Command{
		Use:   "dump FILE",
		Short: "List the messages in the recorded bytes of a connection",
		Long: `List the messages in the recorded bytes of a connection.

FILE holds what one side has sent, as it went over the network without the
headers of TCP: what Wireshark saves with "Follow TCP Stream", one direction,
as raw. It may begin with the handshake or after it; - is standard input.

A line is one message: its timestamp in seconds, type, message stream, length
in bytes, and the values or the first bytes inside.`,
		Example: `  rtmp dump client.bin
  rtmp dump - < server.bin | less -S`,
		Args: arguments("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := cmd.InOrStdin()
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				in = f
			}
			err := dump.List(cmd.OutOrStdout(), in)
			return explainDump(args[0], err)
		},
	}
}

// explainDump returns err with the name of the file and what to do about it.
func explainDump(name string, err error) error {
	var position *dump.PositionError
	switch {
	case errors.Is(err, io.EOF):
		return &failure{text: name + " is empty", err: err}
	case errors.As(err, &position):
		return &failure{
			text: name + ": this is where the bytes stop making sense: " + err.Error(),
			hint: "Is it one direction of one connection, from the beginning, with nothing left out?",
			err:  err,
		}
	case errors.Is(err, dump.ErrForeign), errors.Is(err, dump.ErrHandshake):
		return &failure{text: name + ": " + err.Error(), err: err}
	}
	return err
}
