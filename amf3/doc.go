// Package amf3 reads and writes AMF3, the second value format of RTMP: what follows the marker 0x11 inside AMF0
// values, and so what type 15, 16 and 17 messages may hold.
//
// # Values
//
// A decoded value, an any, is one of
//
//	Undefined                     undefined
//	nil                           null
//	bool                          false, true
//	int32                         integer, 29 bits with sign
//	float64                       double
//	string                        string
//	XMLDocument, XML              the two kinds of XML, as text
//	Date                          date, in milliseconds since 1970-01-01 UTC
//	ByteArray                     ByteArray
//	*Array, *Object, *External    array, object, externalizable object
//	*IntVector, *UintVector       Vector.<int>, Vector.<uint>
//	*DoubleVector, *ObjectVector  Vector.<Number>, Vector.<…>
//	*Dictionary                   Dictionary
//
// The encoder also takes time.Time, and every integer and floating-point type: what fits the 29 bits of an integer
// is written as one, everything else as a double.
//
// # References
//
// AMF3 writes a string, an object and the traits of a class once, and then refers to it. A reference is resolved while
// decoding: the same pointer appears twice in the result, so whoever changes one changes both. The encoder writes
// a pointer that it has met before as a reference. Values without a pointer (Date, ByteArray, XML, XMLDocument) are
// written in full each time. A value that contains itself is refused in both directions.
//
// AMF3 specification (Adobe, January 2013).
package amf3
