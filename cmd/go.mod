module github.com/gortmp/rtmp/cmd

go 1.25.0

require (
	github.com/Eyevinn/mp4ff v0.52.0
	github.com/creack/pty v1.1.24
	github.com/google/go-cmp v0.7.0
	github.com/gortmp/rtmp v0.0.0-00010101000000-000000000000
	github.com/gortmp/rtmp/publish v0.0.0-00010101000000-000000000000
	github.com/spf13/cobra v1.10.2
	github.com/vbauerster/mpb/v8 v8.15.2
)

require (
	github.com/VividCortex/ewma v1.2.0 // indirect
	github.com/acarl005/stripansi v0.0.0-20180116102854-5a71ef0e047d // indirect
	github.com/asticode/go-astikit v0.30.0 // indirect
	github.com/asticode/go-astits v1.16.0 // indirect
	github.com/bluenviron/mediacommon/v2 v2.9.3 // indirect
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/mattn/go-runewidth v0.0.27 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/spf13/pflag v1.0.9 // indirect
	github.com/vbauerster/cupwriter v0.0.4 // indirect
	golang.org/x/sys v0.47.0 // indirect
)

replace (
	github.com/gortmp/rtmp => ../
	github.com/gortmp/rtmp/publish => ../publish
)
