#!/usr/bin/env bash
# Runs the fuzz targets, each for a bounded time; the first input that breaks one ends the run with a failure.
#
#   scripts/fuzz.sh [SECONDS_PER_TARGET [TARGET...]]        60 seconds and all targets unless told
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PWD/target/tools/bin:$PATH"

seconds=${1:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { sed -n '2,4s/^# \{0,1\}//p' scripts/fuzz.sh >&2; exit 2; }
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(accept form_query multipart explain live_json live_protobuf live_delta)

command -v c++ >/dev/null || { echo "libFuzzer is C++: apt-get install g++" >&2; exit 1; }
command -v cargo-fuzz >/dev/null || cargo install --quiet --locked --debug --root target/tools --version 0.13.2 cargo-fuzz

# The address sanitizer is not here for memory, but because with it libFuzzer sees what strings are compared with.
# Its flag is unstable; this lets the stable toolchain take it.
export RUSTC_BOOTSTRAP=1
for target in "${targets[@]}"; do
    echo "== $target, $seconds s"
    mkdir -p "fuzz/corpus/$target"
    cargo fuzz build --sanitizer address --codegen-units 16 "$target"
    timeout --kill-after=10 $((seconds + 60)) cargo fuzz run --sanitizer address --codegen-units 16 "$target" \
        "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
        -dict="fuzz/dictionaries/$target.dict" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=2048 -print_final_stats=1
done
