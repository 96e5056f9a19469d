package publish

import "encoding/binary"

// plainMoov changes a moov box, in place and without changing its length, so that a parser of MP4 can read that of a
// QuickTime file: sound descriptions of version 1 and 2 become those of version 0, with the decoder configuration
// where MP4 has it, and what is not needed becomes free space.
//
// QuickTime File Format, chapter 3, "Sound Sample Descriptions".
func plainMoov(moov []byte) {
	eachBox(moov, 8, func(name string, trak []byte) {
		switch name {
		case "trak":
			if !plainTrak(trak) {
				copy(trak[4:], "free")
			}
		case "mvhd", "mvex":
		default:
			copy(trak[4:], "free")
		}
	})
}

// plainTrak reports whether trak is a track of sound or picture.
func plainTrak(trak []byte) bool {
	wanted := false
	eachBox(trak, 8, func(name string, box []byte) {
		switch name {
		case "mdia":
			eachBox(box, 8, func(name string, box []byte) {
				switch name {
				case "hdlr":
					if len(box) >= 20 {
						kind := string(box[16:20])
						wanted = kind == "soun" || kind == "vide"
					}
				case "minf":
					eachBox(box, 8, func(name string, box []byte) {
						switch name {
						case "stbl":
							eachBox(box, 8, func(name string, box []byte) {
								if name == "stsd" {
									eachBox(box, 16, plainEntry)
								}
							})
						case "vmhd", "smhd":
						default:
							copy(box[4:], "free")
						}
					})
				}
			})
		case "tkhd", "edts":
		default:
			copy(box[4:], "free")
		}
	})
	return wanted
}

// plainEntry changes a sound description to version 0.
func plainEntry(name string, entry []byte) {
	const fields = 36 // of version 0, header included
	if len(entry) < fields {
		return
	}
	extra := 0
	switch name {
	case "mp4a", "ac-3", "ec-3", ".mp3", "Opus", "fLaC":
		switch binary.BigEndian.Uint16(entry[16:]) {
		case 1:
			extra = 16
		case 2:
			extra = 36
		}
	}
	if extra == 0 || len(entry) < fields+extra {
		return
	}
	binary.BigEndian.PutUint16(entry[16:], 0)
	boxes := append([]byte(nil), entry[fields+extra:]...)
	out := entry[fields:fields:len(entry)]
	eachBox(boxes, 0, func(name string, box []byte) {
		if name != "wave" {
			out = append(out, box...)
			return
		}
		eachBox(box, 8, func(name string, box []byte) {
			if name == "esds" {
				out = append(out, box...)
			}
		})
	})
	rest := entry[fields+len(out):] // at least the extra fields
	clear(rest)
	binary.BigEndian.PutUint32(rest, uint32(len(rest)))
	copy(rest[4:], "free")
}

// eachBox calls f for the boxes in b from an offset on. Boxes that do not fit end the walk.
func eachBox(b []byte, from int, f func(name string, box []byte)) {
	for len(b)-from >= 8 {
		n := int64(binary.BigEndian.Uint32(b[from:]))
		if n < 8 || n > int64(len(b)-from) {
			return
		}
		f(string(b[from+4:from+8]), b[from:from+int(n):from+int(n)])
		from += int(n)
	}
}
