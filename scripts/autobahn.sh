#!/bin/sh
# Holds examples/echo_socket against the Autobahn test suite: fails on any failed case and on any wrong close.
#
# The suite needs Python 2.7; PYTHON2 names one, else pyenv's is taken (`pyenv install 2.7.18`). It is installed into target/tools.
#   scripts/autobahn.sh            all cases: 1-7, 9, 10, and 12-13 with compression; 17 minutes in release on two busy cores
#   scripts/autobahn.sh '1.*' 7.3.1  these cases
set -eu
cd "$(dirname "$0")/.."
home="$PWD/target/tools/autobahn"
mkdir -p "$home"
# A user site of its own: pip and Python 2 agree on it without a virtual environment.
export PYTHONUSERBASE="$home"

python="${PYTHON2:-}"
if [ -z "$python" ]; then
    python="$(command -v python2.7 || true)"
    for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/2.7*/bin/python2.7; do
        [ -x "$candidate" ] && python="$candidate"
    done
fi
"$python" -c 'import sys; assert sys.version_info[:2] == (2, 7)' 2>/dev/null || {
    echo "Python 2.7 is needed: pyenv install 2.7.18, or set PYTHON2" >&2
    exit 2
}
if ! "$python" -W ignore -c 'import autobahntestsuite' >/dev/null 2>&1; then
    "$python" -W ignore -m pip install --quiet --user autobahntestsuite==25.10.1
fi

# PROFILE=release is faster in cases 9 and 12. It is built in bench/, without all that the tests of the crate need.
if [ "${PROFILE:-dev}" = release ]; then
    cargo build --release --manifest-path bench/Cargo.toml -p bench-channels --bin echo-socket --features deflate
    server="${CARGO_TARGET_DIR:-bench/target}/release/echo-socket"
else
    cargo build --example echo_socket --features live,live-deflate
    server="${CARGO_TARGET_DIR:-target}/debug/examples/echo_socket"
fi
port="${AUTOBAHN_PORT:-9001}"
ECHO_ADDRESS="127.0.0.1:$port" ECHO_CONTEXT="${ECHO_CONTEXT-1}" "$server" &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT INT TERM

wanted=1
if [ $# -eq 0 ]; then
    wanted=517
    set -- '1.*' '2.*' '3.*' '4.*' '5.*' '6.*' '7.*' '9.*' '10.*' '12.*' '13.*'
fi
cases="$(printf '"%s",' "$@")"
rm -rf "$home/reports"
cat > "$home/spec.json" <<SPEC
{"outdir": "$home/reports",
 "servers": [{"agent": "actix-charter", "url": "ws://127.0.0.1:$port/"}],
 "cases": [${cases%,}], "exclude-cases": [], "exclude-agent-cases": {}}
SPEC
"$python" -W ignore -c 'import sys; from autobahntestsuite.wstest import run; sys.exit(run())' \
    -m fuzzingclient -s "$home/spec.json" > "$home/log" 2>&1 || { tail -50 "$home/log"; exit 1; }
python3 scripts/autobahn.py "$home/reports/index.json" "$wanted"
