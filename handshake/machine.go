package handshake

import (
	"bytes"
	"encoding/binary"
)

// A state is what a machine waits for.
type state uint8

const (
	wantVersion state = iota // C0 or S0
	wantFirst                // C1 or S1
	wantSecond               // C2 or S2
	finished
)

// A machine is what Client and Server have in common. They differ in their keys and in who begins.
type machine struct {
	config  Config
	server  bool // this is the server's side
	ours    *keys
	theirs  *keys
	version [4]byte // of our software, in a packet with a digest

	state state
	err   error  // the first one, for good
	in    []byte // the part of a packet that has come; it grows with what comes
	out   []byte // not yet taken

	first  []byte   // our C1 or S1, until the peer's answer to it was judged
	scheme Scheme   // of first
	digest digest   // of first, unless it is plain
	swfKey [32]byte // the end of S1
	peer   Peer
}

// input is Input of Client and Server.
func (m *machine) input(p []byte) (n int, done bool, err error) {
	for m.err == nil && m.state != finished && n < len(p) {
		if m.state == wantVersion {
			if p[0] != version {
				m.fail(&VersionError{Got: p[0]})
				break
			}
			n, m.state = 1, wantFirst
			continue
		}
		pkt, used := m.gather(p[n:])
		n += used
		switch {
		case pkt == nil:
		case m.state == wantFirst:
			m.hear(pkt)
			m.state = wantSecond
		default:
			m.peer.Answer = m.judge(pkt)
			m.state = finished
			m.in, m.first = nil, nil
		}
	}
	return n, m.state == finished, m.err
}

// gather returns the next packet once all of it has come, and the number of bytes of p that it used. The packet
// aliases p or m.in and is good until the next call.
func (m *machine) gather(p []byte) (*packet, int) {
	if len(m.in) == 0 && len(p) >= packetSize {
		return (*packet)(p), packetSize
	}
	used := min(len(p), packetSize-len(m.in))
	m.in = append(m.in, p[:used]...)
	if len(m.in) < packetSize {
		return nil, used
	}
	pkt := (*packet)(m.in)
	m.in = m.in[:0]
	return pkt, used
}

// missing returns the number of bytes that have yet to come.
func (m *machine) missing() int {
	switch m.state {
	case wantVersion:
		return Size
	case wantFirst:
		return 2*packetSize - len(m.in)
	case wantSecond:
		return packetSize - len(m.in)
	}
	return 0
}

// output is Output of Client and Server. What it gives away is never written to again, because first may be in it.
func (m *machine) output() []byte {
	out := m.out
	m.out = nil
	return out
}

// greet puts the version byte and our C1 or S1 into out and leaves room for what will follow at once.
func (m *machine) greet(s Scheme, room int) {
	b := make([]byte, 1+packetSize, 1+packetSize+room)
	b[0] = version
	pkt := (*packet)(b[1:])
	binary.BigEndian.PutUint32(pkt[:], m.config.Time)
	if err := m.config.fill(pkt[randomAt:]); err != nil {
		m.fail(err)
		return
	}
	if m.scheme = s; s != Plain {
		copy(pkt[4:], m.version[:])
		m.digest = m.ours.sign(pkt, s)
	}
	if m.server {
		copy(m.swfKey[:], pkt[packetSize-len(m.swfKey):])
	}
	m.first = pkt[:]
	m.out = b
}

// hear takes the peer's C1 or S1 and answers it. Its version bytes decide nothing: there are servers that have
// one and know of no digest.
func (m *machine) hear(pkt *packet) {
	var asked digest
	if !m.config.Simple {
		m.peer.Scheme, asked = m.theirs.find(pkt)
	}
	m.peer.Time = binary.BigEndian.Uint32(pkt[:])
	copy(m.peer.Version[:], pkt[4:])
	if !m.server {
		copy(m.swfKey[:], pkt[packetSize-len(m.swfKey):])
	}
	if m.first == nil {
		if m.greet(m.peer.Scheme, packetSize); m.err != nil {
			return
		}
	}

	at := len(m.out)
	m.out = append(m.out, pkt[:]...) // the plain answer, and the space for the other one
	answer := (*packet)(m.out[at:])
	if m.peer.Scheme == Plain {
		if m.config.Time != 0 {
			binary.BigEndian.PutUint32(answer[4:], m.config.Time)
		}
		return
	}
	if err := m.config.fill(answer[:signatureAt]); err != nil {
		m.fail(err)
		return
	}
	sum := m.ours.answer(answer, &asked)
	copy(answer[signatureAt:], sum[:])
}

// judge tells what the peer's C2 or S2 is worth as an answer to first.
func (m *machine) judge(pkt *packet) Answer {
	if bytes.Equal(pkt[randomAt:], m.first[randomAt:]) {
		return Echo
	}
	if m.scheme != Plain {
		if sum := m.theirs.answer(pkt, &m.digest); bytes.Equal(pkt[signatureAt:], sum[:]) {
			return Signed
		}
	}
	return Unverified
}

// fail ends the handshake: what has come and what has not gone are of no use any more.
func (m *machine) fail(err error) {
	m.err = err
	m.in, m.out, m.first = nil, nil, nil
}
