// Package rtmp is RTMP for Go programs: a client that publishes and plays, a server that ingests and relays, and
// the parts to build something else.
//
// # Client
//
// Publish and Play dial, shake hands, connect and open a stream in one call. What they return passes on messages,
// as does everything else in this module: flv.Reader and flv.Writer, relay.Publication and relay.Subscription,
// chunk.Reader and chunk.Writer. So publishing a file is message.Copy from an flv.Reader, and recording a stream is
// message.Copy to an flv.Writer.
//
//	pub, err := rtmp.Publish(ctx, "rtmp://host/app/key")
//	…
//	_, err = message.Copy(pub, rtmp.Paced(ctx, flv.NewReader(file)))
//
// Dial opens a connection without a stream; Conn.Publish and Conn.Play open any number of streams on it. A Dialer
// holds options.
//
// # Server
//
// A Handler serves one publish or play request, as an http.Handler serves one HTTP request. ServeMux picks it by
// pattern, "publish /live/{key}". The first read or write on the Stream accepts the request; returning an error
// before that refuses it, and the peer sees the code and the text of a *StatusError. relay.Hub is a Handler that
// passes streams from publishers to players.
//
//	rtmp.ListenAndServe(":1935", new(relay.Hub))
//
// Server.Stats says what goes on in a server, connection by connection, and the hooks of a Trace say when something
// happens. Requests, ConnInfo and ConnStats can be logged with log/slog: what they say there has no queries in it.
//
// Listen and Listener.Accept are there for programs that want the connections themselves.
//
// # Without a network
//
// The protocol is in packages that know neither sockets nor clocks: handshake, chunk, amf0, message and session.
// Conn is session.Client or session.Server with a socket.
//
// # Whose buffer it is
//
// Doc comments use four words. Owned: returned for good, keep it, change it; the default for what a call returns.
// Borrowed: yours until the next call on the same value. Frozen: nobody writes to it any more, any number of
// goroutines may read it. Not kept: an argument that the callee has finished with when it returns; the default for
// arguments.
//
// # Errors
//
//	situation                                       error                               what it ends
//	the peer ended the stream                       io.EOF                              the stream
//	the connection was lost in mid-stream           io.ErrUnexpectedEOF, or the         the connection
//	                                                network's error with its stack
//	our own Close or CloseNow                       net.ErrClosed                       what was closed
//	the server is going down                        ErrServerClosed                     the connection
//	a deadline passed                               os.ErrDeadlineExceeded              nothing: repeat the call
//	the context of Dial, Publish, Play or           its cause                           that transaction; of Dial
//	Shutdown ended                                                                      the connection as well
//	the peer refused                                *StatusError, which                 the stream; of connect the
//	                                                matches ErrRefused                  connection
//	the peer broke the rules, or was silent for     *ProtocolError                      the connection
//	too long
//	an unknown message type, command or codec       none: it is delivered               nothing
//
// The first fatal error of a connection is kept and returned by every later call.
package rtmp
