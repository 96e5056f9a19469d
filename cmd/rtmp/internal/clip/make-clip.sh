#!/usr/bin/env bash
# Makes clip.flv, the stream that "rtmp demo" shows, beside this script. Needs ffmpeg with libx264, and a
# monospaced font that fontconfig finds. The same ffmpeg makes the same bytes again.
#
# The clip is a circle: 8 seconds are 200 pictures at 25 a second and 375 AAC frames of 1,024 samples at 48 kHz,
# and everything in it repeats after 1, 2 or 8 seconds. Three turns are encoded and the middle one is kept, so that
# neither the picture nor the sound shows where it begins.
set -euo pipefail
cd "$(dirname "$0")"

turn=8
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Colour bars; a hand that turns once a second; a ball that crosses and returns in two; a counter of seconds and
# pictures in the turn.
picture="
  smptehdbars=size=640x360:rate=25 [bars];
  color=color=black@0:size=140x140:rate=25, format=rgba,
    geq=r=255:g=255:b=255:a='255*between(X\,66\,73)*between(Y\,4\,74)',
    rotate=angle='2*PI*t':fillcolor=black@0 [hand];
  color=color=black:size=180x180:rate=25, format=rgba,
    geq=r=16:g=16:b=24:a='255*lt(hypot(X-90\,Y-90)\,86)' [dial];
  color=color=white:size=28x28:rate=25, format=rgba,
    geq=r=255:g=255:b=255:a='255*lt(hypot(X-14\,Y-14)\,13)' [ball];
  [bars] drawbox=x=0:y=296:w=640:h=64:color=0x101018:thickness=fill [base];
  [base][dial] overlay=x=230:y=60 [d];
  [d][hand] overlay=x=250:y=80 [h];
  [h][ball] overlay=x='306-290*cos(PI*t)':y=314 [b];
  [b] drawtext=font=monospace:fontsize=40:fontcolor=white:box=1:boxcolor=0x101018:boxborderw=10:x=(w-tw)/2:y=244:
      text='%{eif\:mod(floor(t+0.001)\,$turn)\:d\:2}.%{eif\:mod(n\,25)*4\:d\:2} s' [v]
"

# A quiet tone of 440 Hz, and a higher one for the first tenth of every second.
sound="aevalsrc=exprs='0.05*sin(2*PI*440*t)+0.15*sin(2*PI*880*t)*lt(mod(t\,1)\,0.1)':sample_rate=48000 [a]"

ffmpeg -v error -y -fflags +bitexact -filter_complex "$picture; $sound" -map '[v]' -map '[a]' -t $((3 * turn)) \
  -c:v libx264 -flags:v +bitexact -threads 1 -profile:v main -preset veryslow -tune animation -crf 18 \
  -bf 0 -g 25 -keyint_min 25 -sc_threshold 0 -pix_fmt yuv420p \
  -c:a aac -flags:a +bitexact -b:a 64k -ac 1 "$work/turns.nut"

# The encoder puts 1,024 samples in front of the sound, which moves everything by 21 ms: the middle turn begins at
# 8.021 and the last at 16.021.
ffmpeg -v error -y -fflags +bitexact -ss 8.03 -t 7.98 -i "$work/turns.nut" -c copy \
  -fflags +bitexact -flvflags no_sequence_end+no_duration_filesize -map_metadata -1 clip.flv
