package rtmp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/rtmptest"
)

var errCause = errors.New("the test has changed its mind")

func TestErrorContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil) // nobody answers requests
		calls := map[string]func(ctx context.Context) error{
			"Publish":      func(ctx context.Context) error { _, err := client.Publish(ctx, "cam"); return err },
			"Play":         func(ctx context.Context) error { _, err := client.Play(ctx, "cam"); return err },
			"AcceptStream": func(ctx context.Context) error { _, err := acceptNothing(ctx); return err },
		}
		for name, call := range calls {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(errCause) })
			wantError(t, name+" whose context ends", errCause, call(ctx))
		}
		if _, err := client.Ping(t.Context()); err != nil {
			t.Errorf("the connection did not survive: %v", err)
		}
		// What was withdrawn does not stand in the way of what comes.
		pub, s := publish(t, client, server)
		pub.WriteMessage(audio(1, 10))
		wantMessages(t, "a publish after others were withdrawn", s, 1)
	})
}

func acceptNothing(ctx context.Context) (*rtmp.Stream, error) {
	client, server := rtmptest.Pipe()
	defer client.CloseNow()
	defer server.CloseNow()
	return server.AcceptStream(ctx)
}

func TestErrorContextOfDial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var end net.Conn
		dialer := &rtmp.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) {
			var nc net.Conn
			nc, end = rtmptest.NetPipe() // nobody answers
			return nc, nil
		}}
		calls := map[string]func(ctx context.Context) error{
			"Dial":    func(ctx context.Context) error { _, err := dialer.Dial(ctx, "rtmp://test/live"); return err },
			"Publish": func(ctx context.Context) error { _, err := dialer.Publish(ctx, "rtmp://test/live/cam"); return err },
			"Play":    func(ctx context.Context) error { _, err := dialer.Play(ctx, "rtmp://test/live/cam"); return err },
		}
		for name, call := range calls {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(errCause) })
			wantError(t, name+" whose context ends", errCause, call(ctx))
			if _, err := io.Copy(io.Discard, end); err != nil {
				t.Errorf("%s leaves its connection open: %v", name, err)
			}
		}
	})
}

func TestErrorRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &rtmp.Server{Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			switch r.Name {
			case "status":
				return &rtmp.StatusError{Code: "NetStream.Publish.BadName", Description: "taken", Info: amf0.Object{{Name: "until", Value: 5.0}}}
			case "error":
				return errors.New("a secret")
			}
			return nil // not handled
		})}
		c, err := serve(t, server).Dial(t.Context(), "rtmp://test/live")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		tests := []struct {
			name, method string
			want         rtmp.StatusError
		}{
			{"status", "publish", rtmp.StatusError{Code: "NetStream.Publish.BadName", Description: "taken", Info: amf0.Object{{Name: "until", Value: 5.0}}}},
			{"error", "publish", rtmp.StatusError{Code: "NetStream.Publish.Rejected", Description: "refused"}},
			{"nil", "publish", rtmp.StatusError{Code: "NetStream.Publish.Rejected", Description: "not handled"}},
			{"error", "play", rtmp.StatusError{Code: "NetStream.Play.Failed", Description: "refused"}},
			{"nil", "play", rtmp.StatusError{Code: "NetStream.Play.Failed", Description: "not handled"}},
		}
		for _, tt := range tests {
			var err error
			if tt.method == "publish" {
				_, err = c.Publish(t.Context(), tt.name)
			} else {
				_, err = c.Play(t.Context(), tt.name)
			}
			wantError(t, "a handler refuses "+tt.method+" with "+tt.name, rtmp.ErrRefused, err)
			if status := wantAs[*rtmp.StatusError](t, tt.name, err); status != nil {
				if diff := cmp.Diff(tt.want, *status, equateEmpty); diff != "" {
					t.Errorf("%s of %s (-want +got):\n%s", tt.name, tt.method, diff)
				}
			}
		}
		if _, err := c.Ping(t.Context()); err != nil {
			t.Errorf("a refusal ended the connection: %v", err)
		}
	})
}
