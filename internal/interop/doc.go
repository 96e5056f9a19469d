// Package interop holds no code, only tests: what this module sends is read by other people's programs, and what
// they send is read by this module. README.md beside this file says which test shows which pairing.
//
// A clip is made by ffmpeg, sent through the pairing under test, and what comes out is compared with the clip,
// packet by packet and decoded frame by decoded frame, in order. That a program ended without an error proves
// nothing here.
//
// A program that is not installed skips the tests that need it. With RTMP_INTEROP_REQUIRED=1 in the environment it
// fails them instead. Nothing leaves 127.0.0.1.
package interop
