package amf3
