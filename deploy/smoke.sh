#!/usr/bin/env bash
# Run the demo's tender on PostgreSQL, Redis and an S3 API, with web, worker and beat as processes of their own.
# Everything listens on loopback, lasts at most SMOKE_LIMIT seconds and is ended by its own id. Needs `make check`
# to have been run once (the servers come out of the wheels of requirements/test.txt).
set -euo pipefail
cd "$(dirname "$0")/.."

bin=${SMOKE_BIN:-.venv/bin}
limit=${SMOKE_LIMIT:-480}
folder=$(mktemp -d)
started=()

stop_all() {
  local at
  for ((at = ${#started[@]} - 1; at >= 0; at--)); do
    kill -TERM "${started[at]}" 2>/dev/null || true
    for _ in $(seq 100); do
      kill -0 "${started[at]}" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "${started[at]}" 2>/dev/null || true
  done
  wait 2>/dev/null || true
}

finish() {
  local code=$?
  trap - EXIT
  stop_all
  if ((code != 0)); then
    echo "smoke failed ($code); the last lines of each process:" >&2
    tail -n 25 "$folder"/*.log >&2 || true
  fi
  rm -rf "$folder"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

start() {
  local name=$1
  shift
  "$@" >"$folder/$name.log" 2>&1 &
  started+=($!)
}

start servers "$bin/python" tests/servers.py "$folder/servers.env"
for _ in $(seq 600); do
  [[ -f $folder/servers.env ]] && break
  kill -0 "${started[0]}" || exit 1
  sleep 0.1
done
# shellcheck source=/dev/null
source "$folder/servers.env"

port=$("$bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export TRADING_DATA="$folder/data" TRADING_PORT="$port" TRADING_DEMO=1 TRADING_LOG_INTERVAL=3
TRADING_CENTRE=$("$bin/python" -c 'from trading.demo.city import CENTRE, ORGANISATIONS; print(ORGANISATIONS[CENTRE])')
export TRADING_CENTRE

"$bin/trading" migrate
start web "$bin/trading" serve --only web
start worker "$bin/trading" worker
start beat "$bin/trading" beat
timeout --kill-after=10 "$limit" "$bin/trading" demo --once --attach "http://127.0.0.1:$port"

"$bin/python" - "$TRADING_DATA/demo/summary.json" <<'EOF'
import json, sys

checks = json.load(open(sys.argv[1]))["checks"]
failed = [check for check in checks if not check["ok"]]
for check in failed:
    print(f"failed: {check['id']}: {check['detail']}")
print(f"smoke: {len(checks) - len(failed)} of {len(checks)} checks hold on PostgreSQL, Redis and S3")
sys.exit(bool(failed) or not checks)
EOF
for process in "${started[@]}"; do
  kill -0 "$process" || { echo "a process ended on its own" >&2; exit 1; }
done
if [[ -e $TRADING_DATA/store || -e $TRADING_DATA/trading.sqlite3 ]]; then
  echo "something was written beside PostgreSQL and S3" >&2
  exit 1
fi
