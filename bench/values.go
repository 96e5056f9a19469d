package main

import "github.com/gortmp/rtmp/amf0"

// connectValues returns a connect command as Flash Player sends it.
func connectValues() []any {
	return []any{"connect", 1.0, amf0.Object{
		{Name: "app", Value: "live"},
		{Name: "type", Value: "nonprivate"},
		{Name: "flashVer", Value: "FMLE/3.0 (compatible; FMSc/1.0)"},
		{Name: "swfUrl", Value: "rtmp://media.example.com:1935/live"},
		{Name: "tcUrl", Value: "rtmp://media.example.com:1935/live"},
		{Name: "fpad", Value: false},
		{Name: "capabilities", Value: 15.0},
		{Name: "audioCodecs", Value: 4071.0},
		{Name: "videoCodecs", Value: 252.0},
		{Name: "videoFunction", Value: 1.0},
		{Name: "objectEncoding", Value: 0.0},
	}}
}

// metadataValues returns the data message in which an encoder describes its stream, with an object, which all
// candidates can write.
func metadataValues() []any {
	return []any{"@setDataFrame", "onMetaData", amf0.Object{
		{Name: "width", Value: 1920.0},
		{Name: "height", Value: 1080.0},
		{Name: "videocodecid", Value: 7.0},
		{Name: "videodatarate", Value: 6000.0},
		{Name: "framerate", Value: 30.0},
		{Name: "audiocodecid", Value: 10.0},
		{Name: "audiodatarate", Value: 160.0},
		{Name: "audiosamplerate", Value: 48000.0},
		{Name: "audiochannels", Value: 2.0},
		{Name: "stereo", Value: true},
		{Name: "encoder", Value: "obs-output module (libobs version 30.1.2)"},
	}}
}
