package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/spf13/cobra"
)

// dialFlags are the flags of every command that dials.
type dialFlags struct {
	timeout  time.Duration
	insecure bool
}

// add adds the flags to cmd.
func (d *dialFlags) add(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&d.timeout, "timeout", 10*time.Second, "how long to wait for the server's answers")
	cmd.Flags().BoolVar(&d.insecure, "insecure", false, "with rtmps: accept any certificate (default false)")
}

// dialer returns a Dialer that keeps to the flags.
func (d *dialFlags) dialer() *rtmp.Dialer {
	dialer := &rtmp.Dialer{
		Config: &rtmp.Config{HandshakeTimeout: d.timeout, ConnectTimeout: d.timeout},
		NetDial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			return (&net.Dialer{Timeout: d.timeout}).DialContext(ctx, network, addr)
		},
	}
	if d.insecure {
		dialer.TLSConfig = &tls.Config{InsecureSkipVerify: true}
	}
	return dialer
}

// parseURL checks that raw names a stream on an RTMP server. Its errors are usage errors: nothing was tried yet.
func parseURL(raw string) (*url.URL, error) {
	bad := func(why string) error {
		return &usageError{fmt.Sprintf("%q is not the URL of a stream: %s; it looks like rtmp://host/app/name", raw, why)}
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, bad("it cannot be read")
	}
	switch u.Scheme {
	case "rtmp", "rtmps":
	case "rtmpt", "rtmpe", "rtmpte", "rtmpts":
		return nil, bad(u.Scheme + " is not supported, rtmp and rtmps are")
	default:
		if _, err := os.Stat(raw); err == nil {
			return nil, bad("it is a file")
		}
		return nil, bad("it does not begin with rtmp:// or rtmps://")
	}
	if u.Hostname() == "" {
		return nil, bad("the host is missing")
	}
	app, name, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	switch {
	case app == "":
		return nil, bad("app and name of the stream are missing")
	case name == "":
		return nil, bad("the name of the stream is missing")
	}
	return u, nil
}

// place says where u leads without its last part, which may be a secret.
func place(u *url.URL) string {
	path := strings.Trim(u.Path, "/")
	app := path[:strings.LastIndexByte(path, '/')]
	return u.Scheme + "://" + u.Host + "/" + app
}

// context returns ctx with the time limit for a whole exchange with the server, from dialing to its consent.
func (d *dialFlags) context(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d.timeout, &failure{
		text: fmt.Sprintf("no answer from the server within %v", d.timeout),
		hint: timeoutHint,
		err:  context.DeadlineExceeded,
	})
}
