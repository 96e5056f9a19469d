package amf3

import "math/bits"

// externalParts returns how the externalizable class writes itself: as so many lists of flags with their values, or, for
// 0, as a single value. Other classes cannot even be skipped: only they know their length.
func externalParts(class string) (parts int, known bool) {
	switch class {
	case "flex.messaging.io.ArrayCollection",
		"flex.messaging.io.ArrayList",
		"flex.messaging.io.ObjectProxy",
		"ObjectProxy":
		return 0, true
	case "flex.messaging.messages.RemotingMessage": // AbstractMessage alone
		return 1, true
	case "DSA", // AbstractMessage, AsyncMessage
		"flex.messaging.messages.AsyncMessage",
		"flex.messaging.messages.AsyncMessageExt":
		return 2, true
	case "DSC", // and CommandMessage
		"flex.messaging.messages.CommandMessage",
		"flex.messaging.messages.CommandMessageExt",
		"DSK", // and AcknowledgeMessage
		"flex.messaging.messages.AcknowledgeMessage",
		"flex.messaging.messages.AcknowledgeMessageExt",
		"flex.messaging.messages.ErrorMessage":
		return 3, true
	}
	return 0, false
}

const moreFlags = 0x80 // in a flag byte: another one follows

// flagged returns how many values the flag byte stands for, which is number index in the list of the given part. Bit 6
// means something in the very first byte only, the time to live of a message; elsewhere no reader looks at it.
func flagged(flags byte, part, index int) int {
	if part == 0 && index == 0 {
		return bits.OnesCount8(flags & 0x7f)
	}
	return bits.OnesCount8(flags & 0x3f)
}

// flaggedAll returns how many values the lists stand for, and whether they are lists that externalParts allows.
func flaggedAll(lists [][]byte) (n int, ok bool) {
	for part, list := range lists {
		if len(list) == 0 {
			return 0, false
		}
		for i, flags := range list {
			if more := flags&moreFlags != 0; more != (i < len(list)-1) {
				return 0, false
			}
			n += flagged(flags, part, i)
		}
	}
	return n, true
}
