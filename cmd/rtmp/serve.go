package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"
)

func newServe() *cobra.Command {
	var addr, tlsAddr, certFile, keyFile string
	var policy serveFlags
	var stats time.Duration
	var verbose bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Take in streams and pass them on to any number of players",
		Long: `Take in streams and pass them on to any number of players.

Anybody who reaches the server may publish under any app and name, and play
what is published. Who plays a name that nobody publishes waits for it. What
happens is logged to standard error. Ctrl-C ends the server.

With --conflict, somebody who wants to publish under a name that is taken

  refuse                  is refused
  takeover                takes the place of the old publisher; the players stay
  takeover-same-address   does so from the same IP address, else is refused
  wait                    waits until the name is free

With --grace, players stay when a publisher has gone, and go on when it is back;
with takeover-same-address only somebody at the same address can be it.

--stats logs a line about every stream as well, a warning if something is wrong
with it: speed is how many seconds of the stream come in a second, less than 1
from a publisher that is too slow; behind is how late the slowest player is.

Times are written as 90s, 1m30s or 500ms, where 0 is no limit unless it says
otherwise, and sizes as 512KiB, 8MiB or a number of bytes.`,
		Example: `  rtmp serve
  rtmp serve --addr 127.0.0.1:1935
  rtmp serve --stats 10s
  rtmp serve --tls-cert cert.pem --tls-key key.pem
  rtmp serve --conflict takeover-same-address --grace 20s`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			level := slog.LevelInfo
			if verbose {
				level = slog.LevelDebug
			}
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
			var listeners []net.Listener
			defer func() {
				for _, l := range listeners {
					l.Close()
				}
			}()

			if (certFile == "") != (keyFile == "") {
				return &usageError{"--tls-cert and --tls-key belong together"}
			}
			if cmd.Flags().Changed("tls-addr") && certFile == "" {
				return &usageError{"--tls-addr needs --tls-cert and --tls-key"}
			}
			s := newService(log)
			if err := policy.apply(s); err != nil {
				return err
			}
			l, err := listen(cmd.Context(), "addr", addr)
			if err != nil {
				return err
			}
			listeners = append(listeners, l)
			log.Info("serving", "url", "rtmp://"+reachable(l.Addr(), 1935)+"/APP/NAME", "addr", l.Addr())
			if certFile != "" {
				l, err := listenTLS(cmd, tlsAddr, certFile, keyFile)
				if err != nil {
					return err
				}
				listeners = append(listeners, l)
				log.Info("serving", "url", "rtmps://"+reachable(l.Addr(), 443)+"/APP/NAME", "addr", l.Addr())
			}
			if stats > 0 {
				defer s.reportStats(stats)()
			}
			err = s.serve(cmd.Context(), listeners...)
			log.Info("stopped")
			return err
		},
	}
	cmd.Flags().StringVar(&addr, "addr", ":1935", "`host:port` for rtmp; without a host all of the machine's addresses")
	cmd.Flags().StringVar(&tlsAddr, "tls-addr", ":1936", "`host:port` for rtmps, if there is a certificate")
	cmd.Flags().StringVar(&certFile, "tls-cert", "", "PEM `file` with the certificate and its chain; turns rtmps on")
	cmd.Flags().StringVar(&keyFile, "tls-key", "", "PEM `file` with the key of the certificate")
	policy.add(cmd)
	cmd.Flags().DurationVar(&stats, "stats", 0,
		"log each stream and its slowest player this often; 0 for never (default 0s)")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "log every connection as well (default false)")
	return cmd
}

func listenTLS(cmd *cobra.Command, addr, certFile, keyFile string) (net.Listener, error) {
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, &failure{text: fmt.Sprintf("certificate %s with key %s: %v", certFile, keyFile, err), err: err}
	}
	l, err := listen(cmd.Context(), "tls-addr", addr)
	if err != nil {
		return nil, err
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}}), nil
}
