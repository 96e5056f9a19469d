package record

import (
	"time"

	"github.com/Eyevinn/mp4ff/mp4"
)

// A sampleTable is the index of a track: where each sample is and when. The samples of a fragment are a chunk.
type sampleTable struct {
	begin, duration int64 // ticks
	samples         uint32
	stts            mp4.SttsBox
	ctts            mp4.CttsBox
	stss            mp4.StssBox
	stsz            mp4.StszBox
	stsc            mp4.StscBox
	co64            mp4.Co64Box
	perChunk, entry uint32 // of the last run of stsc
	signed, shifted bool   // composition times: below zero, other than zero
}

// add adds the ready samples of t, whose data begin at offset at of the file, and returns where they end.
func (x *sampleTable) add(t *mp4Track, base time.Duration, at int64) int64 {
	if len(t.ready) == 0 {
		return at
	}
	x.co64.ChunkOffset = append(x.co64.ChunkOffset, uint64(at))
	if n, entry := uint32(len(t.ready)), uint32(len(t.entries)); n != x.perChunk || entry != x.entry {
		x.stsc.AddEntry(uint32(len(x.co64.ChunkOffset)), n, entry) // fails only if the first chunk is not 1
		x.perChunk, x.entry = n, entry
	}
	for i := range t.ready {
		dts, m := t.place(&t.ready[i], base)
		if x.samples == 0 {
			x.begin = dts
		}
		x.samples++
		x.duration = dts + int64(m.Dur) - x.begin
		x.stsz.SampleSize = append(x.stsz.SampleSize, m.Size)
		if t.ready[i].key {
			x.stss.SampleNumber = append(x.stss.SampleNumber, x.samples)
		}
		if last := len(x.stts.SampleCount) - 1; last >= 0 && x.stts.SampleTimeDelta[last] == m.Dur {
			x.stts.SampleCount[last]++
		} else {
			x.stts.SampleCount = append(x.stts.SampleCount, 1)
			x.stts.SampleTimeDelta = append(x.stts.SampleTimeDelta, m.Dur)
		}
		if last := len(x.ctts.SampleOffset) - 1; last >= 0 && x.ctts.SampleOffset[last] == m.CompositionTimeOffset {
			x.ctts.EndSampleNr[last+1]++
		} else {
			x.ctts.AddSampleCountsAndOffset([]uint32{1}, []int32{m.CompositionTimeOffset}) // fails only for lists of two lengths
		}
		x.signed = x.signed || m.CompositionTimeOffset < 0
		x.shifted = x.shifted || m.CompositionTimeOffset != 0
		at += int64(m.Size)
	}
	t.ready = nil
	return at
}

// boxes returns the tables.
func (x *sampleTable) boxes() []mp4.Box {
	x.stsz.SampleNumber = x.samples
	list := []mp4.Box{&x.stts}
	if x.shifted {
		if x.signed {
			x.ctts.Version = 1
		}
		list = append(list, &x.ctts)
	}
	if len(x.stss.SampleNumber) != int(x.samples) { // without it all are key frames
		list = append(list, &x.stss)
	}
	return append(list, &x.stsc, &x.stsz, &x.co64)
}

// moov returns the index: of a file whose samples are in fragments, which has none of them, or of one with tables.
func (w *MP4Writer) moov(fragments bool) *mp4.MoovBox {
	init := mp4.CreateEmptyInit()
	moov := init.Moov
	if !fragments {
		moov = mp4.NewMoovBox()
		moov.AddChild(init.Moov.Mvhd)
	}
	moov.Mvhd.Timescale = videoRate
	for _, t := range w.tracks {
		if len(t.entries) == 0 {
			continue // no frame yet
		}
		kind := "audio"
		if t.Video() {
			kind = "video"
		}
		trak := mp4.CreateEmptyTrak(t.id, uint32(t.rate), kind, "und")
		trak.Mdia.Hdlr.Name = ""
		trak.Tkhd.Width, trak.Tkhd.Height = mp4.Fixed32(t.Width<<16), mp4.Fixed32(t.Height<<16)
		stsd := trak.Mdia.Minf.Stbl.Stsd
		for _, e := range t.entries {
			stsd.AddChild(e)
		}
		if fragments {
			moov.Mvex.AddChild(mp4.CreateTrex(t.id))
		} else {
			stbl := mp4.NewStblBox()
			stbl.AddChild(stsd)
			for _, b := range t.table.boxes() {
				stbl.AddChild(b)
			}
			minf := trak.Mdia.Minf
			minf.Children[len(minf.Children)-1], minf.Stbl = stbl, stbl
			trak.Mdia.Mdhd.Version, trak.Mdia.Mdhd.Duration = 1, uint64(t.table.duration)
			total := t.edit(trak)
			trak.Tkhd.Version, trak.Tkhd.Duration = 1, total
			moov.Mvhd.Version, moov.Mvhd.Duration = 1, max(moov.Mvhd.Duration, total)
		}
		moov.AddChild(trak)
		moov.Mvhd.NextTrackID = t.id + 1
	}
	return moov
}

// edit gives trak an edit list if it does not begin with the file, and returns its end in ticks of the movie.
func (t *mp4Track) edit(trak *mp4.TrakBox) uint64 {
	movie := func(n int64) uint64 {
		return uint64(n/t.rate*videoRate + n%t.rate*videoRate/t.rate)
	}
	begin, length := movie(t.table.begin), movie(t.table.duration)
	if begin > 0 {
		elst := &mp4.ElstBox{Version: 1, Entries: []mp4.ElstEntry{
			{SegmentDuration: begin, MediaTime: -1, MediaRateInteger: 1},
			{SegmentDuration: length, MediaTime: 0, MediaRateInteger: 1},
		}}
		edts := &mp4.EdtsBox{}
		edts.AddChild(elst)
		trak.AddChild(edts)
		// It comes before the media.
		n := len(trak.Children)
		trak.Children[n-2], trak.Children[n-1] = trak.Children[n-1], trak.Children[n-2]
	}
	return begin + length
}
