#!/usr/bin/env bash
# Installs the programs that the interop tests talk to, on Debian or Ubuntu. Does nothing if all are there.
set -euo pipefail

packages=(
  ffmpeg
  rtmpdump
  mpv
  curl
  nginx-light
  libnginx-mod-rtmp
  gstreamer1.0-tools
  gstreamer1.0-plugins-base
  gstreamer1.0-plugins-good
  gstreamer1.0-plugins-bad
  gstreamer1.0-plugins-ugly
  gstreamer1.0-libav
)

missing=()
for p in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$p" 2>/dev/null || true)
  [[ $status == installed ]] || missing+=("$p")
done

if ((${#missing[@]} > 0)); then
  echo "installing: ${missing[*]}"
  asRoot=()
  ((EUID == 0)) || asRoot=(sudo)
  export DEBIAN_FRONTEND=noninteractive
  "${asRoot[@]}" apt-get -q update
  "${asRoot[@]}" apt-get -q install --yes --no-install-recommends "${missing[@]}"
fi

# The versions belong in the log: what the other side does depends on them.
dpkg-query --show --showformat='${Package} ${Version}\n' "${packages[@]}"
