# Sourced by run.sh: the set `channels`. Each server runs on the first core, the load on the second.
# It uses `heard`, `free_port`, `stop_servers` and `bounds` of the set `downloads`.

channels_needs() {
    command -v taskset >/dev/null || { echo "missing: apt-get install util-linux" >&2; exit 1; }
    command -v node >/dev/null || { echo "missing: Node.js 20 or newer, with npm" >&2; exit 1; }
    [ "$(nproc)" -ge 2 ] || { echo "two cores are needed: one for the server, one for the load" >&2; exit 1; }
    (cd channels/node && npm ls --silent >/dev/null 2>&1 && node_modules/.bin/bun --version >/dev/null 2>&1) || {
        echo "the peers in npm are missing: npm --prefix bench/channels/node ci" >&2
        exit 1
    }
    [ -x .venv/bin/uvicorn ] && .venv/bin/python -c 'import channels' 2>/dev/null || {
        echo "Django Channels is missing: python3 -m venv bench/.venv &&" \
            "bench/.venv/bin/pip install -r bench/channels/django/requirements.txt" >&2
        exit 1
    }
    # Five thousand sockets, and a stuck one.
    ulimit -n 16384
}

# Starts a server anew: its address and process in $address and $pid, what it speaks in $dialect.
start_channels() {
    local kind=$1 command port ready='^(127\.0\.0\.1:[0-9]+)$'
    dialect=plain
    case $kind in
        ours) dialect=centrifugo ;;
        socketioxide | socket.io) dialect=socket.io ;;
    esac
    case $kind in
        ours | socket | socketioxide) command=(target/release/channels-server "$kind") ;;
        ws | socket.io) command=(node "channels/node/${kind/./}.mjs") ;;
        bun) command=(channels/node/node_modules/.bin/bun channels/node/bun.mjs) ;;
        django)
            port=$(free_port)
            ready='.*running on http:..(127\.0\.0\.1:[0-9]+).*'
            command=(.venv/bin/uvicorn --app-dir channels/django --host 127.0.0.1 --port "$port" --loop uvloop
                --backlog 4096 --ws-per-message-deflate false --log-level info --no-access-log channels_site:application)
            ;;
    esac
    : >"$work/$kind.log"
    taskset -c 0 "${command[@]}" >"$work/$kind.log" 2>&1 &
    pid=$!
    pids[$kind]=$pid
    address=$(heard "$work/$kind.log" "$ready" "$pid")
}

stop_channels() {
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    unset "pids[$1]"
}

# One load on a server of its own: NAME LOAD ARGUMENT..
channels_load() {
    local kind=$1 what=$2
    shift 2
    start_channels "$kind"
    timeout 300 taskset -c 1 target/release/channels-load "$what" "$address" "$dialect" "$pid" "$@" ||
        { echo "$what of $kind failed" >&2; tail -3 "$work/$kind.log" >&2; }
    stop_channels "$kind"
}

# Servers in turns, ROUNDS times, their lines in $work/TITLE: TITLE ROUNDS "SERVERS" LOAD ARGUMENT..
channels_rounds() {
    local title=$1 turns=$2 servers=$3 round server
    shift 3
    for ((round = 0; round < turns; round++)); do
        for server in $servers; do
            channels_load "$server" "$@" | sed "s/^/$server /"
        done
    done >"$work/$title"
}

# The median of a column for each server, and its lowest and highest: FILE COLUMN [COLUMN-OF-A-KEY KEY].
medians() {
    awk -v column="$2" -v by="${3:-0}" -v key="${4:-}" '!by || $by == key { print $1, $column }' "$1" | sort -k1,1 -k2,2g |
        awk 'function told() { if (n) print name, value[int((n + 1) / 2)], value[1], value[n] }
             $1 != name { told(); name = $1; n = 0 }
             { value[++n] = $2 }
             END { told() }'
}

# NAME of SERVER out of `SERVER VALUE ..`.
of_server() {
    awk -v server="$1" '$1 == server { print $2; found = 1 } END { if (!found) print "none" }'
}

channels() {
    channels_needs
    trap 'stop_servers; rm -rf "$work"' EXIT
    local rounds=5 seconds=1 address pid dialect window server
    [ "$quick" = no ] || { rounds=2; seconds=0.4; }
    cargo build --quiet --release -p bench-channels
    local all="ours socket socketioxide ws socket.io bun django"

    channels_rounds fanout "$rounds" "$all" fanout 1000 "$seconds" 1 4 16
    for window in 1 4 16; do
        printf '\n%-22s %10s %18s %12s %9s %9s\n' "1000, $window in flight" 'CPU µs' 'lowest, highest' deliveries/s 'p50 µs' 'p99 µs'
        medians "$work/fanout" 4 2 "$window" >"$work/fanout-$window"
        while read -r server cost low high; do
            printf '%-22s %10.3f %9.3f %8.3f %12.0f %9d %9d\n' "$server" "$cost" "$low" "$high" \
                "$(medians "$work/fanout" 3 2 "$window" | of_server "$server")" \
                "$(medians "$work/fanout" 5 2 "$window" | of_server "$server")" \
                "$(medians "$work/fanout" 6 2 "$window" | of_server "$server")"
        done < <(sort -k2,2g "$work/fanout-$window")
    done

    channels_rounds idle $((rounds > 3 ? 3 : rounds)) "$all" idle 5000
    printf '\n%-22s %10s %18s %16s\n' '5000 idle' 'KiB each' 'lowest, highest' 'CPU µs to join'
    while read -r server cost low high; do
        printf '%-22s %10.2f %9.2f %8.2f %16.1f\n' "$server" "$cost" "$low" "$high" \
            "$(medians "$work/idle" 3 | of_server "$server")"
    done < <(medians "$work/idle" 2 | sort -k2,2g)

    # Django takes minutes for it.
    channels_rounds storm $((rounds > 3 ? 3 : rounds)) "${all/ django/}" storm 5000
    printf '\n%-22s %10s %18s %16s %10s\n' 'storm of 5000' 's' 'lowest, highest' 'CPU µs each' recovered
    while read -r server cost low high; do
        printf '%-22s %10.3f %9.3f %8.3f %16.1f %10d\n' "$server" "$cost" "$low" "$high" \
            "$(medians "$work/storm" 3 | of_server "$server")" "$(medians "$work/storm" 4 | of_server "$server")"
    done < <(medians "$work/storm" 2 | sort -k2,2g)

    channels_rounds stuck-memory 1 "${all/ django/}" stuck-memory 40000
    printf '\n%-22s %10s %12s\n' 'one stuck, memory' KiB 'MB sent'
    sort -k2,2g "$work/stuck-memory" | awk '{ printf "%-22s %10d %12.1f\n", $1, $2, $3 }'

    # Two servers at once, on the same core.
    start_channels ours
    local first=$address first_pid=$pid
    pids[ours-first]=$pid
    start_channels ours
    taskset -c 1 target/release/channels-load stuck-time "$first" "$dialect" "$first_pid" "$address" "$pid" \
        250 $((rounds * 18)) "$seconds" >"$work/stuck-time"
    stop_channels ours
    pid=$first_pid
    stop_channels ours-first
    awk '{ printf "\n%-22s %10s %10s %10s %18s\n", "one stuck, others", "without", "with", "ratio", "two without, ratio"
           split("p50 µs,p90 µs,p99 µs,CPU µs a delivery", names, ",")
           for (i = 0; i < 4; i++) printf "%-22s %10.4g %10.4g %10.3f %18.3f\n", names[i + 1],
               $(3 * i + 1), $(3 * i + 2), $(3 * i + 2) / $(3 * i + 1), $(3 * i + 3) }' "$work/stuck-time"

    echo
    {
        medians "$work/idle" 2 | awk '$1 == "ours" { print "idle", $2, "most", 13, "KiB a connection" }'
        awk '$1 == "ours" { print "fan-out-1", $2, "most", 6, "µs of CPU a delivery, 1 in flight" }' "$work/fanout-1"
        awk '$1 == "ours" { print "fan-out-16", $2, "most", 1, "µs of CPU a delivery, 16 in flight" }' "$work/fanout-16"
        for window in 1 4 16; do
            awk -v window="$window" '
                { cost[$1] = $2 }
                END {
                    for (peer in cost) {
                        if (peer == "ours" || peer == "socket") continue
                        limit = peer == "bun" ? 1.5 : 1
                        print peer "-" window, cost["ours"] / cost[peer], "most", limit, "x the CPU of " peer ", " window " in flight"
                    }
                }' "$work/fanout-$window" | sort
        done
        medians "$work/storm" 2 | awk '$1 == "ours" { print "storm", $2, "most", 5, "s until 5000 have recovered" }'
        awk '{ print "stuck-p99", $8 / $7, "most", 1.05, "x the p99 of the others; two servers without differ by " $9 }' \
            "$work/stuck-time"
        awk '$1 == "ours" { print "stuck-memory", $2 / 1024, "most", 1 + 64 / 1024, "MiB for a stuck client: its queue and 64 KiB" }' \
            "$work/stuck-memory"
        { awk '{ print $7 }' "$work/fanout" && awk '{ print $13 }' "$work/stuck-time"; } |
            awk '{ wrong += $1 } END { print "wrong", wrong + 0, "most", 0, "deliveries were wrong" }'
    } | bounds
}
