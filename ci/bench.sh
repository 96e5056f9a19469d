#!/usr/bin/env bash
# Runs every benchmark of all modules.
#
#   ci/bench.sh [BENCHTIME [PATTERN]]
#
# BENCHTIME is as for go test -benchtime; 1x if not given, which only shows that they run.
set -euo pipefail
cd "$(dirname "$0")/.."

go test -run '^$' -bench "${2:-.}" -benchtime "${1:-1x}" -benchmem work
