#!/usr/bin/env bash
# Measures `rtmp serve` under load, beside nginx with its rtmp module and beside the physical limit: a raw Go fan-out of
# the same bytes. It needs Linux, nginx (ci/install.sh) and the measuring program, which is not part of this project:
#
#   LOAD=path/to/load ci/load.sh [ROUNDS] [TEST…]
#
# The tests are fan100 fan500 merge100 merge350 ingest storm idle slow blast; all of them without a name. Runs are
# interleaved; the tables go to standard output. Nothing else should run meanwhile: other_cpu_s tells.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${LOAD:?the path of the measuring program}"
rounds=${1:-3}
shift || true
tests=("$@")
((${#tests[@]} > 0)) || tests=(fan100 fan500 merge100 merge350 ingest storm idle slow blast)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd cmd && go build -o "$work/rtmp" ./rtmp)
cat >"$work/nginx.conf" <<CONF
load_module modules/ngx_rtmp_module.so;
daemon off;
master_process off;
worker_processes 1;
error_log $work/nginx.log warn;
pid $work/nginx.pid;
events { worker_connections 20000; }
rtmp { server { listen 127.0.0.1:19351; chunk_size 65536; access_log off; application live { live on; wait_key on; wait_video on; } } }
CONF
raw="$LOAD -mode baseline -addr 127.0.0.1:19350"
peer="nginx -c $work/nginx.conf"
ours="$work/rtmp serve --addr 127.0.0.1:19352"

# Usage: run TEST NAME ADDRESS SERVER ARGUMENT…
run() {
  local test=$1 name=$2 addr=$3 server=$4
  shift 4
  "$LOAD" -name "$name" -addr "$addr" -exec "$server" -log "$work/server.log" -mss 1448 "$@" >>"$work/$test.jsonl"
}

# Usage: beside TEST ARGUMENT… — the three servers, one after the other.
beside() {
  local test=$1
  shift
  run "$test" baseline 127.0.0.1:19350 "$raw" -raw "$@"
  run "$test" nginx 127.0.0.1:19351 "$peer" "$@"
  run "$test" ours 127.0.0.1:19352 "$ours" "$@"
}

for _ in $(seq "$rounds"); do
  for test in "${tests[@]}"; do
    case $test in
      # Six seconds are three groups of pictures, wherever the window begins.
      fan100) beside "$test" -mode fanout -n 100 -dur 6s ;;
      fan500) beside "$test" -mode fanout -n 500 -dur 6s ;;
      merge100 | merge350)
        run "$test" baseline 127.0.0.1:19350 "$raw" -raw -mode fanout -n 100 -dur 6s
        run "$test" "ours, ${test#merge} ms" 127.0.0.1:19352 "$ours --merge ${test#merge}ms" -mode fanout -n 100 -dur 6s
        ;;
      ingest)
        run "$test" nginx 127.0.0.1:19351 "$peer" -mode ingest -m 40 -dur 6s
        run "$test" ours 127.0.0.1:19352 "$ours" -mode ingest -m 40 -dur 6s
        run "$test" "ours, no key frame kept" 127.0.0.1:19352 "$ours --gop=false" -mode ingest -m 40 -dur 6s
        ;;
      storm)
        run "$test" nginx 127.0.0.1:19351 "$peer" -mode storm -rate 200 -dur 6s
        run "$test" ours 127.0.0.1:19352 "$ours" -mode storm -rate 200 -dur 6s
        ;;
      idle)
        run "$test" nginx 127.0.0.1:19351 "$peer" -mode idle -n 10000 -rate 2000
        run "$test" ours 127.0.0.1:19352 "$ours" -mode idle -n 10000 -rate 2000
        ;;
      slow)
        run "$test" nginx 127.0.0.1:19351 "$peer" -mode slow -n 20 -stall 5 -bitrate 20000000 -dur 60s
        run "$test" ours 127.0.0.1:19352 "$ours" -mode slow -n 20 -stall 5 -bitrate 20000000 -dur 60s
        ;;
      blast)
        run "$test" baseline 127.0.0.1:19350 "$raw" -raw -mode blast -n 10 -dur 5s
        run "$test" nginx 127.0.0.1:19351 "$peer" -mode blast -n 10 -dur 5s
        run "$test" ours 127.0.0.1:19352 "$ours --patience 5s" -mode blast -n 10 -dur 5s
        ;;
      *)
        echo "no test is called $test" >&2
        exit 2
        ;;
    esac
  done
done
for test in "${tests[@]}"; do
  printf '\n# %s\n' "$test"
  "$LOAD" -mode sum "$work/$test.jsonl"
done
