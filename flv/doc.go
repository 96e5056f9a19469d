// Package flv reads and writes FLV files as messages. A Reader is a message.Reader and a Writer a
// message.Writer, so that message.Copy plays a file to a connection and records a connection to a file. The same
// bytes are what HTTP-FLV and WebSocket-FLV servers send.
//
// A tag of a file and a message of RTMP are nearly the same thing: type, timestamp and body are identical, the
// message stream id is dropped. Data messages have the form of the file on both sides: they start with
// "onMetaData" or another name, never with "@setDataFrame".
//
// FLV 10.1, Annex E; the script data in AMF3 (type 15) is from Enhanced RTMP v2.
package flv
