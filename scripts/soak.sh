#!/usr/bin/env bash
# Lets clients come, subscribe, publish, hang and vanish for a while, and fails when the server then holds more than before: memory,
# open files, connections, subscriptions, channels. Loopback only.
#
#   scripts/soak.sh [SECONDS]      600 unless told; rests between the six parts come on top (some 20 s each)
#
# The rule stands in bench/channels/src/bin/channels-soak.rs: at every rest no connection, subscription or channel is left; the last two
# rests hold at most 5 % or 1 MiB more memory than the second and third, and no more files; no client missed a publication or had it twice.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../bench"
seconds=${1:-600}
[[ $seconds =~ ^[0-9]+$ ]] && ((seconds >= 12 && seconds <= 86400)) || { echo "usage: scripts/soak.sh [SECONDS], 12 or more" >&2; exit 2; }

ulimit -n 8192
cargo build --quiet --release -p bench-channels
log=$(mktemp)
target/release/channels-server soak >"$log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -f "$log"' EXIT
for ((try = 0; try < 100; try++)); do
    address=$(sed -nE 's/^(127\.0\.0\.1:[0-9]+)$/\1/p' "$log")
    [ -z "$address" ] || break
    sleep 0.1
done
timeout $((seconds + 600)) target/release/channels-soak "$address" "$server" "$seconds"
