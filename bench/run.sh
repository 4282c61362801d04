#!/usr/bin/env bash
# Measures this crate against the same work done without it, and holds the result to the budgets.
#
#   bench/run.sh SET [--quick] [--peer-only]      (--peer-only: contract alone)
#
# Sets: contract, downloads, channels. Every load is bounded in count, and every measured process in time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
    sed -n '2,7s/^# \{0,1\}//p' run.sh >&2
    exit 2
}

[ $# -ge 1 ] || usage
set_name=$1
shift
quick=no peer_only=no
for option; do
    case $option in
        --quick) quick=yes ;;
        --peer-only) peer_only=yes ;; # Leaves this crate's side out of the build too.
        *) usage ;;
    esac
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A verdict: NAME VALUE LIMIT WHAT. The set fails when one is over.
verdicts() {
    awk '{ over = $2 > $3; failed += over
           text = $4; for (i = 5; i <= NF; i++) text = text " " $i
           printf "%-4s %-18s %8.3f of at most %.2f %s\n", over ? "OVER" : "ok", $1, $2, $3, text }
         END { exit failed > 0 }'
}

# Joins `NAME OURS` and `NAME PEER` to `NAME OURS PEER RATIO`; without our side, a dash stands in its place.
joined() {
    local ours=$1 peer=$2
    awk -v ours="$ours" '
        BEGIN { while ((getline row < ours) > 0) { split(row, part, " "); value[part[1]] = part[2] } }
        $1 in value { printf "%-18s %12.1f %12.1f %8.3f\n", $1, value[$1], $2, value[$1] / $2; next }
        { printf "%-18s %12s %12.1f %8s\n", $1, "-", $2, "-" }' "$peer"
}

contract() {
    command -v valgrind >/dev/null || { echo "valgrind is missing: apt-get install valgrind" >&2; exit 1; }
    local requests=1000 sides=(plain ours) features=(--features ours) side application
    [ "$quick" = no ] || requests=200
    [ "$peer_only" = no ] || { sides=(plain); features=(); }

    cargo build --quiet --release -p bench-contract "${features[@]}"
    : >"$work/ours.instructions"; : >"$work/ours.allocations"
    for side in "${sides[@]}"; do
        for application in endpoints table-5 table-100 table-1000; do
            local out="$work/$side.$application" count=$requests part=0 name n
            # Linear routing over a thousand routes costs millions of instructions a request, the same each time.
            [ "$application" != table-1000 ] || count=$((requests / 10))
            timeout 300 valgrind --tool=callgrind --quiet --callgrind-out-file="$out" \
                --toggle-collect=instructions::counted --dump-after=instructions::counted \
                target/release/instructions "$side" "$application" "$count" >"$out.cases" 2>"$out.errors" ||
                { cat "$out.errors" >&2; exit 1; }
            # Callgrind numbers one part a case, in the order in which the program names the cases.
            while read -r name n; do
                part=$((part + 1))
                awk -v name="$name" -v n="$n" '/^totals:/ { printf "%s %.1f\n", name, $2 / n }' "$out.$part"
            done <"$out.cases" >>"$work/$side.instructions"
            timeout 60 target/release/allocations "$side" "$application" "$count" |
                awk '{ print $1, $2 + $3 }' >>"$work/$side.allocations"
        done
    done

    printf '%-18s %12s %12s %8s\n' 'INSTRUCTIONS' ours plain ratio
    joined "$work/ours.instructions" "$work/plain.instructions"
    printf '\n%-18s %12s %12s %8s\n' 'ALLOCATIONS' ours plain ratio
    joined "$work/ours.allocations" "$work/plain.allocations"
    [ "$peer_only" = no ] || return 0

    echo
    {
        awk 'NR == FNR { peer[$1] = $2; next }
             $1 == "post" { print $1, $2 / peer[$1], 1.05, "x the instructions of plain Actix" }
             { own[$1] = $2 }
             END { print "table-1000-last", own["table-1000-last"] / own["table-5-last"], 1.2, "x the instructions of our table of 5" }' \
            "$work/plain.instructions" "$work/ours.instructions"
        # What succeeds; a refusal says more than the hand-written one, and costs what it says.
        awk 'NR == FNR { peer[$1] = $2; next }
             $1 ~ /^(post|get-path|table-.*-(first|last))$/ { print $1, $2 - peer[$1], 2, "allocations more than plain Actix" }' \
            "$work/plain.allocations" "$work/ours.allocations"
    } | verdicts
}

source downloads/set.sh
source channels/set.sh

case $set_name in
    contract) contract ;;
    downloads) downloads ;;
    channels) channels ;;
    *) usage ;;
esac
