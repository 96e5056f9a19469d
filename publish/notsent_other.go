//go:build !linux

package publish

import (
	"context"
	"net"
)

// dialQuietly makes a connection. What it keeps in the kernel is up to the system.
func dialQuietly(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, addr)
}
