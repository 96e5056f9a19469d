// Package publish sends media to RTMP servers without another program: files and streams (FLV, MP4, fragmented MP4,
// MPEG-TS, raw H.264, H.265 and AAC), and what an encoder of the caller puts out.
//
//	err := publish.File(ctx, "rtmp://host/app/key", "film.mp4", nil)
//
//	pub := publish.To(ctx, "rtmp://host/app/key", nil)
//	err := pub.WriteH264(pts, annexB)
//
// Nothing is encoded or decoded: what arrives is what was in the file. H.264, AAC and MP3 go out in the classic form
// that every server knows, all other codecs and all tracks but the first of their kind as Enhanced RTMP.
//
// Open and NewSource give the packets of a file to whoever wants to do something else with them, and NewDemuxer those of
// a stream that is played. Package record writes them to MP4 and MPEG-TS files.
package publish
