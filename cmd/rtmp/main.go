// Rtmp serves, publishes, plays and inspects RTMP streams. "rtmp demo" shows one without any other program.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes. Ours.
const (
	exitOK      = 0 // also after Ctrl-C, which is how most of the commands end
	exitFailure = 1
	exitUsage   = 2
)

func main() {
	// The second Ctrl-C ends the program at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)

	// A reader that left is found by the error of the next write, so that the stream can be ended politely.
	signal.Ignore(syscall.SIGPIPE)

	os.Exit(run(ctx, os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}))
}

// A stdio is where a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// run carries out the command that args name and returns the exit code. It ends early, without an error, when ctx
// does.
func run(ctx context.Context, args []string, std stdio) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	cmd, err := root.ExecuteContextC(ctx)
	return report(std.err, cmd.CommandPath(), err)
}
