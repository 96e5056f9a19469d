package main

import (
	"context"
	"crypto/tls"
	"net"
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

// place says where the stream of conn goes to: URL and app, without the name, which may be a secret.
func place(conn *rtmp.Conn) string {
	url, _, _ := strings.Cut(conn.Info().TCURL, "?")
	return url
}

// context returns ctx with the time limit for a whole exchange with the server, from dialing to its consent.
func (d *dialFlags) context(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d.timeout, &failure{
		text: noAnswer(d.timeout),
		hint: timeoutHint,
		err:  context.DeadlineExceeded,
	})
}
