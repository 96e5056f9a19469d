package session

import (
	"cmp"
	"strings"
	"unicode"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// connect takes the connect command.
//
// RTMP 1.0, section 7.2.1.1.
func (s *Server) connect(m *message.Message, c *message.Command) {
	if s.phase != serverNew {
		s.fail(c, "Already connected.")
		return
	}
	if isBloated(m) {
		s.must(s.refuseConnect(c.TransactionID, Status{Level: levelError, Code: codeConnectRejected,
			Description: "The connect command has too many values."}))
		return
	}
	object, _ := amf0.AsObject(c.Object) // without one the app is ""
	app, _ := object.String("app")
	app = cleanApp(app)
	if !validName(app) {
		// The phase stays: the client may do better, until ConnectTimeout.
		s.must(s.refuseConnect(c.TransactionID, Status{Level: levelError, Code: codeConnectInvalid,
			Description: "The name of the application is too long or contains control characters."}))
		return
	}
	s.phase = serverAsked
	if v, _ := object.Number("objectEncoding"); v == 3 {
		s.encoding = 3
	}
	caps, hasCaps := object.Number("capsEx")
	s.reconnects = hasCaps && caps >= 0 && caps < 1<<31 && int(caps)&capReconnect != 0
	s.enhanced = hasCaps
	for _, name := range []string{"fourCcList", "videoFourCcInfoMap", "audioFourCcInfoMap"} {
		if _, ok := object.Get(name); ok {
			s.enhanced = true
		}
	}
	ev := ConnectRequested{App: app, Object: object, Args: c.Args}
	ev.TCURL = either(object, "tcUrl", "tcurl")
	ev.FlashVer = either(object, "flashVer", "flashver")
	ev.ID = s.ask(serverRequest{txn: c.TransactionID})
	s.emit(ev)
}

// Ours. The object of connect is kept as long as the connection, and values in memory can be 30 times as large as on the
// wire. Real clients send less than 100 of them, in less than 2 KB.
const (
	maxConnectValues = 1 << 10
	smallConnect     = 4 << 10 // bytes of a command whose values need not be counted
)

// isBloated reports whether m, a connect command, would cost much more memory than it has bytes.
func isBloated(m *message.Message) bool {
	if len(m.Payload) <= smallConnect {
		return false
	}
	_, values, _ := message.PeekName(m)
	_, err := amf0.ParseAllLimited(values, amf0.Limits{Nodes: maxConnectValues})
	return err != nil // it was parsed without that limit before
}

// cleanApp cuts the slashes at both ends of an app and makes one of several. What follows a '?' stays.
func cleanApp(app string) string {
	path, query, hasQuery := strings.Cut(app, "?")
	path = strings.Join(strings.FieldsFunc(path, func(r rune) bool { return r == '/' }), "/")
	if hasQuery {
		return path + "?" + query
	}
	return path
}

// validName reports whether an app or stream name is at most maxName bytes long and has no control characters, those
// beyond ASCII included: U+009B begins an escape sequence as well. Names that are not UTF-8 are let pass.
func validName(name string) bool {
	return len(name) <= maxName && !strings.ContainsFunc(name, unicode.IsControl)
}

// either returns the string property called name, or called other.
func either(o amf0.Object, name, other string) string {
	v, ok := o.String(name)
	if !ok {
		v, _ = o.String(other)
	}
	return v
}

// acceptConnect says what we are. The sizes come first: they hold for what follows.
func (s *Server) acceptConnect(r serverRequest) {
	s.phase = serverConnected
	s.announceWindow(s.config.WindowAckSize)
	s.control(0, &message.SetPeerBandwidth{Size: s.config.PeerBandwidth, Limit: message.LimitDynamic})
	s.userControl(0, message.EventStreamBegin, 0)
	s.control(0, &message.SetChunkSize{Size: cmp.Or(s.config.ChunkSize, maxChunkSize)})

	properties := amf0.Object{
		{Name: "fmsVer", Value: s.config.FMSVersion},
		{Name: "capabilities", Value: 31.0},
		{Name: "mode", Value: 1.0},
	}
	info := amf0.Object{
		{Name: "level", Value: levelStatus},
		{Name: "code", Value: codeConnectSuccess},
		{Name: "description", Value: "Connection succeeded."},
		{Name: "objectEncoding", Value: s.encoding},
		{Name: "data", Value: amf0.ECMAArray{{Name: "version", Value: "3,5,3,888"}}},
	}
	if s.enhanced {
		properties = append(properties, capabilities...)
		info = append(info, capabilities...)
	}
	s.say(0, "_result", r.txn, properties, info)
	if s.config.BWDone {
		s.say(0, "onBWDone", 0, nil, 8192.0)
	}
	s.catchUp()
}

// Ours: what a client may send behind connect without waiting for the answer. It depends on the network alone whether
// the owner has answered when such a command arrives, so it must not depend on that what becomes of it.
const (
	maxHasty     = 16
	maxHastySize = 4 << 10 // bytes of each
)

// A hastyCommand came while connect waited for the owner.
type hastyCommand struct {
	m *message.Message
	c *message.Command
}

// postpone keeps a command until connect is answered. It reports false if there is no room for it.
func (s *Server) postpone(m *message.Message, c *message.Command) bool {
	if s.phase != serverAsked || len(s.hasty) == maxHasty || len(m.Payload) > maxHastySize {
		return false
	}
	s.hasty = append(s.hasty, hastyCommand{m, c})
	return true
}

// catchUp takes what was postponed.
func (s *Server) catchUp() {
	hasty := s.hasty
	s.hasty = nil
	for _, h := range hasty {
		if s.takeCommand(h.m, h.c) != nil {
			return
		}
	}
}

// Fixed by Enhanced RTMP v2, "Enhancing NetConnection connect Command".
const (
	capReconnect  = 1
	capMultitrack = 2
	capModEx      = 4
	capNanoOffset = 8
	canForward    = 4
)

// capabilities is what we tell a client that speaks Enhanced RTMP: everything is passed on as it is. The document
// wants them in the answer without saying in which object; clients look into either.
var capabilities = amf0.Object{
	{Name: "fourCcList", Value: amf0.StrictArray{"*", "av01", "avc1", "hvc1", "vvc1", "vp08", "vp09",
		".mp3", "ac-3", "ec-3", "fLaC", "mp4a", "Opus"}},
	{Name: "videoFourCcInfoMap", Value: amf0.Object{{Name: "*", Value: float64(canForward)}}},
	{Name: "audioFourCcInfoMap", Value: amf0.Object{{Name: "*", Value: float64(canForward)}}},
	{Name: "capsEx", Value: float64(capReconnect | capMultitrack | capModEx | capNanoOffset)},
}

// refuseConnect answers the connect with transaction txn.
func (s *Server) refuseConnect(txn float64, st Status) error {
	if err := s.command(0, "_error", txn, nil, st.object()); err != nil {
		return err
	}
	return s.command(0, "close", 0, nil)
}
