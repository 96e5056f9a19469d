package publish

import (
	"fmt"

	"github.com/Eyevinn/mp4ff/mp4"
)

// readMoov makes tracks of the index. Tracks of which RTMP cannot carry the codec are left out as SourceOptions.Partial
// says.
func (s *mp4Source) readMoov(moov *mp4.MoovBox, partial bool) error {
	var movieScale int64
	if moov.Mvhd != nil {
		movieScale = int64(moov.Mvhd.Timescale)
	}
	var refused refusal
	for _, trak := range moov.Traks {
		if trak.Tkhd == nil || trak.Mdia == nil || trak.Mdia.Mdhd == nil || trak.Mdia.Minf == nil ||
			trak.Mdia.Minf.Stbl == nil || trak.Mdia.Minf.Stbl.Stsd == nil {
			continue
		}
		stbl := trak.Mdia.Minf.Stbl
		if len(stbl.Stsd.Children) == 0 {
			continue
		}
		track, err := trackOfEntry(stbl.Stsd.Children[0])
		refused.note(trak.Mdia.Hdlr != nil && trak.Mdia.Hdlr.HandlerType == "vide", err)
		if err != nil {
			continue
		}
		t := &mp4Track{
			index: len(s.tracks), id: trak.Tkhd.TrackID, timescale: int64(trak.Mdia.Mdhd.Timescale),
		}
		if t.timescale == 0 {
			return &InputError{Format: "mp4", Reason: "a track without a timescale"}
		}
		t.setEdits(trak.Edts, movieScale)
		if moov.Mvex != nil {
			t.trex, _ = moov.Mvex.GetTrex(t.id)
		}
		if t.table, err = newSampleTable(stbl); err != nil {
			return err
		}
		track.Duration = ticks(int64(trak.Mdia.Mdhd.Duration), t.timescale)
		t.average(&track, stbl)
		track.describe()
		if e, ok := stbl.Stsd.Children[0].(*mp4.VisualSampleEntryBox); ok {
			switch {
			case e.AvcC != nil && len(e.AvcC.SPSnalus) == 0:
				t.packer, track.Config = newNALPacker(avcCodec), nil
			case e.HvcC != nil && len(e.HvcC.NaluArrays) == 0:
				t.packer, track.Config = newNALPacker(hevcCodec), nil
			}
		}
		s.tracks = append(s.tracks, t)
		s.public = append(s.public, track)
	}
	s.hasFragments = moov.Mvex != nil
	return refused.verdict(partial)
}

// setEdits sets what the edit list adds to the time of t: the length of an empty edit at the beginning, and where in
// the media the presentation begins, which comes off. Later edits and the end of the first one are ignored.
//
// ISO/IEC 14496-12, section 8.6.6.
func (t *mp4Track) setEdits(edts *mp4.EdtsBox, movieScale int64) {
	if edts == nil {
		return
	}
	for _, elst := range edts.Elst {
		for _, e := range elst.Entries {
			if e.MediaTime < 0 {
				t.shift += ticks(int64(e.SegmentDuration), movieScale)
				continue
			}
			t.shift -= ticks(e.MediaTime, t.timescale)
			return
		}
	}
}

// average sets the frame rate and the bitrate by the sample table.
func (t *mp4Track) average(track *Track, stbl *mp4.StblBox) {
	seconds := track.Duration.Seconds()
	if stbl.Stsz == nil || seconds <= 0 {
		return
	}
	n := stbl.Stsz.GetNrSamples()
	if n == 0 {
		return
	}
	if track.Video() {
		track.FrameRate = float64(n) / seconds
		if len(stbl.Stts.SampleTimeDelta) == 1 && stbl.Stts.SampleTimeDelta[0] > 0 {
			track.FrameRate = float64(t.timescale) / float64(stbl.Stts.SampleTimeDelta[0])
		}
	}
	if size, err := stbl.Stsz.GetTotalSampleSize(1, n); err == nil {
		track.Bitrate = int(float64(size) * 8 / seconds)
	}
}

// A sampleTable walks over the samples of a track without fragments. The numbers of samples are from 1, as in the
// boxes.
type sampleTable struct {
	stbl     *mp4.StblBox
	count    uint32
	n        uint32 // of the next sample
	dts      int64
	run      int    // entry of stts
	runLeft  uint32 // samples left in it
	ctts     int    // entry of ctts
	sync     int    // entry of stss
	chunk    uint32 // from 1
	chunkRun int    // entry of stsc
	inChunk  uint32 // samples of the chunk that were returned
	offset   int64  // of the next sample
}

// newSampleTable returns nil if there are no samples.
func newSampleTable(stbl *mp4.StblBox) (*sampleTable, error) {
	if stbl.Stsz == nil || stbl.Stsz.GetNrSamples() == 0 {
		return nil, nil
	}
	switch {
	case stbl.Stts == nil || len(stbl.Stts.SampleCount) == 0:
		return nil, &InputError{Format: "mp4", Reason: "samples without times (stts)"}
	case stbl.Stsc == nil || len(stbl.Stsc.Entries) == 0, stbl.Stco == nil && stbl.Co64 == nil:
		return nil, &InputError{Format: "mp4", Reason: "samples without places (stsc, stco)"}
	}
	t := &sampleTable{stbl: stbl, count: stbl.Stsz.GetNrSamples(), n: 1, runLeft: stbl.Stts.SampleCount[0]}
	return t, nil
}

// next returns the next sample, and false after the last or where the tables contradict each other.
func (t *sampleTable) next() (sample, bool) {
	if t.n > t.count || !t.place() {
		return sample{}, false
	}
	s := sample{offset: t.offset, size: int(t.stbl.Stsz.GetSampleSize(int(t.n))), dts: t.dts, key: t.isSync()}
	stts := t.stbl.Stts
	for t.runLeft == 0 && t.run+1 < len(stts.SampleCount) {
		t.run++
		t.runLeft = stts.SampleCount[t.run]
	}
	s.duration = int64(stts.SampleTimeDelta[t.run]) // a table that is too short goes on with its last entry
	if t.runLeft > 0 {
		t.runLeft--
	}
	if c := t.stbl.Ctts; c != nil {
		for t.ctts < len(c.SampleOffset) && c.EndSampleNr[t.ctts+1] < t.n {
			t.ctts++
		}
		if t.ctts < len(c.SampleOffset) {
			s.offsetCT = int64(c.SampleOffset[t.ctts])
		}
	}
	t.dts += s.duration
	t.offset += int64(s.size)
	t.n++
	t.inChunk++
	return s, true
}

// place moves on to the next chunk if the current one is over.
func (t *sampleTable) place() bool {
	entries := t.stbl.Stsc.Entries
	for t.chunk == 0 || t.inChunk >= entries[t.chunkRun].SamplesPerChunk {
		t.chunk++
		t.inChunk = 0
		if t.chunkRun+1 < len(entries) && t.chunk >= entries[t.chunkRun+1].FirstChunk {
			t.chunkRun++
		}
		switch i := int(t.chunk) - 1; {
		case t.stbl.Stco != nil && i < len(t.stbl.Stco.ChunkOffset):
			t.offset = int64(t.stbl.Stco.ChunkOffset[i])
		case t.stbl.Co64 != nil && i < len(t.stbl.Co64.ChunkOffset):
			t.offset = int64(t.stbl.Co64.ChunkOffset[i])
		default:
			return false
		}
	}
	return true
}

func (t *sampleTable) isSync() bool {
	if t.stbl.Stss == nil {
		return true
	}
	list := t.stbl.Stss.SampleNumber
	for t.sync < len(list) && list[t.sync] < t.n {
		t.sync++
	}
	return t.sync < len(list) && list[t.sync] == t.n
}

// readMoof fills the queues with the samples of a fragment.
//
// ISO/IEC 14496-12, section 8.8.
func (s *mp4Source) readMoof(moof *mp4.MoofBox, start int64) error {
	end := start // of the data of the track fragment before
	for _, traf := range moof.Trafs {
		if traf.Tfhd == nil {
			return &InputError{Format: "mp4", Reason: "a track fragment without a header (tfhd)"}
		}
		base := start
		switch {
		case traf.Tfhd.HasBaseDataOffset():
			base = int64(traf.Tfhd.BaseDataOffset)
		case !traf.Tfhd.DefaultBaseIfMoof():
			base = end
		}
		t := s.byID(traf.Tfhd.TrackID)
		var trex *mp4.TrexBox
		var dts int64
		if t != nil {
			trex, dts = t.trex, t.next
		}
		if traf.Tfdt != nil {
			dts = int64(traf.Tfdt.BaseMediaDecodeTime())
		}
		offset := base
		for _, trun := range traf.Truns {
			trun.AddSampleDefaultValues(traf.Tfhd, trex)
			if trun.HasDataOffset() {
				offset = base + int64(trun.DataOffset)
			}
			first, hasFirst := trun.FirstSampleFlags()
			for i, sm := range trun.Samples {
				if i == 0 && hasFirst && !trun.HasSampleFlags() {
					sm.Flags = first
				}
				if t != nil {
					t.queue = append(t.queue, sample{
						offset: offset, size: int(sm.Size), dts: dts, offsetCT: int64(sm.CompositionTimeOffset),
						duration: int64(sm.Dur), key: sm.Flags&mp4.NonSyncSampleFlags == 0,
					})
				}
				offset += int64(sm.Size)
				dts += int64(sm.Dur)
			}
		}
		end = offset
		if t != nil {
			t.next = dts
		}
	}
	return nil
}

func (s *mp4Source) byID(id uint32) *mp4Track {
	for _, t := range s.tracks {
		if t.id == id {
			return t
		}
	}
	return nil
}

// entryError is about a sample entry whose configuration is missing.
func entryError(name string) error {
	return &InputError{Format: "mp4", Reason: fmt.Sprintf("sample entry %q without its configuration", name)}
}
