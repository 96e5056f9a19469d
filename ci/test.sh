#!/usr/bin/env bash
# Runs the tests of all modules: as the README says, and once more under the race detector.
# Without arguments both; "plain" or "race" for one of them.
set -euo pipefail
cd "$(dirname "$0")/.."

what=${1:-both}
case $what in
  both | plain | race) ;;
  *)
    echo "usage: ci/test.sh [plain|race]" >&2
    exit 2
    ;;
esac

if [[ $what != race ]]; then
  go test work
fi
if [[ $what != plain ]]; then
  go test -race work
fi
