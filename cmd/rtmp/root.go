package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func init() { cobra.EnableCommandSorting = false } // ours is the order in which somebody needs them

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "rtmp",
		Short: "Serve, publish, play and inspect RTMP streams",
		Long: `Serve, publish, play and inspect RTMP streams.

To see a stream, type "rtmp demo" and open the address that it prints in a
player.

URLs are rtmp://host[:port]/app/name, or rtmps:// for TLS. Without a port they
mean 1935 and 443. The last part is the name of the stream, or what streaming
platforms call the stream key.

Exit codes: 0 for success and for an end by Ctrl-C, 1 for a failure, 2 for a
mistake on the command line.`,
		Example: `  rtmp demo
  rtmp serve
  rtmp publish film.flv rtmp://localhost/live/film
  rtmp play rtmp://localhost/live/film -o copy.flv`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			return &usageError{"which command? There are " + names(cmd)}
		},
		SilenceErrors:              true, // report prints them
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2, // letters that may be wrong
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err.Error()} })
	root.AddCommand(newDemo(), newServe(), newPublish(), newPlay(), newProbe(), newBench(), newDump())
	return root
}

// knownCommand is the Args of the root: any argument is a command that does not exist.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("there is no command %q", args[0])
	if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
		return &usageError{text + "; did you mean " + strings.Join(like, " or ") + "?"}
	}
	return &usageError{text + "; there are " + names(cmd)}
}

func names(root *cobra.Command) string {
	var list []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			list = append(list, c.Name())
		}
	}
	return strings.Join(list, ", ")
}

// arguments is an Args that wants one argument for each of what, which are their names in the help.
func arguments(what ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < len(what):
			return &usageError{what[len(args)] + " is missing"}
		case len(args) > len(what):
			return &usageError{fmt.Sprintf("what is %q? There should be only %s", args[len(what)], count(what))}
		}
		return nil
	}
}

func count(what []string) string {
	if len(what) == 0 {
		return "flags"
	}
	return strings.Join(what, " and ")
}
