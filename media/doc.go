// Package media reads and builds the first bytes of audio and video payloads: the codec, whether the message
// is a sequence header, a key frame or an end of sequence, its composition time and its track. It knows the
// classic FLV forms and Enhanced RTMP v1 and v2 (FourCC, ModEx, multitrack), and never touches the elementary
// stream behind them.
//
// ParseVideo and ParseAudio take the payload of a message and return a plain value that aliases it; they do
// not allocate, so that they can be asked once per message on the way through a relay. What they do not
// understand is an error about that one message and no reason to end a stream: pass the payload on as it is.
// A codec that nobody has heard of is not an error at all but a Codec without a name.
//
// AppendVideoHeader and AppendAudioHeader go the other way. For every payload p that parses into v, the
// appended header of v followed by v.Body is p again, byte for byte.
//
// FLV 10.1, Annex E.4; Enhanced RTMP v2.
package media
