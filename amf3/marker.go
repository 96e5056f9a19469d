package amf3

// Fixed by AMF3, section 3.1.
const (
	markerUndefined    = 0x00
	markerNull         = 0x01
	markerFalse        = 0x02
	markerTrue         = 0x03
	markerInteger      = 0x04
	markerDouble       = 0x05
	markerString       = 0x06
	markerXMLDocument  = 0x07
	markerDate         = 0x08
	markerArray        = 0x09
	markerObject       = 0x0a
	markerXML          = 0x0b
	markerByteArray    = 0x0c
	markerIntVector    = 0x0d
	markerUintVector   = 0x0e
	markerDoubleVector = 0x0f
	markerObjectVector = 0x10
	markerDictionary   = 0x11
)

// Fixed by AMF3, section 1.3.1 and 3.6.
const (
	maxLength  = 1<<28 - 1 // of what is counted with 28 bits
	maxInteger = 1<<28 - 1
	minInteger = -1 << 28
)

// Fixed by AMF3, section 3.12: bits at the low end of the number in front of an object.
const (
	inlineObject   = 1 << 0 // not a reference
	inlineTraits   = 1 << 1 // not a reference
	externalTraits = 1 << 2
	dynamicTraits  = 1 << 3
	memberShift    = 4 // the number of members stands above
	traitsShift    = 2 // a reference to traits stands above

	maxMembers = 1<<(29-memberShift) - 1
)
