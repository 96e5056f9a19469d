package rtmp

import "github.com/gortmp/rtmp/message"

// Ours.
const (
	messageCost = 64 // bytes that a message costs beside its payload; a peer can send one empty message per byte

	// What is kept of messages that nobody has to read.
	looseMessages = 64
	looseBytes    = 256 << 10
)

// A queue holds received messages until somebody reads them. It is guarded by the mutex of its Conn.
type queue struct {
	items []*message.Message // items[head:] are waiting
	head  int
	bytes int // what waits costs: payload bytes, and messageCost for each message
	grown broadcast
}

// push adds m, which the queue then owns.
func (q *queue) push(m *message.Message) {
	if q.head > 0 && len(q.items) == cap(q.items) {
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	q.items = append(q.items, m)
	q.bytes += len(m.Payload) + messageCost
	q.grown.signal()
}

// pop moves the oldest message into m and reports whether there was one.
func (q *queue) pop(m *message.Message) bool {
	if q.len() == 0 {
		return false
	}
	*m = *q.items[q.head]
	q.items[q.head] = nil
	q.head++
	q.bytes -= len(m.Payload) + messageCost
	if q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
	}
	return true
}

// trim drops the oldest messages of a queue that nobody has to read.
func (q *queue) trim() {
	for q.len() > looseMessages || q.bytes > looseBytes {
		q.pop(new(message.Message))
	}
}

// len returns the number of messages waiting.
func (q *queue) len() int { return len(q.items) - q.head }

// clear forgets what is waiting.
func (q *queue) clear() { q.items, q.head, q.bytes = nil, 0, 0 }
