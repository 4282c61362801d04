# Sourced by run.sh: the set `downloads`. Each server runs on the first core, the load on the second.

declare -A pids addresses

downloads_needs() {
    local missing=()
    command -v taskset >/dev/null || missing+=(util-linux)
    command -v valgrind >/dev/null || missing+=(valgrind)
    command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing+=(nginx)
    [ ${#missing[@]} = 0 ] || { echo "missing: apt-get install ${missing[*]}" >&2; exit 1; }
    [ "$(nproc)" -ge 2 ] || { echo "two cores are needed: one for the server, one for the load" >&2; exit 1; }
    [ -x .venv/bin/gunicorn ] && .venv/bin/python -c 'import django_downloadview' 2>/dev/null || {
        echo "django-downloadview is missing: python3 -m venv bench/.venv &&" \
            "bench/.venv/bin/pip install -r bench/downloads/django/requirements.txt" >&2
        exit 1
    }
    # A thousand clients, and a file for each.
    ulimit -n 8192
}

# Instructions a request without the kernel, which repeat on a busy machine, too; against those of an empty answer.
instructions() {
    local kind file
    for kind in empty empty-router headers offloaded-kept offloaded-router-kept offloaded offloaded-router offloaded-router-own offloaded-wrapped ours-kept ours-router-kept ours ours-router; do
        file=1M.pdf
        [[ $kind != ours* ]] || file=1K.pdf
        timeout 300 valgrind --tool=callgrind --quiet --callgrind-out-file="$work/callgrind.$kind" \
            --toggle-collect=download_instructions::counted \
            target/release/download-instructions "$kind" "$work/site" "$file" 1000 >/dev/null 2>"$work/callgrind.errors" ||
            { cat "$work/callgrind.errors" >&2; exit 1; }
        awk -v kind="$kind" '/^totals:/ { print kind, $2 / 1000 }' "$work/callgrind.$kind"
    done >"$work/instructions"
    printf '\n%-18s %10s %10s\n' INSTRUCTIONS 'a request' 'x empty'
    awk '$1 == "empty" { empty = $2 } { printf "%-18s %10.0f %10.2f\n", $1, $2, $2 / empty }' "$work/instructions"
}

# Waits for a line that matches, and gives what it captured: FILE PATTERN PID.
heard() {
    local file=$1 pattern=$2 pid=$3 found try
    for ((try = 0; try < 200; try++)); do
        found=$(sed -nE "s/$pattern/\\1/p" "$file" 2>/dev/null | head -1) || true
        [ -z "$found" ] || { echo "$found"; return 0; }
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    cat "$file" >&2
    return 1
}

# A loopback port that was free just now.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# One of our programs: NAME KIND [OPTION..].
start_program() {
    local name=$1 kind=$2
    shift 2
    taskset -c 0 target/release/download-server "$kind" "$work/site" "$@" >"$work/$name.log" 2>&1 &
    pids[$name]=$!
    addresses[$name]=$(heard "$work/$name.log" '^(127\.0\.0\.1:[0-9]+)$' "${pids[$name]}")
}

# nginx as one process: NAME FILE-WITH-LOCATIONS [HTTP-DIRECTIVES].
start_nginx() {
    local name=$1 locations=$2 more=${3:-} port
    port=$(free_port)
    mkdir -p "$work/$name"
    cat >"$work/$name/nginx.conf" <<CONF
daemon off; master_process off; pid $work/$name/pid; error_log stderr notice; worker_rlimit_nofile 8192;
events { worker_connections 4096; }
http {
    access_log off; default_type application/octet-stream; keepalive_requests 100000000;
    client_body_temp_path $work/$name/1; proxy_temp_path $work/$name/2; fastcgi_temp_path $work/$name/3;
    uwsgi_temp_path $work/$name/4; scgi_temp_path $work/$name/5;
    $more
    server {
        listen 127.0.0.1:$port;
$(cat "$locations")
    }
}
CONF
    taskset -c 0 "$(command -v nginx || echo /usr/sbin/nginx)" -p "$work/$name" -e stderr \
        -c "$work/$name/nginx.conf" 2>"$work/$name.log" &
    pids[$name]=$!
    heard "$work/$name.log" '(using the "epoll" event method)' "${pids[$name]}" >/dev/null
    addresses[$name]=127.0.0.1:$port
}

start_django() {
    local port
    port=$(free_port)
    FILES="$work/site/files" taskset -c 0 .venv/bin/gunicorn --chdir downloads/django --workers 1 --log-level info \
        --bind "127.0.0.1:$port" downloads_site:application 2>"$work/django.log" &
    parents+=($!)
    # The worker does the work; its parent only waits.
    pids[django]=$(heard "$work/django.log" '.*Booting worker with pid: ([0-9]+).*' $!)
    addresses[django]=127.0.0.1:$port
}

parents=()
stop_servers() {
    local pid
    for pid in "${parents[@]}" "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
}

load() {
    timeout 180 taskset -c 1 target/release/download-load "$@"
}

# Of each server's rounds, `SERVER REQUESTS/S CPU-A-REQUEST ..`, the one that cost the least: others on the machine only ever
# add to it. Wrong answers, the field WRONG, count in all of them.
best() {
    awk -v field="$1" '
        !($1 in least) { order[++servers] = $1 }
        !($1 in least) || $3 < least[$1] { least[$1] = $3; line[$1] = $0 }
        { wrong[$1] += $field }
        END { for (s = 1; s <= servers; s++) { $0 = line[order[s]]; $field = wrong[$1]; print } }'
}

# Requests on every server in turn, ROUNDS times: TITLE FILE LENGTH CONNECTIONS SERVERS..; the best go to $work/TITLE.
matrix() {
    local title=$1 file=$2 length=$3 connections=$4 round server holds
    shift 4
    for ((round = 0; round < rounds; round++)); do
        for server; do
            # An empty answer is right only when it hands the file over.
            holds=()
            [[ $server != offloaded* && $server != headers ]] || holds=("x-accel-redirect: /protected")
            echo "$server $(load hot "${addresses[$server]}" "$file" "$length" "$connections" "$seconds" \
                "${pids[$server]}" "${holds[@]}")"
        done
    done | tee "$work/$title.rounds" | best 8 >"$work/$title"
    printf '\n%-18s %9s %10s %9s %8s %8s %8s %6s %8s\n' "$title" req/s 'CPU µs/rq' 'CPU s/GB' GB/s 'p50 µs' 'p99 µs' wrong 'RSS MB'
    awk '{ printf "%-18s %9.0f %10.2f %9s %8s %8d %8d %6d %8.1f\n", $1, $2, $3, $4, $5, $6, $7, $8, $9 / 1024 }' "$work/$title"
}

downloads() {
    downloads_needs
    trap 'stop_servers; rm -rf "$work"' EXIT
    local rounds=4 seconds=1.5 clients=1000 slow_seconds=10
    [ "$quick" = no ] || { rounds=2; seconds=0.6; clients=200; slow_seconds=4; }
    cargo build --quiet --release -p bench-downloads

    mkdir -p "$work/site/files"
    local size
    for size in 1K 4K 16K 64K 256K 1M 100M; do
        head -c "$(numfmt --from=iec "$size")" /dev/urandom >"$work/site/files/$size.pdf"
    done
    # As many as `load::MANY`.
    head -c 2048000 /dev/urandom | split --bytes=1024 --numeric-suffixes=0 --suffix-length=4 - "$work/site/files/many-"
    local number=0 part
    for part in "$work/site/files/many-"*; do
        mv "$part" "$work/site/files/many-$number.pdf"
        number=$((number + 1))
    done
    sync "$work/site/files/"*

    local kind
    for kind in ours ours-kept ours-router ours-router-kept named-file bare serve-dir empty empty-router headers offloaded offloaded-kept offloaded-router \
        offloaded-router-kept offloaded-router-own offloaded-wrapped; do
        start_program "$kind" "$kind"
    done
    start_program named-file-delay named-file --os-delay
    start_program ours-delay ours --os-delay
    echo "root $work/site; sendfile on; tcp_nopush on;" >"$work/locations"
    start_nginx nginx "$work/locations"
    echo "root $work/site; sendfile off;" >"$work/locations"
    start_nginx nginx-no-sendfile "$work/locations"
    start_django

    for size in 1K 1M 100M; do
        for kind in ours ours-kept ours-router ours-router-kept named-file serve-dir nginx django; do
            load same "${addresses[$kind]}" "/files/$size.pdf" "$work/site/files/$size.pdf"
        done
    done

    local all=(ours ours-kept ours-router ours-router-kept named-file serve-dir nginx nginx-no-sendfile django)
    matrix 1K /files/1K.pdf 1024 64 "${all[@]}" bare
    matrix 64K /files/64K.pdf 65536 32 "${all[@]}" bare
    matrix 1M /files/1M.pdf 1048576 16 "${all[@]}" bare
    matrix 100M /files/100M.pdf 104857600 4 "${all[@]}"
    matrix 1K-of-2000 "/files/many-#.pdf" 1024 64 ours ours-kept named-file nginx bare
    matrix 1K-1-client /files/1K.pdf 1024 1 ours named-file nginx
    matrix 1K-default /files/1K.pdf 1024 64 ours-delay named-file-delay
    matrix empty /files/1M.pdf 0 64 empty empty-router headers offloaded offloaded-kept offloaded-router offloaded-router-kept offloaded-router-own offloaded-wrapped

    instructions

    # The answer through nginx: the file handed over, and the body passed on. Both processes count.
    target/release/download-server fragment "$work/site" "${addresses[ours]}" |
        sed "s|http://${addresses[ours]}|http://application|" >"$work/locations"
    start_nginx front "$work/locations" "upstream application { server ${addresses[ours]}; keepalive 64; }
        sendfile on; tcp_nopush on;"
    pids[front-handed]=${pids[front]},${pids[ours]}
    printf '\n%-18s %12s %12s %8s %6s\n' 'through nginx' 'handed µs' 'body µs' ratio wrong
    for size in 1K 4K 16K 64K 256K 1M; do
        local length place round
        length=$(numfmt --from=iec "$size")
        for ((round = 0; round < rounds; round++)); do
            for place in offload files; do
                echo "$place $(load hot "${addresses[front]}" "/$place/$size.pdf" "$length" 32 "$seconds" "${pids[front]},${pids[ours]}")"
            done
        done | best 8 | awk -v size="$size" '
            { cost[$1] = $3; wrong += $8 }
            END { printf "%-18s %12.2f %12.2f %8.2f %6d\n", size, cost["offload"], cost["files"], cost["files"] / cost["offload"], wrong }'
    done | tee "$work/through"
    unset 'pids[front-handed]'

    printf '\n%-18s %10s %10s %10s %6s %10s\n' 'hot 1K' 'p50 µs' 'p99 µs' 'max µs' wrong 'cold MB'
    for kind in ours named-file nginx; do
        echo "$kind $(load hot "${addresses[$kind]}" /files/1K.pdf 1024 16 "$seconds" "${pids[$kind]}")" |
            awk '{ printf "%-18s %10d %10d %10s %6d %10s\n", $1 "-alone", $6, $7, "-", $8, "-" }'
        echo "$kind $(load cold "${addresses[$kind]}" /files/1K.pdf 1024 16 "$seconds" "${pids[$kind]}" /files/100M.pdf "$work/site/files/100M.pdf")" |
            awk '{ printf "%-18s %10d %10d %10d %6d %10d\n", $1 "-beside", $2, $3, $4, $5, $6 }'
    done | tee "$work/cold"

    printf '\n%-18s %12s %12s %14s %6s\n' "$clients slow" 'RSS MB idle' 'RSS MB' 'KiB a client' wrong
    for kind in ours named-file nginx; do
        echo "$kind $(load slow "${addresses[$kind]}" /files/100M.pdf 104857600 "$clients" "$slow_seconds" "${pids[$kind]}")" |
            awk -v n="$clients" '{ printf "%-18s %12.1f %12.1f %14.1f %6d\n", $1, $2 / 1024, $3 / 1024, ($3 - $2) / n, $4 }'
    done | tee "$work/slow"

    echo
    {
        # A CPU second's requests are the inverse of a request's CPU time.
        ratio 1K named-file ours 2.0 'least' '1K: x NamedFile, requests a CPU second'
        ratio 1K-default named-file-delay ours-delay 2.0 'least' '1K: the same, of servers as they are by default'
        ratio 1K named-file ours-kept 2.0 'least' '1K: the same, files kept open for a second'
        ratio 1K-of-2000 named-file ours 1.6 'least' '1K, never the same file twice in a row: x NamedFile'
        ratio 1M named-file ours 1.5 'least' '1M: x NamedFile, requests a CPU second'
        ratio 1K nginx ours 0.85 'least' '1K: x nginx, requests a CPU second'
        ratio empty offloaded-router empty 1.10 'most' 'handed over, in a router: x the CPU of an empty answer'
        ratio empty offloaded empty 1.10 'most' 'the same, in a plain route'
        # Budgets, not targets: a lock that all workers share, one question to the kernel at each answer.
        ratio empty offloaded-router-kept empty 1.15 'most' 'in a router, files kept open'
        ratio empty offloaded-kept empty 1.15 'most' 'in a plain route, files kept open'
        ratio empty offloaded-router-own empty 1.30 'most' 'in a router, our validators told'
        awk '{ wrong += $8 } END { print "wrong", wrong + 0, "most", 0, "answers were wrong" }' \
            "$work"/{1K,1K-of-2000,64K,1M,100M,1K-1-client,1K-default,empty}
        awk '{ wrong += $5 } END { print "wrong-beside", wrong + 0, "most", 0, "answers were wrong" }' "$work"/{through,cold,slow}
    } | bounds
}

# `NAME VALUE least|most LIMIT WHAT`: TABLE ABOVE BELOW LIMIT BOUND WHAT; the value is ABOVE's CPU time over BELOW's.
ratio() {
    awk -v above="$2" -v below="$3" -v limit="$4" -v bound="$5" -v what="$6" '
        { cost[$1] = $3 } END { print below "/" above, cost[above] / cost[below], bound, limit, what }' "$work/$1"
}

bounds() {
    awk '{ over = $3 == "most" ? $2 > $4 : $2 < $4; failed += over
           text = $5; for (i = 6; i <= NF; i++) text = text " " $i
           printf "%-4s %-22s %8.3f at %-5s %.2f %s\n", over ? "OVER" : "ok", $1, $2, $3, $4, text }
         END { exit failed > 0 }'
}
