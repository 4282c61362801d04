# shellcheck shell=bash
# Sourced, not run: starts the showcase on a free port of the loopback address, and ends it with the script.
#
# SHOWCASE names another program to start in its place, which takes the same arguments.

build_showcase() {
    [ -n "${SHOWCASE:-}" ] && return
    cargo build --locked --quiet --all-features --example showcase
    SHOWCASE=target/debug/examples/showcase
}

# Sets `showcase_port`. The log is target/showcase.log.
start_showcase() {
    build_showcase
    mkdir -p target
    showcase_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$SHOWCASE" --port "$showcase_port" --database :memory: >target/showcase.log 2>&1 &
    showcase_pid=$!
    trap stop_showcase EXIT
    # Any answer will do, a refusal too. At most 30 seconds.
    for _ in $(seq 150); do
        curl --silent --output /dev/null --max-time 2 "http://127.0.0.1:$showcase_port/" && return
        kill -0 "$showcase_pid" 2>/dev/null || break
        sleep 0.2
    done
    echo "the showcase did not answer on port $showcase_port; the end of its log:" >&2
    tail -n 40 target/showcase.log >&2
    return 1
}

stop_showcase() {
    local status=$?
    if kill -0 "$showcase_pid" 2>/dev/null; then
        kill "$showcase_pid"
        # It has ten seconds to finish what it is doing.
        for _ in $(seq 50); do
            kill -0 "$showcase_pid" 2>/dev/null || break
            sleep 0.2
        done
        kill -KILL "$showcase_pid" 2>/dev/null || true
    elif [ $status -eq 0 ]; then
        echo "the showcase ended by itself; the end of its log:" >&2
        tail -n 40 target/showcase.log >&2
        status=1
    fi
    exit $status
}
