package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/rtmptest"
)

// certificate makes a certificate for 127.0.0.1 that nobody trusts, and returns the files with it and its key.
func certificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.CreateCertificate(rand.Reader, certificateTemplate, certificateTemplate, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyBytes, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: cert},
		keyFile:  {Type: "PRIVATE KEY", Bytes: keyBytes},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

var certificateTemplate = &x509.Certificate{
	SerialNumber: big.NewInt(1),
	Subject:      pkix.Name{CommonName: "test"},
	IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	NotBefore:    time.Now().Add(-time.Hour),
	NotAfter:     time.Now().Add(time.Hour),
}

// closedPort returns an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l := listenLoopback(t)
	defer l.Close()
	return l.Addr().String()
}

// silent returns the address of a server that accepts connections and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	return listenLoopback(t).Addr().String() // the kernel accepts
}

func listenLoopback(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func address(url string) string {
	_, addr, _ := strings.Cut(url, "://")
	return addr
}

// What a person reads when something goes wrong, and the exit code that a script sees.
func TestFailures(t *testing.T) {
	t.Parallel()
	film, filmBytes := shortFilm(t)
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	empty, mp4, cut := write("empty.flv", nil), write("film.mp4", []byte("\x00\x00\x00\x20ftypisom")),
		write("cut.flv", filmBytes[:len(filmBytes)-100])
	missing := filepath.Join(dir, "missing.flv")
	page := write("page.html", []byte("GET / HTTP/1.1\r\n\r\n"))
	chunks := write("chunks.bin", []byte{2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 16, 0, 0xc9})

	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	secure.StartTLS()
	t.Cleanup(secure.Close)
	strict := rtmptest.NewServer(rtmp.HandlerFunc(func(*rtmp.Stream, *rtmp.Request) error {
		return &rtmp.StatusError{Code: "NetStream.Publish.Denied", Description: "unknown key"}
	}))
	t.Cleanup(strict.Close)
	elsewhere := rtmptest.NewUnstartedServer(nil)
	elsewhere.Config.OnConnect = func(context.Context, *rtmp.ConnInfo) error {
		return &rtmp.StatusError{Code: "NetConnection.Connect.InvalidApp", Description: "no app live"}
	}
	elsewhere.Start()
	t.Cleanup(elsewhere.Close)
	tlsServer := rtmptest.NewTLSServer(nil)
	t.Cleanup(tlsServer.Close)
	_, open := serving(t)
	_, unwilling := serving(t, "--play-wait", "0")
	closed, quiet := closedPort(t), silent(t)
	taken := listenLoopback(t).Addr().String()

	tests := []struct {
		name string
		args []string
		want string // on standard error; two lines at most
	}{
		{
			"missing file", []string{"publish", missing, open + "live/x"},
			"rtmp publish: open " + missing + ": no such file or directory\n",
		},
		{
			"empty file", []string{"publish", empty, open + "live/x"},
			"rtmp publish: " + empty + " is empty\n",
		},
		{
			"another kind of file", []string{"publish", page, open + "live/x"},
			"rtmp publish: " + page + ": unknown format: it begins with \"GET / HTTP/1\"\n" + formatHint + "\n",
		},
		{
			"a film without an index", []string{"publish", mp4, open + "live/x"},
			"rtmp publish: " + mp4 + ": damaged input: mp4: there is no index (moov)\n",
		},
		{
			"refused key", []string{"publish", film, strict.URL + "/live/x"},
			"rtmp publish: the server refused: NetStream.Publish.Denied: unknown key\n" +
				"The stream key is wrong or no longer valid, or somebody is publishing with it at this moment.\n",
		},
		{
			"refused app", []string{"publish", film, elsewhere.URL + "/live/x"},
			"rtmp publish: the server refused: NetConnection.Connect.InvalidApp: no app live\n" +
				"The server does not know the app, which is the part of the URL after the host, or wants a login.\n",
		},
		{
			"nothing to play", []string{"play", unwilling + "live/x"},
			"rtmp play: the server refused: NetStream.Play.StreamNotFound: nobody publishes live/x\n" +
				"Nobody is publishing under this name.\n",
		},
		{
			"connection refused", []string{"play", "rtmp://" + closed + "/live/x"},
			"rtmp play: nothing listens at " + closed + " (connection refused)\n" +
				"Is the server running, and is the port right? Without one in the URL it is 1935 for rtmp and 443 for rtmps.\n",
		},
		{
			"a silent server", []string{"publish", "--timeout", "50ms", film, "rtmp://" + quiet + "/live/x"},
			"rtmp publish: no answer from the server within 50ms\n" + timeoutHint + "\n",
		},
		{
			"a silent server, with TLS", []string{"publish", "--timeout", "50ms", film, "rtmps://" + quiet + "/live/x"},
			"rtmp publish: no answer from the server within 50ms\n" + timeoutHint + "\n",
		},
		{
			"a silent server, to play from", []string{"play", "--timeout", "50ms", "rtmp://" + quiet + "/live/x"},
			"rtmp play: no answer from the server within 50ms\n" + timeoutHint + "\n",
		},
		{
			"a web server", []string{"publish", film, "rtmp://" + address(web.URL) + "/live/x"},
			"rtmp publish: this is a web server (HTTP), not an RTMP server\n" +
				"RTMP has a port of its own, usually 1935.\n",
		},
		{
			"a web server, with TLS", []string{"publish", film, "rtmps://" + address(web.URL) + "/live/x"},
			"rtmp publish: the server does not speak TLS on this port\n" +
				"Use rtmp:// instead of rtmps://, or the port that the server has for rtmps.\n",
		},
		{
			"a certificate that nobody knows", []string{"play", "rtmps://" + address(tlsServer.URL) + "/live/x"},
			"rtmp play: the server's certificate is not to be trusted: x509: certificate signed by unknown authority\n" +
				"If you trust this server all the same, add --insecure.\n",
		},
		{
			"port taken", []string{"serve", "--addr", taken},
			"rtmp serve: " + taken + " is taken: another program listens there\n" +
				"Choose another port, for example --addr :OTHER, or end that program.\n",
		},
		{
			"demo: port taken", []string{"demo", "--addr", taken},
			"rtmp demo: " + taken + " is taken: another program listens there\n" +
				"Choose another port, for example --addr :OTHER, or end that program.\n",
		},
		{
			"no certificate", []string{"serve", "--addr", "127.0.0.1:0", "--tls-cert", missing, "--tls-key", missing},
			"rtmp serve: certificate " + missing + " with key " + missing + ": open " + missing + ": no such file or directory\n",
		},
		{
			"dump: missing file", []string{"dump", missing},
			"rtmp dump: open " + missing + ": no such file or directory\n",
		},
		{
			"dump: empty file", []string{"dump", empty},
			"rtmp dump: " + empty + " is empty\n",
		},
		{
			"dump: another protocol", []string{"dump", page},
			"rtmp dump: " + page + ": not the bytes of an RTMP connection: they begin with \"GET / HTT\"\n",
		},
		{
			"dump: not all", []string{"dump", chunks},
			"rtmp dump: " + chunks + ": this is where the bytes stop making sense: " +
				"byte 16: chunk: type 3 header begins chunk stream 9\n" +
				"Is it one direction of one connection, from the beginning, with nothing left out?\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := start(t, tt.args...)
			if code := r.wait(t); code != exitFailure {
				t.Errorf("rtmp %s: exit code %d, want %d", strings.Join(tt.args, " "), code, exitFailure)
			}
			got := r.err.String()
			if i := strings.LastIndex(got, "time="); i >= 0 { // what serve logs before it fails
				got = got[i+strings.IndexByte(got[i:], '\n')+1:]
			}
			want := strings.ReplaceAll(tt.want, "OTHER", strconv.Itoa(otherPort(taken)))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("rtmp %s (-want +got):\n%s", strings.Join(tt.args, " "), diff)
			}
		})
	}

	t.Run("cut file", func(t *testing.T) {
		_, stderr, code := tool(t, "publish", cut, open+"live/cut")
		want := "rtmp publish: " + cut + " is cut off: it ends in the middle of something\nWhat comes before was sent.\n"
		if code != exitFailure || !strings.HasSuffix(stderr, want) {
			t.Errorf("publish of a cut file: exit code %d, standard error:\n%s", code, stderr)
		}
	})
}

// Who is on the wrong port learns it from the server's log, and nobody else is disturbed.
func TestServeForeignProtocols(t *testing.T) {
	t.Parallel()
	s, url := serving(t)
	addr := strings.Trim(address(url), "/")
	if resp, err := http.Get("http://" + addr); err == nil {
		resp.Body.Close()
		t.Error("an HTTP request to the RTMP port was answered")
	}
	s.err.await(t, `level=WARN msg="not RTMP" peer=\S+ reason="handshake: peer speaks HTTP`)
	if conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true}); err == nil {
		conn.Close()
		t.Error("a TLS handshake on the RTMP port succeeded")
	}
	s.err.await(t, `level=WARN msg="not RTMP" peer=\S+ reason="handshake: peer speaks TLS`)

	// And the other way round: our client against TLS.
	film, _ := shortFilm(t)
	cert, key := certificate(t)
	s, _ = serving(t, "--tls-addr", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key)
	tlsAddr := s.err.await(t, `url=rtmps://(\S+)/APP/NAME`)[1]
	_, stderr, code := tool(t, "publish", film, "rtmp://"+tlsAddr+"/live/x")
	if code != exitFailure || !strings.Contains(stderr, "try rtmps:// instead of rtmp://") {
		t.Errorf("rtmp:// to a TLS port: exit code %d, standard error:\n%s", code, stderr)
	}
}
