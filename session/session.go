// Package session is what a connection of RTMP knows and says after the handshake: the two state machines Server
// and Client. They take bytes and give bytes and events, and have no socket, no goroutine, no lock and no clock,
// so that the same engine runs under a network connection, in an event loop, and in a test against its
// counterpart.
//
// The owner calls Input with what arrived and the present time, then takes the events with Next, and sends what
// Output returns. Methods that answer or ask (Accept, Publish, Send, …) add to the output. When nothing arrives,
// Input(now, nil) is due at the time that Timeout names.
//
//	for {
//		ev, ok := s.Next()
//		if !ok {
//			break
//		}
//		switch ev := ev.(type) {
//		case session.ConnectRequested:
//			s.Accept(ev.ID)
//		…
//
// The session handles by itself chunk sizes, acknowledgements, bandwidth messages, pings, and the commands that
// ask for nothing but an answer (createStream, releaseStream, FCPublish, _checkbw, …). It asks its owner about
// connect, publish, play and remote calls. Audio and video are passed on unread.
//
// Peers differ from the specification, and the session takes what is harmless. It ignores and counts (Ignored)
// media on streams that are not open for it, control messages too short to be read, user control events that it
// does not know, and answers to questions it did not ask. It refuses, and goes on after, requests at the wrong
// time: createStream, publish and play before connect, a second publish or play on the same stream, names that
// are too long or contain control characters. It ends with a typed error for what leaves no way to go on: a
// broken chunk stream, a command that is not AMF, a limit of Config exceeded, silence.
//
// Verification of the SWF file (user control event 26) is not answered: it proves the possession of a file that
// is not there.
//
// RTMP 1.0, sections 5.4, 6 and 7; Enhanced RTMP v2, "Reconnect Request".
package session
