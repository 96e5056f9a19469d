// Package relay passes streams on: each is published under a name and goes to everybody who subscribed to it.
//
// A Hub is a Handler for both methods of an rtmp.Server:
//
//	rtmp.ListenAndServe(":1935", new(relay.Hub))
//
// Every message is cut into chunks once and put into one ring per stream; a subscriber is a cursor in that ring.
//
// # Where a subscriber begins
//
// Whoever waited for the stream gets all of it. Whoever joins later begins at the newest key frame that the ring
// holds, after the metadata and the headers that were in force at that key frame: those of every track, in all
// three multitrack layouts, with speaker layouts (MultichannelConfig) and colour information. A stream without
// video begins at once. If the ring holds no key frame, sound begins at once too, and the pictures with the next key
// frame; a stream in which none comes for 10 seconds is taken to have none and is not held back any longer. Each
// video track begins with a key frame of its own; the lowest one decides where the stream begins. With Hub.NextKey
// whoever joins later begins with what comes then, and with its first key frame.
//
// # Who is slow
//
// A publisher never waits for a subscriber. One that falls behind the oldest message in the ring goes on at the
// newest key frame, and what it missed is counted: it costs the others nothing, and no memory beyond the ring but
// the 256 KiB that it may be in the middle of writing. A player that is always late may stay. One that stands still is
// closed: when it has taken nothing, or less than 128 KiB, for the WriteTimeout of rtmp.Config.
//
// # When nobody listens
//
// A stream that nobody plays is read up to 100 ms late, in larger pieces: see rtmp.Stream.CoalesceReads. The first player
// ends that, and gets what has come meanwhile.
//
// # Who has a name
//
// Whoever comes first has it until they leave. What happens to another who wants to publish under it, Hub.Conflict says:
// it is refused, takes over, or waits. A publisher whose connection the network has lost without a word still has its
// name until it is back and takes over, or until its silence is longer than the StallTimeout of rtmp.Config.
//
// When a publisher leaves, its players end as soon as they have got everything, or stay for Hub.Grace. Hub.Identity
// makes sure that nobody else goes on with its stream: without it, whoever reaches the server can.
//
// # When a stream changes hands
//
// Whether a publisher takes over or comes back during the grace, its players go on where they are. What they have not
// read of the old one they still get. Of the new one they get sound at once and pictures from its first key frame on;
// metadata and headers come as it sends them, and those of the old one are forgotten. Timestamps go on: the first
// message of the new one comes as much later than the last of the old one as it has really come later, at least a
// millisecond, and the others follow at the distances that they have. Players that come during the grace wait for the new
// one, as long as PlayWait, and get nothing of the old one.
//
// Hub.Stats says who is slow: a player by its address, how far it is behind, and what it missed; a publisher by the speed
// with which its timestamps go on. A Trace has hooks for those who come, leave and skip.
//
// # What is passed on
//
// Audio, video and data are passed on as they are, whatever the codec, empty ones too, and so are messages of types
// that nobody knows. Aggregates are passed on as the messages they consist of, unless they lie about those. Commands,
// control messages and shared objects are nobody else's business.
//
// Messages with a multitrack header go only to players that can read them: those that announced capsEx with the
// multitrack bit or, because ffmpeg 9 reads them and does not announce capsEx, a fourCcList with a codec that came with
// the second version of Enhanced RTMP, as multitrack did. ffmpeg 7.1 announces codecs of the first version and fails
// on them. All others get the first track in the form without that header, and no other track. What has the header of
// a single track goes to everybody, announced or not: many that announce nothing can read it.
package relay
