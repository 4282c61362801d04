#!/usr/bin/env bash
# Runs the README's tour against a fresh showcase, as a reader who pastes it would.
#
#   scripts/tour.sh [FILE]        README.md unless told
#
# The tour is every ```sh block between `<!-- tour -->` and `<!-- /tour -->`. All blocks share one shell, so that a variable
# set in one can be used in the next. Each command must succeed, and each curl must get a status below 400, or exactly
# the one that a comment on a line of its own after it tells:
#
#   curl localhost:8080/api/users/999
#   # -> 404
#
# `localhost:8080` and `127.0.0.1:8080` become the port where the showcase listens.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/showcase.sh

file=${1:-README.md}
mkdir -p target/tour
blocks=target/tour/blocks.sh
python3 - "$file" >"$blocks" <<'PYTHON'
import re
import sys

lines, touring, block, commands = open(sys.argv[1], encoding="utf-8").read().splitlines(), False, False, 0
for number, line in enumerate(lines, 1):
    bare = line.strip()
    if bare in ("<!-- tour -->", "<!-- /tour -->"):
        opening = bare == "<!-- tour -->"
        if opening == touring or block:
            sys.exit(f"{sys.argv[1]}:{number}: `{bare}` out of place")
        touring = opening
    elif touring and not block and bare == "```sh":
        block = True
    elif block and bare == "```":
        block = False
    elif block:
        status = re.fullmatch(r"# -> (\d{3})", bare)
        print(f"expect {status[1]}" if status else line)
        commands += "curl" in line
if touring or block:
    sys.exit(f"{sys.argv[1]}: the tour is not closed")
if not commands:
    sys.exit(f"{sys.argv[1]}: no curl between `<!-- tour -->` and `<!-- /tour -->`")
PYTHON

start_showcase
sed -i -E "s/(localhost|127\.0\.0\.1):8080/127.0.0.1:$showcase_port/g" "$blocks"

export TOUR_STATUSES=$PWD/target/tour/statuses
: >"$TOUR_STATUSES"
cat >target/tour/run.sh <<'TOUR'
set -euo pipefail
checked=0

# The reader's curl, and its status noted. It works in a pipe and in $(..) too, since the note is in a file.
curl() {
    local errors status=0
    errors=$(mktemp)
    command curl --silent --show-error --max-time 30 "$@" --write-out '%{stderr}%{http_code}' 2>"$errors" || status=$?
    # The status is the last three characters; what stands before it is for the reader.
    tail -c 3 "$errors" >>"$TOUR_STATUSES"; echo >>"$TOUR_STATUSES"
    head -c -3 "$errors" >&2
    rm -f "$errors"
    return "$status"
}

# Every curl since the last call must have succeeded, but the last one may have been told a status.
expect() {
    local wanted=${1:-} count=0 got
    while read -r got; do
        count=$((count + 1))
        [ "$count" -gt "$checked" ] || continue
        if [ -n "$wanted" ] && [ "$count" -eq "$(wc -l <"$TOUR_STATUSES")" ]; then
            [ "$got" = "$wanted" ] || { echo "expected $wanted, got $got" >&2; exit 1; }
        elif [ "$got" -ge 400 ]; then
            echo "expected a status below 400, got $got; write '# -> $got' after the command if it should" >&2
            exit 1
        fi
    done <"$TOUR_STATUSES"
    [ -z "$wanted" ] || [ "$count" -gt "$checked" ] || { echo "'# -> $wanted' follows no curl" >&2; exit 1; }
    checked=$count
}

set -v
. target/tour/blocks.sh
set +v
expect
echo
echo "the tour's $checked requests were answered as told"
TOUR
timeout --kill-after=10 300 bash target/tour/run.sh
