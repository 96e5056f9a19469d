package record

import (
	"time"

	"github.com/Eyevinn/mp4ff/mp4"

	"github.com/gortmp/rtmp/publish"
)

// videoRate is the timescale of video tracks, and that of the movie, in Hz. Ours: that of MPEG-TS, in which a
// millisecond is a whole number.
const videoRate = 90000

// An mp4Track is a track with the samples that are not in the file yet.
type mp4Track struct {
	publish.Track
	timeline
	id        uint32
	rate      int64 // ticks per second
	entries   []mp4.Box
	described bool     // the last entry is that of Config
	ready     []sample // for the next fragment
	pending   *sample  // its duration is not known yet
	step      time.Duration
	table     sampleTable
}

// A sample is a frame on the timeline of the source.
type sample struct {
	dts, pts, end time.Duration
	key           bool
	data          []byte
}

// settle ends the pending sample where the next one begins.
func (t *mp4Track) settle(next time.Duration) {
	if t.pending == nil {
		return
	}
	t.step = next - t.pending.dts
	t.pending.end = next
	t.ready = append(t.ready, *t.pending)
	t.pending = nil
}

// settleLast ends the last sample, which lasts as long as the one before it.
func (t *mp4Track) settleLast() {
	if t.pending == nil {
		return
	}
	if t.step == 0 {
		t.step = 20 * time.Millisecond
	}
	t.settle(t.pending.dts + t.step)
}

// place returns the times of s in ticks from base on.
func (t *mp4Track) place(s *sample, base time.Duration) (dts int64, m mp4.Sample) {
	dts = ticks(s.dts-base, t.rate)
	m = mp4.Sample{
		Flags: mp4.NonSyncSampleFlags | mp4.SampleDependsOn1, Dur: uint32(ticks(s.end-base, t.rate) - dts), Size: uint32(len(s.data)),
		CompositionTimeOffset: int32(ticks(s.pts-base, t.rate) - dts),
	}
	if s.key {
		m.Flags = mp4.SyncSampleFlags
	}
	return dts, m
}

// fragment returns the ready samples as a track fragment, whose data are added to mdat.
func (t *mp4Track) fragment(base time.Duration, mdat *mp4.MdatBox) *mp4.TrafBox {
	tfhd := mp4.CreateTfhd(t.id)
	tfhd.Flags |= mp4.TfhdSampleDescriptionIndexPresentFlag
	tfhd.SampleDescriptionIndex = uint32(len(t.entries))
	trun := mp4.CreateTrun(t.id) // the order in mdat
	trun.Version = 1             // signed composition times
	begin := int64(0)
	for i := range t.ready {
		dts, m := t.place(&t.ready[i], base)
		if i == 0 {
			begin = dts
		}
		trun.AddSample(m)
		mdat.AddSampleDataPart(t.ready[i].data)
	}
	tfdt := mp4.CreateTfdt(uint64(max(begin, 0)))
	traf := &mp4.TrafBox{}
	for _, box := range []mp4.Box{tfhd, tfdt, trun} {
		traf.AddChild(box)
	}
	return traf
}
