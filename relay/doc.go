// Package relay passes streams on: each is published under a name and goes to everybody who subscribed to it.
//
// A Hub is a Handler for both methods of an rtmp.Server:
//
//	rtmp.ListenAndServe(":1935", new(relay.Hub))
//
// Every message is cut into chunks once and put into one ring per stream; a subscriber is a cursor in that ring. A
// subscriber that joins starts at the newest key frame, after the last metadata and the sequence headers of every
// track as they were at that key frame. One that falls behind the oldest message in the ring goes on at the newest
// key frame, and what it missed is counted: it costs the others nothing, and no memory either.
package relay
