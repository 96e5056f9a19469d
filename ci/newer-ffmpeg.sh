#!/usr/bin/env bash
# Gets the ffmpeg of Debian testing without touching the system: DIR/ffmpeg runs it with its own libraries. The one of
# the distribution may be too old to read Enhanced RTMP. Prints its version. Does nothing else if DIR has it already.
#
#   ci/newer-ffmpeg.sh DIR
#
# It needs apt, dpkg-deb and the keys of Debian's archive, and takes 300 MB of DIR.
set -euo pipefail

if (($# != 1)); then
  echo "usage: ci/newer-ffmpeg.sh DIR" >&2
  exit 2
fi
suite=forky
mkdir -p "$1"
dir=$(cd "$1" && pwd)

if [[ ! -x $dir/ffmpeg ]]; then
  # The mirror that this machine is set up with.
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -m1 -E '/debian/?$') || {
    echo "no mirror of Debian is set up for apt; is 'apt-get update' still to be run?" >&2
    exit 1
  }

  # A world of its own for apt: no list, cache or status of the system is read or written.
  apt=$dir/apt
  mkdir -p "$apt"/{etc/none,state/lists/partial,cache/archives/partial}
  : >"$apt/status"
  cat >"$apt/etc/debian.sources" <<EOF
Types: deb
URIs: $mirror
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
EOF
  cat >"$apt/apt.conf" <<EOF
Dir::Etc::SourceList "$apt/etc/debian.sources";
Dir::Etc::SourceParts "$apt/etc/none";
Dir::Etc::Preferences "$apt/etc/none/preferences";
Dir::Etc::PreferencesParts "$apt/etc/none";
Dir::State "$apt/state";
Dir::State::Status "$apt/status";
Dir::Cache "$apt/cache";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "20";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Debug::NoLocking "true";
EOF
  export APT_CONFIG=$apt/apt.conf
  apt-get -q -q update
  apt-get -q -q --yes --download-only install ffmpeg >"$apt/log" || {
    tail -n 5 "$apt/log" >&2
    exit 1
  }

  # No maintainer script runs. Packages may say /lib for what others call /usr/lib.
  root=$dir/root
  for d in bin lib lib64; do
    mkdir -p "$root/usr/$d"
    ln -sfn "usr/$d" "$root/$d"
  done
  for deb in "$apt"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" |
      tar --extract --directory "$root" --keep-directory-symlink \
        --exclude './usr/share/doc' --exclude './usr/share/man' --exclude './usr/share/locale'
    rm "$deb"
  done

  loader=$(find "$root/usr" -name 'ld-linux*.so.*' -print -quit)
  libraries=$(find "$root/usr/lib" -name '*.so*' -printf '%h\n' | sort -u | paste -s -d :)
  cat >"$dir/ffmpeg.new" <<EOF
#!/bin/sh
exec '$loader' --library-path '$libraries' '$root/usr/bin/ffmpeg' "\$@"
EOF
  chmod +x "$dir/ffmpeg.new"
  "$dir/ffmpeg.new" -version >/dev/null
  mv "$dir/ffmpeg.new" "$dir/ffmpeg" # only once it is known to run
fi

"$dir/ffmpeg" -version | head -n 1
