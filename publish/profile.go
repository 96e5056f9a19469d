package publish

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gortmp/rtmp/media"
)

// A Profile says what a platform accepts. Zero fields are not checked.
type Profile struct {
	Name  string
	Hosts []string // the host of an ingest URL is one of them, or ends in one of them behind a dot

	TLS         bool          // rtmps only
	KeyFrames   time.Duration // the longest time from one key frame to the next
	BFrames     int           // in a row; negative: none are accepted
	VideoRate   int           // bits per second at most
	AudioRate   int           // bits per second at most
	VideoCodecs []media.Codec
	AudioCodecs []media.Codec
	WantsAudio  bool // does not go on air without sound
}

// Profiles are the platforms that are known, after their public pages for broadcasters and what OBS knows of them, in
// December 2026. They are the most that a platform takes from anybody; an account or a size of picture may be allowed
// less. A program may change the list before it publishes. Servers that are not in it are never warned about.
var Profiles = []Profile{
	{
		Name: "YouTube", Hosts: []string{"youtube.com"},
		KeyFrames: 4 * time.Second, VideoRate: 51_000_000, AudioRate: 384_000, WantsAudio: true,
		VideoCodecs: []media.Codec{media.AVC, media.HEVC, media.AV1},
		AudioCodecs: []media.Codec{media.AAC, media.MP3},
	},
	{
		Name: "Twitch", Hosts: []string{"twitch.tv", "contribute.live-video.net", "ingest.global-contribute.live-video.net"},
		KeyFrames: 2 * time.Second, BFrames: 2, VideoRate: 6_000_000, AudioRate: 320_000,
		VideoCodecs: []media.Codec{media.AVC}, AudioCodecs: []media.Codec{media.AAC},
	},
	{
		Name: "Amazon IVS", Hosts: []string{"global-contribute.live-video.net"}, // Kick is there too
		TLS: true, KeyFrames: 2 * time.Second, VideoRate: 8_500_000, AudioRate: 320_000,
		VideoCodecs: []media.Codec{media.AVC}, AudioCodecs: []media.Codec{media.AAC},
	},
	{
		Name: "Facebook", Hosts: []string{"facebook.com"},
		TLS: true, KeyFrames: 4 * time.Second, VideoRate: 9_000_000, AudioRate: 256_000, WantsAudio: true,
		VideoCodecs: []media.Codec{media.AVC}, AudioCodecs: []media.Codec{media.AAC},
	},
	{
		Name: "Instagram", Hosts: []string{"instagram.com"},
		TLS: true, KeyFrames: 4 * time.Second, VideoRate: 6_000_000, AudioRate: 256_000, WantsAudio: true,
		VideoCodecs: []media.Codec{media.AVC}, AudioCodecs: []media.Codec{media.AAC},
	},
	{
		Name: "X", Hosts: []string{"pscp.tv"},
		KeyFrames: 3 * time.Second, VideoRate: 12_000_000, AudioRate: 128_000,
		VideoCodecs: []media.Codec{media.AVC}, AudioCodecs: []media.Codec{media.AAC},
	},
}

// ProfileOf returns the profile of the platform that rawURL leads to, or nil.
func ProfileOf(rawURL string) *Profile {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil
	}
	host := strings.ToLower(u.Hostname())
	var best *Profile
	length := 0
	for i := range Profiles {
		for _, h := range Profiles[i].Hosts {
			if len(h) > length && (host == h || strings.HasSuffix(host, "."+h)) {
				best, length = &Profiles[i], len(h) // the longest is the most precise
			}
		}
	}
	return best
}

// A Problem is a kind of Warning.
type Problem int

// What may be wrong with a stream.
const (
	ProblemTLS Problem = iota
	ProblemCodec
	ProblemKeyFrames
	ProblemBFrames
	ProblemBitrate
	ProblemNoAudio
)

// A Warning says that a platform is not going to like what is published.
type Warning struct {
	Target  string // as in Status
	Profile *Profile
	Problem Problem
	Text    string // a sentence for a person
}

// String returns the text with the target.
func (w Warning) String() string { return w.Target + ": " + w.Text }

// Check returns warnings about tracks that are to be published to rawURL, as far as can be said in advance.
func (pr *Profile) Check(rawURL string, tracks []Track) []Warning {
	var list []Warning
	add := func(p Problem, format string, args ...any) {
		list = append(list, Warning{publicURL(rawURL), pr, p, fmt.Sprintf(format, args...)})
	}
	if u, err := url.Parse(rawURL); err == nil && pr.TLS && u.Scheme != "rtmps" {
		add(ProblemTLS, "%s accepts encrypted streams only: use an rtmps:// URL", pr.Name)
	}
	audio := false
	for i := range tracks {
		t := &tracks[i]
		codecs, rate, kind := pr.AudioCodecs, pr.AudioRate, "audio"
		if t.Video() {
			codecs, rate, kind = pr.VideoCodecs, pr.VideoRate, "video"
		} else {
			audio = true
		}
		if len(codecs) > 0 && !slices.Contains(codecs, t.Codec) {
			add(ProblemCodec, "%s does not accept %s %v", pr.Name, kind, t.Codec)
		}
		if rate > 0 && t.Bitrate > rate {
			add(ProblemBitrate, "%s of %d kbit/s is more than the %d kbit/s that %s accepts",
				kind, t.Bitrate/1000, rate/1000, pr.Name)
		}
	}
	if pr.WantsAudio && !audio && len(tracks) > 0 {
		add(ProblemNoAudio, "%s does not go on air without sound: add silent sound", pr.Name)
	}
	return list
}
