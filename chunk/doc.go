// Package chunk cuts messages into chunks and puts them together again: the chunk stream of RTMP, without any
// network. Decoder takes bytes as they arrive and gives messages, Encoder appends messages to a byte slice, and
// Reader and Writer are the two over an io.Reader and an io.Writer. AppendMessage needs no state and makes what
// may be sent to many connections.
//
// Each direction of a connection is one chunk stream: use one Decoder and one Encoder, and begin new ones with
// every new connection.
//
// Where peers differ from the text of the specification, this is what the package does:
//
//   - A type 0 header while a message of its chunk stream is unfinished drops the unfinished one and starts
//     another, as if it had been aborted. A type 1 or 2 header there is an error: some readers continue the
//     message and others start one, and guessing wrong would damage media silently.
//   - A chunk stream may begin with a type 1 header (librtmp does so on chunk stream 2). Time and message stream
//     id then count from 0. Types 2 and 3 need a predecessor.
//   - The extended timestamp of a type 3 chunk may be missing (old librtmp and FFmpeg, some cameras). It is
//     taken for one only if its four bytes are those of the last header, or the message's absolute timestamp.
//     While what has arrived is like them but not yet four bytes, the message waits for the byte that decides.
//   - A type 3 header that starts a message right after a type 0 one adds the timestamp of the type 0 header,
//     as the specification says. Readers disagree here, so Encoder writes that form only if both are 0.
//   - Set Chunk Size and Abort are obeyed on any chunk stream and any message stream.
//
// RTMP 1.0, sections 5.3 and 5.4.
package chunk
