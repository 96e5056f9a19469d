#!/usr/bin/env bash
# Runs the tests of limits and of hostile peers with the heavier counts: 2,000 connections at once, 2,000 resets in each
# phase, every order of three commands, and so on. It takes some minutes, wants an idle machine, because it checks that
# nobody else is late by more than 150 ms, and needs 10,000 descriptors.
#
#   ci/hostile.sh [PATTERN]
#
# PATTERN is a regular expression that chooses among the tests by name. The short form of the same tests is part of
# "go test work".
set -euo pipefail
cd "$(dirname "$0")/.."

need=10000
if [[ $(ulimit -n) != unlimited && $(ulimit -n) -lt $need ]]; then
  ulimit -n "$need"
fi

RTMP_HOSTILE=long go test -count=1 -timeout 30m -v -run "${1:-^Test(Hostile|Limit)}" . |
  grep -E '^(---|ok|FAIL|PASS|panic)|^ +[a-z_]+_test.go:'
