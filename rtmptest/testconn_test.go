package rtmptest

import (
	"testing"

	"github.com/gortmp/rtmp"
)

func TestTestConn(t *testing.T) {
	TestConn(t, func() (client, server *rtmp.Conn, stop func(), err error) {
		client, server = Pipe()
		return client, server, func() { client.CloseNow(); server.CloseNow() }, nil
	})
}
