package rtmp

import (
	"context"
	"crypto/tls"
	"net"

	"github.com/gortmp/rtmp/amf0"
)

// Dial connects to a server, performs the handshake and the connect command. The whole path of rawURL names the
// app: rtmp://host/app. Schemes: rtmp, rtmps. Credentials in rawURL are not sent: the authentication of Adobe and
// Limelight, which would need them, is not supported.
func Dial(ctx context.Context, rawURL string) (*Conn, error) {
	return new(Dialer).Dial(ctx, rawURL)
}

// Publish dials and starts publishing the stream named by the last path element (and query) of rawURL. Closing the
// Publisher closes its connection.
func Publish(ctx context.Context, rawURL string) (*Publisher, error) {
	return new(Dialer).Publish(ctx, rawURL)
}

// Play dials and starts playing the stream named by the last path element (and query) of rawURL. Closing the
// Player closes its connection.
func Play(ctx context.Context, rawURL string) (*Player, error) {
	return new(Dialer).Play(ctx, rawURL)
}

// A Dialer holds options for Dial, Publish and Play. Its zero value is ready to use.
type Dialer struct {
	Config    *Config     // limits and timeouts; nil means defaults
	TLSConfig *tls.Config // for rtmps; nil means the default, with ServerName from the URL

	// NetDial makes the network connection. Nil means a net.Dialer, which tries IPv6 and IPv4 side by side.
	NetDial func(ctx context.Context, network, addr string) (net.Conn, error)

	// Connect is merged into the object of the connect command: it replaces properties of the same name, and a
	// property that is amf0.Undefined is left out. Play announces that it takes every codec of Enhanced RTMP; a
	// server that cannot bear that needs fourCcList, videoFourCcInfoMap, audioFourCcInfoMap and capsEx left out.
	Connect amf0.Object
}

// Dial is Dial with the options of d. A server that refuses gives a *StatusError. If ctx ends first, the
// connection is closed and its cause returned.
func (d *Dialer) Dial(ctx context.Context, rawURL string) (*Conn, error) {
	t, err := parseTarget(rawURL, false)
	if err != nil {
		return nil, err
	}
	return d.dial(ctx, t, nil)
}

// Publish is Publish with the options of d.
func (d *Dialer) Publish(ctx context.Context, rawURL string) (*Publisher, error) {
	t, err := parseTarget(rawURL, true)
	if err != nil {
		return nil, err
	}
	c, err := d.dial(ctx, t, nil)
	if err != nil {
		return nil, err
	}
	p, err := c.Publish(ctx, t.stream)
	if err != nil {
		c.CloseNow()
		return nil, err
	}
	p.owns = true
	return p, nil
}

// Play is Play with the options of d.
func (d *Dialer) Play(ctx context.Context, rawURL string) (*Player, error) {
	t, err := parseTarget(rawURL, true)
	if err != nil {
		return nil, err
	}
	c, err := d.dial(ctx, t, playerCapabilities())
	if err != nil {
		return nil, err
	}
	p, err := c.Play(ctx, t.stream)
	if err != nil {
		c.CloseNow()
		return nil, err
	}
	p.owns = true
	return p, nil
}

// dial connects to t. The properties of d.Connect win over those of connect.
func (d *Dialer) dial(ctx context.Context, t *target, connect amf0.Object) (*Conn, error) {
	netDial := d.NetDial
	if netDial == nil {
		netDial = new(net.Dialer).DialContext
	}
	nc, err := netDial(ctx, "tcp", t.addr)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, ioError("dial", err)
	}
	if t.scheme == "rtmps" {
		if nc, err = d.startTLS(ctx, nc, t); err != nil {
			return nil, err
		}
	}
	c := NewClientConn(nc, d.Config)
	stop := context.AfterFunc(ctx, func() { c.fail(context.Cause(ctx)) })
	defer stop()
	if c.config.OnReconnect != nil {
		caps, _ := connect.Number("capsEx")
		connect.Set("capsEx", caps+reconnects)
	}
	for _, p := range d.Connect {
		connect.Set(p.Name, p.Value)
	}
	if err := c.connectTo(ctx, t, connect); err != nil {
		c.CloseNow()
		return nil, err
	}
	return c, nil
}

// reconnects is the bit of capsEx that says that a client knows a Reconnect Request.
const reconnects = 1

// startTLS does the TLS handshake within the time that the RTMP handshake has.
func (d *Dialer) startTLS(ctx context.Context, nc net.Conn, t *target) (net.Conn, error) {
	config := d.TLSConfig.Clone()
	if config == nil {
		config = new(tls.Config)
	}
	if config.ServerName == "" {
		config.ServerName = t.serverName
	}
	if timeout := d.Config.resolved().HandshakeTimeout; timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, &ProtocolError{"handshake", &HandshakeTimeoutError{timeout}})
		defer cancel()
	}
	tc := tls.Client(nc, config)
	if err := tc.HandshakeContext(ctx); err != nil {
		nc.Close()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, ioError("TLS handshake", err)
	}
	return tc, nil
}

// playerCapabilities is what Play announces: without it, servers send classic codecs only.
//
// Enhanced RTMP v2, "Enhancing NetConnection connect Command".
func playerCapabilities() amf0.Object {
	const (
		canDecode  = 1
		canForward = 4
		multitrack = 2
		modEx      = 4
		nanoOffset = 8
	)
	any := amf0.Object{{Name: "*", Value: float64(canDecode | canForward)}}
	return amf0.Object{
		{Name: "fpad", Value: false},
		{Name: "capabilities", Value: 15.0},
		{Name: "audioCodecs", Value: 4071.0},
		{Name: "videoCodecs", Value: 252.0},
		{Name: "videoFunction", Value: 1.0},
		{Name: "fourCcList", Value: amf0.StrictArray{
			"av01", "vp09", "vp08", "hvc1", "avc1", "vvc1", "Opus", "mp4a", "fLaC", "ac-3", "ec-3", ".mp3",
		}},
		{Name: "videoFourCcInfoMap", Value: any},
		{Name: "audioFourCcInfoMap", Value: any},
		{Name: "capsEx", Value: float64(multitrack | modEx | nanoOffset)},
	}
}
