// Package amf0 reads and writes AMF0, the value format of RTMP commands and data messages.
package amf0
