package relay

import (
	"sync"
	"time"

	"github.com/gortmp/rtmp/message"
)

// Ours: how far the tracks of a stream are interleaved, in time of arrival and in timestamps. What is further away is a
// jump.
const interleave = 5 * time.Second

// A moment is when something came, by the clock and by its own timestamp.
type moment struct {
	at      time.Duration // since the stream began
	time    message.Timestamp
	isMedia bool // sound or pictures have come
}

// follow notes that e came, with the timestamp t. Those of headers and data often mean nothing, and count only as long
// as there are no others.
func (m *moment) follow(e *entry, t message.Timestamp) {
	m.at = e.at
	isMedia := e.class.isMedia()
	if ahead := t.Sub(m.time); isMedia == m.isMedia && (ahead > 0 || ahead < -interleave) || isMedia && !m.isMedia {
		m.time, m.isMedia = t, isMedia
	}
}

// isMedia reports whether c is that of sound or pictures.
func (c class) isMedia() bool { return c&(isAudio|isVideo) != 0 && c&isConfig == 0 }

// A splice fits what a publisher sends to what came before it from another one: its timestamps go on where those
// of the other would be by now, and each of its video tracks begins with a key frame.
type splice struct {
	last message.Timestamp // the newest before
	at   time.Time         // when the last message came

	mu     sync.Mutex // guards the fields below
	gate   gate
	isSet  bool              // sound or pictures have come
	first  message.Timestamp // of them
	offset message.Timestamp // to be added, with isSet
}

// splice ends what st knows about its publisher and returns what the next one needs; nil if nothing came before. st.mu
// is held.
func (st *stream) splice() *splice {
	if st.ring.head == 0 {
		return nil
	}
	st.headers, st.sound = &headers{version: st.headers.version + 1}, 0
	st.ring.video, st.ring.hasKey = false, false
	st.last.isMedia = false
	return &splice{last: st.last.time, at: st.created.Add(st.last.at)}
}

// fit changes the timestamp of m. It reports false if m is not to be passed on.
func (s *splice) fit(m *message.Message) bool {
	d := classify(m)
	since := max(time.Since(s.at), time.Millisecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.class&(isKey|isFrame) != 0 && !s.gate.opens(&entry{class: d.class, track: d.first(), at: since}) {
		return false
	}
	if !s.isSet {
		s.first = s.last.Add(since)
		if !d.class.isMedia() {
			m.Timestamp = s.first
			return true
		}
		s.isSet, s.offset = true, s.first-m.Timestamp
	}
	m.Timestamp += s.offset
	if early := s.first.Sub(m.Timestamp); early > 0 && early < interleave {
		m.Timestamp = s.first
	}
	return true
}
