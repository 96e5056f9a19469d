#!/usr/bin/env bash
# Runs the tests against other people's programs; ci/install.sh installs them. Here, unlike in "go test work", a
# program that is missing is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT

RTMP_INTEROP_REQUIRED=1 go test -count=1 -v -timeout 20m ./internal/interop/... | tee "$log"

if grep -E '^ *--- SKIP' "$log"; then
  echo "interop tests were skipped" >&2
  exit 1
fi
if ! grep -qE '^ *--- PASS' "$log"; then
  echo "no interop test ran" >&2
  exit 1
fi
