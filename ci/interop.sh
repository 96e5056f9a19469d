#!/usr/bin/env bash
# Runs the tests against other people's programs; ci/install.sh installs them. Here, unlike in "go test work", a
# program that is missing is a failure.
#
# Enhanced RTMP needs an ffmpeg that is newer than the distribution's: that of RTMP_NEW_FFMPEG if it is set, else what
# ci/newer-ffmpeg.sh gets. If that cannot be downloaded, the tests that need it, and no others, may be skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$work/log

may_skip='^$' # nothing
if [[ -z ${RTMP_NEW_FFMPEG:-} ]]; then
  if timeout 120 ci/newer-ffmpeg.sh "$work/newer"; then
    export RTMP_NEW_FFMPEG=$work/newer/ffmpeg
  else
    echo "a newer ffmpeg could not be downloaded: the identity tests of Enhanced RTMP are skipped"
    may_skip='^ *--- SKIP: TestEnhanced(Identity|Encoders) '
  fi
fi

# One package after the other: the tests compare times, and ffmpeg takes all processors.
RTMP_INTEROP_REQUIRED=1 go test -count=1 -p 1 -v -timeout 15m ./internal/interop/... ./publish/... | tee "$log"

if grep -E '^ *--- SKIP' "$log" | grep -vE "$may_skip"; then
  echo "interop tests were skipped" >&2
  exit 1
fi
for package in internal/interop publish publish/record; do
  if ! grep -qE "^ok\s+github.com/gortmp/rtmp/$package\s+[0-9.]+s\$" "$log"; then
    echo "no test of $package ran" >&2
    exit 1
  fi
done
