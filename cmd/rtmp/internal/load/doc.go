// Package load puts load on an RTMP server and checks what comes out of it: publishers send streams in real time whose
// frames carry numbers and the time when they were sent, and players look at each frame that arrives.
package load
