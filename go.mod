module github.com/gortmp/rtmp

go 1.25.0

require (
	github.com/google/go-cmp v0.7.0
	github.com/pkg/errors v0.9.1
	golang.org/x/net v0.58.0
)
