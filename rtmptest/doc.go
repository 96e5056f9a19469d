// Package rtmptest helps to test programs that speak RTMP: a server on the loopback interface, connected pairs in
// memory, media that is the same on every run and that its receiver can verify, and the questions that every
// message connection must answer well.
package rtmptest
