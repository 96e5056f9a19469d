#!/usr/bin/env bash
# Checks the form of all modules of the workspace: gofmt, go mod tidy, go vet (also for 32 bits), staticcheck (settings in
# staticcheck.conf). Changes nothing. Reports everything before it fails.
set -euo pipefail
cd "$(dirname "$0")/.."

staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2

failed=0

echo "gofmt"
unformatted=$(gofmt -l .)
if [[ -n $unformatted ]]; then
  echo "not gofmt-ed:"
  echo "$unformatted"
  failed=1
fi

# One by one and without the workspace: each module must stand on what its own go.mod says.
export GOWORK=off
for dir in $(GOWORK='' go list -m -f '{{.Dir}}'); do
  echo "module $(cd "$dir" && go list -m)"
  go -C "$dir" mod tidy -diff || failed=1
  go -C "$dir" vet ./... || failed=1
  if [[ $dir != */bench ]]; then # some of the peers do not compile where int has 32 bits
    GOARCH=386 go -C "$dir" vet ./... || failed=1
  fi
  (cd "$dir" && go run "$staticcheck" ./...) || failed=1
done

exit "$failed"
