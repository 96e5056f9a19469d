// Package amf0 reads and writes AMF0, the value format of RTMP commands and data messages.
//
// # Values
//
// A decoded value, an any, is one of
//
//	float64      number
//	bool         boolean
//	string       string, long string
//	Object       object
//	nil          null
//	Undefined    undefined
//	ECMAArray    ECMA array
//	StrictArray  strict array
//	Date         date, in milliseconds since 1970-01-01 UTC
//	Unsupported  unsupported
//	XML          XML document
//	TypedObject  typed object
//	AMF3         one value of package amf3, behind the marker that switches to it
//
// The encoder also takes every integer and floating-point type (written as a number: whole ones are exact up to 2^53),
// time.Time, []string and []any, map[string]any (written as an Object, sorted by name) and *TypedObject.
//
// Objects keep the order of their properties and all duplicates: some peers depend on the order, and what was decoded
// encodes to what it was.
//
// # References
//
// A reference stands for an object or array that came before it in the message. The decoder puts that value in its place,
// sharing its memory: whoever changes one changes both. The encoder writes no references. A reference to a value that it
// is part of is refused.
//
// # What is let pass
//
// The decoder takes what peers are known to send against the specification: a wrong count of an ECMA array; an object or
// ECMA array without its end marker at the very end of the input; property names that are empty; any byte but 0 as true;
// strings that are not UTF-8, whose bytes are kept; a time zone in a date, which is ignored.
//
// # Bounds
//
// Decoding is bounded by Limits in depth, number of values and memory, each reference counted as what it stands for. The
// defaults are those of a connection: 64 levels, 65,536 values, 32 bytes of memory for each byte of input. Nothing is
// allocated for a length that the input announces and does not have.
//
// AMF0 specification (Adobe, January 2013).
package amf0
