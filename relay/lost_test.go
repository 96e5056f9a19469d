package relay

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/session"
)

// A lostConn is a connection that the network can lose: then nothing gets through any more, and nobody is told.
type lostConn struct {
	net.Conn
	lost   atomic.Bool
	closed chan struct{}
	once   sync.Once
}

func (c *lostConn) Write(b []byte) (int, error) {
	if c.lost.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

func (c *lostConn) Read(b []byte) (int, error) {
	for {
		n, err := c.Conn.Read(b)
		if !c.lost.Load() {
			return n, err
		}
		if err != nil {
			<-c.closed
			return 0, net.ErrClosed
		}
	}
}

func (c *lostConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// publishLost publishes the words as "cam" over a connection that is lost after that.
func (w *world) publishLost(s *script, query, words string) {
	w.t.Helper()
	dialer := w.dialer
	var nc *lostConn
	dialer.NetDial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		under, err := w.dialer.NetDial(ctx, network, addr)
		nc = &lostConn{Conn: under, closed: make(chan struct{})}
		return nc, err
	}
	pub, err := dialer.Publish(context.Background(), address+"cam"+query)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { pub.Stream().Conn().CloseNow() })
	w.write(s, pub, words)
	nc.lost.Store(true)
}

// write writes the words to pub and waits until the server has got them.
func (w *world) write(s *script, pub *rtmp.Publisher, words string) {
	w.t.Helper()
	s.send(pub, words)
	if err := pub.Stream().Conn().Flush(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
}

// listen collects what player gets until the stream ends. The function that it returns waits for that and returns it as
// words, "EOF" at the end.
func (w *world) listen(s *script, player *rtmp.Player) (heard func() []string) {
	var messages []*message.Message
	var last error
	var listening sync.WaitGroup
	listening.Go(func() {
		defer player.Close()
		for {
			m, err := player.ReadMessage()
			if err != nil {
				last = err
				return
			}
			messages = append(messages, m)
		}
	})
	return func() (words []string) {
		listening.Wait()
		for _, m := range messages {
			words = append(words, s.word(m))
		}
		return append(words, last.Error())
	}
}

// The name of a publisher that the network has lost is free as soon as something shows it: the publisher is back and
// may take over, or its silence is too long.
func TestLostPublisher(t *testing.T) {
	const silence = 30 * time.Second
	const refused = "NetStream.Publish.BadName"
	type try struct {
		after time.Duration // since the loss
		query string
		want  string        // the code of the refusal
		waits time.Duration // before the answer
	}
	tests := []struct {
		name  string
		hub   *Hub
		tries []try // only the last one is not refused
		want  string
		ends  time.Duration // after the loss, the connection of the lost one
		why   string        // what ends it
	}{
		{"refuse", &Hub{}, []try{
			{0, "", refused, 0}, {silence - 1, "", refused, 0}, {silence + 1, "", "", 0},
		}, "avc1 K1 EOF", silence, "media from the publisher"},
		{"refuse, with grace", &Hub{Grace: 10 * time.Second}, []try{
			{silence - 1, "", refused, 0}, {silence + 2*time.Second, "", "", 0},
		}, "avc1 K1 avc2@32000 K2@32000 f2@32040 EOF", silence, "media from the publisher"},
		{"take over", &Hub{Conflict: TakeOver}, []try{
			{5 * time.Second, "", "", 0},
		}, "avc1 K1 avc2@5000 K2@5000 f2@5040 EOF", 5*time.Second + time.Second, refused},
		{"take over with identity", &Hub{Conflict: TakeOver, Identity: token}, []try{
			{4 * time.Second, "?token=you", refused, 0}, {4500 * time.Millisecond, "", refused, 0}, {5 * time.Second, "?token=me", "", 0},
		}, "avc1 K1 avc2@5000 K2@5000 f2@5040 EOF", 5*time.Second + time.Second, refused},
		{"others after the silence", &Hub{Conflict: TakeOver, Identity: token}, []try{
			{silence - 1, "?token=you", refused, 0}, {silence + 1, "?token=you", "", 0},
		}, "avc1 K1 EOF", silence, "media from the publisher"},
		{"wait", &Hub{Conflict: Wait}, []try{
			{5 * time.Second, "", "", silence - 5*time.Second},
		}, "avc1 K1 EOF", silence, "media from the publisher"},
		{"wait, with grace", &Hub{Conflict: Wait, Grace: time.Second}, []try{
			{5 * time.Second, "", "", silence - 5*time.Second},
		}, "avc1 K1 avc2@30000 K2@30000 f2@30040 EOF", silence, "media from the publisher"},
		{"wait, too short", &Hub{Conflict: Wait, PublishWait: 10 * time.Second}, []try{
			{silence - 10*time.Second - 1, "", refused, 10 * time.Second}, {silence + 1, "", "", 0},
		}, "avc1 K1 EOF", silence, "media from the publisher"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			type end struct {
				At  time.Time
				Why string
			}
			ended := make(chan end, 10)
			config := &rtmp.Config{Trace: &rtmp.Trace{Closed: func(_ *rtmp.Conn, err error) {
				var silent *session.TimeoutError
				switch {
				case errors.As(err, &silent):
					ended <- end{time.Now(), silent.What}
				case errors.Is(err, rtmp.ErrRefused):
					ended <- end{time.Now(), statusCode(err)}
				}
			}}}
			inServer(t, tt.hub, config, func(t *testing.T, w *world) {
				s := newScript(t)
				heard := w.listen(s, w.play("cam"))
				w.publishLost(s, "?token=me", "avc1 K1")
				start := time.Now()
				var pub *rtmp.Publisher
				for _, try := range tt.tries {
					<-time.After(time.Until(start.Add(try.after)))
					var err error
					pub, err = w.dialer.Publish(context.Background(), address+"cam"+try.query)
					if err == nil && try.want != "" || err != nil && statusCode(err) != try.want {
						t.Errorf("a publisher after %v: %v, want %q", try.after, err, try.want)
					}
					if d := time.Since(start) - try.after; d != try.waits {
						t.Errorf("a publisher after %v is answered after %v, want %v", try.after, d, try.waits)
					}
				}
				w.write(s, pub, "avc2 K2 f2@40")
				pub.Close()
				<-time.After(time.Minute)
				if diff := cmp.Diff(strings.Fields(tt.want), heard()); diff != "" {
					t.Errorf("the player got (-want +got):\n%s", diff)
				}
				var got end
				select {
				case got = <-ended:
				default:
				}
				if diff := cmp.Diff(end{start.Add(tt.ends), tt.why}, got); diff != "" {
					t.Errorf("the connection of the lost publisher ended (-want +got):\n%s", diff)
				}
			})
		})
	}
}
