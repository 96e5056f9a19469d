#!/usr/bin/env bash
# Runs what shows only after a long time, in its long form: in fake time a stream of 50 days and a day of random sessions,
# 9 GB through one connection, and a minute of load on a relay under the race detector. It takes some ten minutes.
#
#   ci/soak.sh [PATTERN]
#
# PATTERN is a regular expression that chooses among the tests by name. The random sessions log their seed;
# RTMP_SOAK_SEED=N repeats them. The short form of the same tests is part of "go test work".
set -euo pipefail
cd "$(dirname "$0")/.."

pattern=${1:-^TestSoak}
show() { grep -E '^(---|ok|FAIL|PASS|panic)|^ +[a-z_]+_test.go:'; }

RTMP_SOAK=long go test -count=1 -timeout 60m -v -run "$pattern" . | show
RTMP_SOAK=long go test -race -count=1 -timeout 10m -v -run "$pattern" ./relay | show
