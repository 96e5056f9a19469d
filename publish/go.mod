module github.com/gortmp/rtmp/publish

go 1.25.0

require (
	github.com/Eyevinn/mp4ff v0.52.0
	github.com/bluenviron/mediacommon/v2 v2.9.3
	github.com/google/go-cmp v0.7.0
	github.com/gortmp/rtmp v0.0.0-00010101000000-000000000000
)

require (
	github.com/asticode/go-astikit v0.30.0 // indirect
	github.com/asticode/go-astits v1.16.0 // indirect
	github.com/pkg/errors v0.9.1 // indirect
)

replace github.com/gortmp/rtmp => ../
