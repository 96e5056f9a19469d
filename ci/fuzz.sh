#!/usr/bin/env bash
# Runs every fuzz target of all modules, one after the other.
#
#   ci/fuzz.sh [SECONDS [PATTERN]]
#
# SECONDS is the time for each target, 5 if not given; PATTERN is a regular expression that chooses among the
# targets by name. What is found goes to testdata/fuzz of its package and fails every later test run: fix it, and
# commit the file with the fix.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-5}
pattern=${2:-^Fuzz}
if [[ ! $seconds =~ ^[1-9][0-9]*$ ]]; then
  echo "usage: ci/fuzz.sh [SECONDS [PATTERN]]" >&2
  exit 2
fi

# go test -list prints the names of a package's targets, then a line about the package.
list=$(go test -list "$pattern" work)
targets=$(awk '/^Fuzz/ { names[n++] = $1 } $1 == "ok" { for (i = 0; i < n; i++) print $2, names[i]; n = 0 }' <<<"$list")
if [[ -z $targets ]]; then
  echo "no fuzz target matches $pattern" >&2
  exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=0
while read -r package name; do
  echo "$package $name"
  # Making inputs small that are only interesting takes a minute each by default, and all of a short run.
  if go test -run '^$' -fuzz "^$name\$" -fuzztime "${seconds}s" -fuzzminimizetime 20x "$package" >"$log" 2>&1; then
    tail -n 3 "$log" | sed -n 's/^fuzz: //p'
  # A worker that is in the middle of an input when the time is over is sometimes reported as a failure with this
  # text alone. A finding is always written to a file.
  elif grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input written' "$log"; then
    echo "time over"
  else
    cat "$log"
    failed=1
  fi
done <<<"$targets"

echo "$(wc -l <<<"$targets") fuzz targets, $seconds s each"
exit "$failed"
