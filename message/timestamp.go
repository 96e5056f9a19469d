package message

import "time"

// A Timestamp is a time in milliseconds from an epoch that the sender chose. It wraps after 49 days 17 hours,
// so two of them are compared by the shorter way round: use Before, not <. Adding and subtracting plain
// numbers wraps as it should.
//
// RTMP 1.0, section 5.1; RFC 1982 for the order.
type Timestamp uint32

// Add returns the time d later, or earlier for a negative d. Parts of a millisecond are cut off.
func (t Timestamp) Add(d time.Duration) Timestamp {
	return t + Timestamp(uint32(d/time.Millisecond))
}

// Sub returns the signed distance from u to t by the shorter way round. At exactly half the circle (2^31 ms)
// the greater number counts as the earlier one, as in Before.
func (t Timestamp) Sub(u Timestamp) time.Duration {
	d := int64(int32(t - u))
	if uint32(t-u) == 1<<31 && t < u {
		d = -d
	}
	return time.Duration(d) * time.Millisecond
}

// Before reports whether t is earlier than u. At exactly half the circle the greater number is the earlier.
func (t Timestamp) Before(u Timestamp) bool { return t.Sub(u) < 0 }

// Duration returns t as the time since the sender's epoch, without regard to wrapping.
func (t Timestamp) Duration() time.Duration { return time.Duration(t) * time.Millisecond }
