// Package record writes the coded frames of a stream to MP4 and MPEG-TS files. Nothing is encoded: what is in the file
// is what was received.
//
//	d := publish.NewDemuxer(player)
//	err := d.Probe()
//	err = record.MP4.Check(d.Tracks())
//	f, err := os.Create("film.mp4")
//	w := record.NewMP4(f)
//	err = record.Copy(w, d, nil)
//	err = w.Close()
//
// A file begins at 0, each picture with a key frame.
package record
