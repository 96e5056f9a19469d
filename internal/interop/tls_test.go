package interop_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
)

// glibTLS reports whether GLib, which GStreamer uses, can do TLS: that is a module of its own.
func glibTLS() bool {
	for _, dir := range []string{"/usr/lib/*/gio/modules", "/usr/lib/gio/modules", "/usr/lib64/gio/modules"} {
		for _, name := range []string{"libgiognutls.so", "libgioopenssl.so"} {
			if found, _ := filepath.Glob(filepath.Join(dir, name)); len(found) > 0 {
				return true
			}
		}
	}
	return false
}

// rtmps with either version of TLS, in and out. librtmp, which rtmpdump is made of, fails with TLS 1.3.
func TestTLS(t *testing.T) {
	t.Parallel()
	cert, pool := selfSigned(t)
	ours := &rtmp.Dialer{TLSConfig: &tls.Config{RootCAs: pool}}
	ourPublisher := publisher{name: "rtmp.Publish", send: func(t *testing.T, file, url string) func() error {
		return background(t, func(ctx context.Context) error { return publish(ctx, ours, file, url, false) })
	}}
	ourPlayer := player{name: "rtmp.Play", play: func(t *testing.T, url string) func(t *testing.T) *recording {
		return playOurs(t, ours, url)
	}}
	rtmp2Publisher, rtmp2Player := rtmp2Publisher, rtmp2Player
	rtmp2Publisher.needs = append([]string{"GStreamer TLS"}, rtmp2Publisher.needs...)
	rtmp2Player.needs = append([]string{"GStreamer TLS"}, rtmp2Player.needs...)
	for _, tt := range []struct {
		name    string
		version uint16
		players []player
	}{
		{"1.2", tls.VersionTLS12, []player{ffmpegPlayer, rtmpdumpPlayer, rtmp2Player, ourPlayer}},
		{"1.3", tls.VersionTLS13, []player{ffmpegPlayer, rtmp2Player, ourPlayer}},
	} {
		for _, from := range []publisher{ffmpegPublisher, rtmp2Publisher, ourPublisher} {
			t.Run(tt.name+"/"+from.name, func(t *testing.T) {
				s := serve(t, new(rtmp.Server), &tls.Config{
					Certificates: []tls.Certificate{cert},
					MinVersion:   tt.version,
					MaxVersion:   tt.version,
				})
				relayed(t, s, "rtmps", clipAV, from, tt.players)
			})
		}
	}
}

// selfSigned makes a certificate for 127.0.0.1, and a pool that trusts it.
func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "interop"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, pool
}
