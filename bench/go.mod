module github.com/gortmp/rtmp/bench

go 1.25.0

require (
	github.com/bluenviron/gortmplib v1.0.0
	github.com/google/go-cmp v0.7.0
	github.com/gortmp/rtmp v0.0.0-00010101000000-000000000000
	github.com/nareix/joy4 v0.0.0-20200507095837-05a4ffbb5369
	github.com/q191201771/lal v0.37.4
	github.com/q191201771/naza v0.30.48
	github.com/yutopp/go-amf0 v0.1.0
	github.com/yutopp/go-rtmp v0.0.7
)

require (
	github.com/hashicorp/errwrap v1.1.0 // indirect
	github.com/hashicorp/go-multierror v1.1.0 // indirect
	github.com/mitchellh/mapstructure v1.4.1 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/sirupsen/logrus v1.7.0 // indirect
	golang.org/x/sys v0.3.0 // indirect
)

replace github.com/gortmp/rtmp => ../
