// Package record writes the coded frames of a stream to MP4 and MPEG-TS files. Nothing is encoded: what is in the file
// is what was received.
//
// A file begins at 0, each picture with a key frame.
package record
