module github.com/gortmp/rtmp/cmd

go 1.25.0

require (
	github.com/Eyevinn/mp4ff v0.52.0
	github.com/google/go-cmp v0.7.0
	github.com/gortmp/rtmp v0.0.0-00010101000000-000000000000
	github.com/gortmp/rtmp/publish v0.0.0-00010101000000-000000000000
	github.com/spf13/cobra v1.10.2
)

require (
	github.com/asticode/go-astikit v0.30.0 // indirect
	github.com/asticode/go-astits v1.16.0 // indirect
	github.com/bluenviron/mediacommon/v2 v2.9.3 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/spf13/pflag v1.0.9 // indirect
)

replace (
	github.com/gortmp/rtmp => ../
	github.com/gortmp/rtmp/publish => ../publish
)
