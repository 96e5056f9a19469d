package rtmptest

import (
	"context"
	"net"

	"github.com/gortmp/rtmp"
)

// Pipe returns the two ends of a connection in memory, handshake and connect done: client can Publish, Play and
// Call, server is as it comes from Listener.Accept. The app is "test". Close both.
func Pipe() (client, server *rtmp.Conn) { return PipeConfig(nil, nil) }

// PipeConfig is Pipe with a Config for each end; nil means the defaults.
func PipeConfig(clientConfig, serverConfig *rtmp.Config) (client, server *rtmp.Conn) {
	nc1, nc2 := NetPipe()
	client, server, err := Connect(nc1, nc2, clientConfig, serverConfig)
	if err != nil {
		panic(err) // two ends of this package that do not understand each other
	}
	return client, server
}

// Connect makes the two ends of an established connection those of an RTMP connection: it does the handshake and
// connects to the app "test". The network connections then belong to client and server; if it fails they are closed.
// Nil configs mean the defaults.
func Connect(nc1, nc2 net.Conn, clientConfig, serverConfig *rtmp.Config) (client, server *rtmp.Conn, err error) {
	client = rtmp.NewClientConn(nc1, clientConfig)
	server = rtmp.NewServerConn(nc2, serverConfig)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	shaken := make(chan error, 1)
	go func() { shaken <- server.Handshake(ctx) }()
	err = client.Connect(ctx, "rtmp://pipe/test", nil)
	if err != nil {
		cancel()
	}
	if serr := <-shaken; err == nil {
		err = serr
	}
	if err != nil {
		client.CloseNow()
		server.CloseNow()
		return nil, nil, err
	}
	return client, server, nil
}
