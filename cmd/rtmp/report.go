package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/handshake"
)

// A usageError is a mistake on the command line.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// A failure is an error with the words that a person needs. The cause stays reachable.
type failure struct {
	text string // what happened
	hint string // what to do about it; may be empty
	err  error
}

func (e *failure) Error() string { return e.text }
func (e *failure) Unwrap() error { return e.err }

// report tells the user what err, returned by the command called name, means, and returns the exit code.
func report(w io.Writer, name string, err error) int {
	var usage *usageError
	var url *rtmp.URLError
	if errors.As(err, &url) {
		usage = &usageError{"the URL does not work: " + url.Reason}
	} else {
		errors.As(err, &usage)
	}
	switch {
	case err == nil:
		return exitOK
	case outputGone(err):
		return exitOK // whoever read our output has seen enough
	case usage != nil:
		fmt.Fprintf(w, "%s: %v\nRun \"%s --help\" for how it is used.\n", name, usage, name)
		return exitUsage
	}
	text, hint := explain(err)
	fmt.Fprintf(w, "%s: %s\n", name, text)
	if hint != "" {
		fmt.Fprintln(w, hint)
	}
	return exitFailure
}

// outputGone reports whether err is that of writing to a pipe that nobody reads any more. A network connection that
// is gone gives a *net.OpError instead.
func outputGone(err error) bool {
	var path *fs.PathError
	return errors.As(err, &path) && errors.Is(path, syscall.EPIPE)
}

// explain returns what err means, and what to do about it if that is known.
func explain(err error) (text, hint string) {
	var (
		told      *failure
		refused   *rtmp.StatusError
		version   *handshake.VersionError
		late      *rtmp.HandshakeTimeoutError
		record    tls.RecordHeaderError
		untrusted *tls.CertificateVerificationError
		dns       *net.DNSError
		op        *net.OpError
		signature *flv.SignatureError
	)
	switch {
	case errors.As(err, &told):
		return told.text, told.hint
	case errors.As(err, &refused):
		return "the server refused: " + strings.TrimPrefix(refused.Error(), "rtmp: refused: "), refusedHint(refused.Code)
	case errors.As(err, &version):
		return foreign(version)
	case errors.As(err, &late):
		return noAnswer(late.After), timeoutHint
	case errors.As(err, &record):
		return "the server does not speak TLS on this port",
			"Use rtmp:// instead of rtmps://, or the port that the server has for rtmps."
	case errors.As(err, &untrusted):
		return "the server's certificate is not to be trusted: " + untrusted.Err.Error(),
			"If you trust this server all the same, add --insecure."
	case errors.As(err, &dns):
		return fmt.Sprintf("there is no host %q: %s", dns.Name, dns.Err), "Is the URL spelled right, and is there a network?"
	case connRefused.in(err):
		where := "this address"
		if errors.As(err, &op) && op.Addr != nil {
			where = op.Addr.String()
		}
		return "nothing listens at " + where + " (connection refused)",
			"Is the server running, and is the port right? Without one in the URL it is 1935 for rtmp and 443 for rtmps."
	case errors.As(err, &signature):
		return fmt.Sprintf("not an FLV file: it begins with %q", signature.Got),
			"Convert it first, for example: ffmpeg -i FILE -c copy film.flv"
	case connectionGone(err):
		return "the server closed the connection",
			"One side may speak TLS and the other not: try rtmps:// instead of rtmp://, or vice versa."
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return "no answer in time: " + err.Error(), timeoutHint
	}
	return err.Error(), ""
}

// noAnswer is what to say when a server has been silent for d.
func noAnswer(d time.Duration) string { return fmt.Sprintf("no answer from the server within %v", d) }

const timeoutHint = "Is it an RTMP server? Is a firewall in between? --timeout sets how long to wait."

// connectionGone reports whether the other end of a connection has gone without a word.
func connectionGone(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.EPIPE) || connReset.in(err)
}

// streaming returns what err, of a stream that had begun, means. Before that, other things go wrong. Errors of files
// stay what they are.
func streaming(err error) error {
	var path *fs.PathError
	var told *failure
	switch {
	case err == nil, errors.As(err, &path), errors.As(err, &told):
		return err
	case errors.Is(err, net.ErrClosed):
		return &failure{text: "the server has ended the stream", err: err}
	case connectionGone(err):
		return &failure{text: "the connection to the server is lost", err: err}
	}
	return err
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// refusedHint returns what usually is behind a status code of a server.
func refusedHint(code string) string {
	switch code {
	case "NetStream.Publish.BadName", "NetStream.Publish.Denied", "NetStream.Publish.Rejected":
		return "The stream key is wrong or no longer valid, or somebody is publishing with it at this moment."
	case "NetConnection.Connect.Rejected", "NetConnection.Connect.InvalidApp":
		return "The server does not know the app, which is the part of the URL after the host, or wants a login."
	case "NetStream.Play.StreamNotFound":
		return "Nobody is publishing under this name."
	}
	return ""
}

// foreign explains what a client found at the other end.
func foreign(e *handshake.VersionError) (text, hint string) {
	switch e.Got {
	case 0x15, 0x16:
		return "the server speaks TLS on this port", "Use rtmps:// instead of rtmp://."
	case 'H', '<':
		return "this is a web server (HTTP), not an RTMP server", "RTMP has a port of its own, usually 1935."
	}
	return "the server does not speak RTMP: " + e.Error(), "Is the port right?"
}
