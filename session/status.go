package session

import (
	"slices"
	"strings"

	"github.com/gortmp/rtmp/amf0"
)

// Levels of a Status. Fixed by RTMP 1.0, section 7.2.2.
const (
	levelStatus = "status"
	levelError  = "error"
)

// Codes that the session itself says or understands.
const (
	codeConnectSuccess   = "NetConnection.Connect.Success"
	codeConnectRejected  = "NetConnection.Connect.Rejected"
	codeConnectFailed    = "NetConnection.Connect.Failed"
	codeConnectInvalid   = "NetConnection.Connect.InvalidApp"
	codeConnectClosed    = "NetConnection.Connect.Closed"
	codeReconnect        = "NetConnection.Connect.ReconnectRequest"
	codeCallFailed       = "NetConnection.Call.Failed"
	codeStreamFailed     = "NetStream.Failed"
	codePublishStart     = "NetStream.Publish.Start"
	codePublishBadName   = "NetStream.Publish.BadName"
	codePublishRejected  = "NetStream.Publish.Rejected"
	codeUnpublishSuccess = "NetStream.Unpublish.Success"
	codePlayReset        = "NetStream.Play.Reset"
	codePlayStart        = "NetStream.Play.Start"
	codePlayStop         = "NetStream.Play.Stop"
	codePlayComplete     = "NetStream.Play.Complete"
	codePlayFailed       = "NetStream.Play.Failed"
	codePlayNotFound     = "NetStream.Play.StreamNotFound"
	codePlayTransition   = "NetStream.Play.Transition"
	codePublishNotify    = "NetStream.Play.PublishNotify"
	codeUnpublishNotify  = "NetStream.Play.UnpublishNotify"
	codePauseNotify      = "NetStream.Pause.Notify"
	codeUnpauseNotify    = "NetStream.Unpause.Notify"
	codeSeekNotify       = "NetStream.Seek.Notify"
	codeDataStart        = "NetStream.Data.Start"
)

// object returns the information object of st: level, code, description, then the further members.
func (st Status) object() amf0.Object {
	o := make(amf0.Object, 0, 3+len(st.Info))
	o = append(o,
		amf0.Property{Name: "level", Value: st.Level},
		amf0.Property{Name: "code", Value: st.Code},
		amf0.Property{Name: "description", Value: st.Description})
	for _, p := range st.Info {
		if !isStatusMember(p.Name) {
			o = append(o, p)
		}
	}
	return o
}

func isStatusMember(name string) bool {
	return name == "level" || name == "code" || name == "description"
}

// parseStatus finds the information object among the values of a command: the first object that has a code,
// else the first object. It reports false when there is none; some servers give a plain string instead, which
// then is the description.
func parseStatus(values ...any) (Status, bool) {
	var st Status
	found := false
	for _, v := range values {
		if s, ok := v.(string); ok && st.Description == "" && !found {
			st.Description = s
		}
		o, ok := amf0.AsObject(v)
		if !ok {
			continue
		}
		code, hasCode := o.String("code")
		if found && !hasCode {
			continue
		}
		found = true
		st = Status{Code: code}
		st.Level, _ = o.String("level")
		st.Description, _ = o.String("description")
		for _, p := range o {
			if !isStatusMember(p.Name) {
				st.Info = append(st.Info, p)
			}
		}
		if hasCode {
			break
		}
	}
	return st, found
}

// begins reports whether st says that a publish, or else a play, goes well. Not every server says Start.
func (st Status) begins(publish bool) bool {
	if publish {
		return st.Code == codePublishStart
	}
	return st.Code == codePlayStart || st.Code == codePublishNotify || st.Code == codePlayReset
}

// ends reports whether st tells of the end of a stream.
func (st Status) ends() bool {
	switch st.Code {
	case codePlayStop, codePlayComplete, codeUnpublishNotify, codeUnpublishSuccess:
		return true
	}
	return false
}

// refuses reports whether st is an error. Some servers leave the level out, or have it wrong.
func (st Status) refuses() bool {
	return strings.TrimPrefix(st.Level, "_") == levelError || slices.Contains(errorCodes, st.Code)
}

// errorCodes are those that can only mean a refusal.
var errorCodes = []string{
	codeConnectRejected, codeConnectFailed, codeConnectInvalid, "NetConnection.Connect.AppShutdown",
	codePublishBadName, codePublishRejected, "NetStream.Publish.Denied", "NetStream.Publish.Unauthorized",
	codePlayNotFound, codePlayFailed, "NetStream.Play.FileStructureInvalid", "NetStream.Play.NoSupportedTrackFound",
	codeStreamFailed,
}

// concernsRequest reports whether an error is the answer to a request in the middle of a stream, or about the
// server's recording, and the stream goes on.
func (st Status) concernsRequest() bool {
	for _, prefix := range []string{"NetStream.Seek.", "NetStream.Pause.", "NetStream.Unpause.", "NetStream.Record."} {
		if strings.HasPrefix(st.Code, prefix) {
			return true
		}
	}
	return false
}
