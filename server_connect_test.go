package rtmp_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

func TestOnConnectRefuses(t *testing.T) {
	refusal := &rtmp.StatusError{Code: "NetConnection.Connect.InvalidApp", Description: "no such app", Info: amf0.Object{{Name: "ex", Value: "x"}}}
	tests := []struct {
		name     string
		err      error
		maxConns int
		want     *rtmp.StatusError
	}{
		{"with a status", refusal, 0, refusal},
		{"with an error", errors.New("a secret"), 0, &rtmp.StatusError{Code: "NetConnection.Connect.Rejected", Description: "connection refused"}},
		{"with a limit of connections", refusal, 5, refusal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// Over TCP: a refusal that is followed by a reset of the connection can get lost there.
			s := rtmptest.NewUnstartedServer(ingest)
			defer s.Close()
			s.Config.MaxConns = tt.maxConns
			s.Config.OnConnect = func(ctx context.Context, info *rtmp.ConnInfo) error {
				if info.App != "live" || info.Connect == nil {
					t.Errorf("OnConnect gets the app %q and the object %v", info.App, info.Connect)
				}
				return tt.err
			}
			s.Start()
			for range 20 {
				_, err := rtmp.Publish(t.Context(), s.URL+"/live/cam")
				wantError(t, "OnConnect refuses", rtmp.ErrRefused, err)
				status := wantAs[*rtmp.StatusError](t, tt.name, err)
				if diff := cmp.Diff(tt.want, status, equateEmpty); diff != "" {
					t.Fatalf("what the client gets (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestOnConnectMayTakeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := serve(t, &rtmp.Server{Handler: ingest, OnConnect: func(ctx context.Context, info *rtmp.ConnInfo) error {
			if info.App == "slow" {
				<-time.After(5 * time.Second)
			}
			return nil
		}})
		var wg sync.WaitGroup
		dial := func(app string, want time.Duration) {
			begin := time.Now()
			c, err := d.Dial(t.Context(), "rtmp://test/"+app)
			if err != nil {
				t.Errorf("Dial of %s: %v", app, err)
				return
			}
			defer c.Close()
			if got := time.Since(begin); got != want {
				t.Errorf("Dial of %s took %v, want %v", app, got, want)
			}
		}
		wg.Go(func() { dial("slow", 5*time.Second) })
		wg.Go(func() { dial("fast", 0) })
		wg.Wait()
	})
}

func TestCallbackPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := serve(t, &rtmp.Server{
			ErrorLog: discardLog,
			OnConnect: func(ctx context.Context, info *rtmp.ConnInfo) error {
				if info.App == "bad" {
					panic("a mistake in OnConnect")
				}
				return nil
			},
			Config: &rtmp.Config{OnCall: func(*rtmp.Conn, *message.Command) ([]any, error) { panic("a mistake in OnCall") }},
		})
		_, err := d.Dial(t.Context(), "rtmp://test/bad")
		wantError(t, "a panic in OnConnect is a refusal", rtmp.ErrRefused, err)
		c, err := d.Dial(t.Context(), "rtmp://test/good")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, err = c.Call(t.Context(), "x")
		wantError(t, "a panic in OnCall is an error", rtmp.ErrRefused, err)
		if _, err := c.Ping(t.Context()); err != nil {
			t.Errorf("the connection died of the panic: %v", err)
		}
	})
}

func TestOnConnectContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := make(chan error, 1)
		s := &rtmp.Server{OnConnect: func(ctx context.Context, info *rtmp.ConnInfo) error {
			<-ctx.Done()
			cause <- context.Cause(ctx)
			return ctx.Err()
		}}
		d := serve(t, s)
		dialed := make(chan error, 1)
		go func() { _, err := d.Dial(t.Context(), "rtmp://test/live"); dialed <- err }()
		synctest.Wait()
		s.Close()
		wantError(t, "the context of OnConnect", rtmp.ErrServerClosed, <-cause)
		if err := <-dialed; err == nil {
			t.Error("Dial succeeded although the server was closed")
		}
	})
}
