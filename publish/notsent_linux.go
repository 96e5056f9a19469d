package publish

import (
	"context"
	"net"
	"syscall"
)

// dialQuietly makes a connection that keeps little in the kernel which the network does not take yet. Without that,
// a slow uplink would fill megabytes of it before the queue of the target sees anything.
func dialQuietly(ctx context.Context, network, addr string) (net.Conn, error) {
	const notSentLowWater = 25 // TCP_NOTSENT_LOWAT, which package syscall does not name
	d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		// A kernel that does not know the option is as good as before.
		return c.Control(func(fd uintptr) {
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, notSentLowWater, writeBuffer)
		})
	}}
	return d.DialContext(ctx, network, addr)
}
