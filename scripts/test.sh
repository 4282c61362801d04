#!/usr/bin/env bash
# Everything CI checks. Installs what is missing, as root or through sudo; may be run again at any time.
#
# All steps run, also after one that failed, and the end tells which failed and what to do about each.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

export PATH="$PWD/target/tools/bin:$PATH"
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"
# Nothing is built twice in CI, so what incremental builds keep is only written, never read.
[ -z "${CI:-}" ] || export CARGO_INCREMENTAL=0
# A snapshot that differs is a failure, not something to write down.
export INSTA_UPDATE=no

passed=0 failures=() started=$SECONDS

# step NAME WHAT_TO_DO COMMAND...
# The command must be a program or a script: in a function called from `if`, `set -e` would not hold.
step() {
    local name=$1 advice=$2 begun=$SECONDS
    shift 2
    echo
    echo "== $(date -u +%H:%M:%S) $name"
    if "$@"; then
        passed=$((passed + 1))
        echo "-- $name: ok, $((SECONDS - begun)) s"
    else
        failures+=("$name: $advice")
        echo "-- $name: FAILED, $((SECONDS - begun)) s. $advice"
    fi
}

finish() {
    local status=$?
    echo
    echo "== $(date -u +%H:%M:%S) done after $((SECONDS - started)) s"
    if [ ${#failures[@]} -gt 0 ]; then
        echo "FAILED:"
        printf '  %s\n' "${failures[@]}"
        status=1
    elif [ $status -ne 0 ]; then
        failures+=(stopped)
        echo "FAILED: stopped before the end; the last lines above tell why"
    fi
    echo "steps: $passed passed, ${#failures[@]} failed"
    exit $status
}
trap finish EXIT

step "system packages" "install python3-venv, nodejs, npm, chromium, curl and gcc by hand" scripts/install-packages.sh
step "proxy servers" "install nginx, apache2, libapache2-mod-xsendfile, lighttpd and caddy by hand" scripts/install-proxies.sh
step "cargo tools" "install them by hand: scripts/install-tools.sh names them" scripts/install-tools.sh

step "format" "run: cargo fmt --all" cargo fmt --all --check
step "clippy" "mend what clippy says" \
    cargo clippy --locked --workspace --all-features --all-targets -- -D warnings
step "tests" "run one alone: cargo nextest run --all-features NAME" \
    cargo nextest run --locked --workspace --all-features --no-fail-fast
step "examples in the documentation" "run: cargo test --doc --all-features" \
    cargo test --locked --workspace --doc --all-features
step "documentation" "run: RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --all-features" \
    env RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --all-features
step "each feature alone" "run: cargo hack check --each-feature --no-dev-deps -p actix-charter" \
    cargo hack check --each-feature --no-dev-deps -p actix-charter
# Advisories are not checked: their database is a git repository, and CI reaches package registries only.
step "licences, bans, sources" "read deny.toml; a new dependency's licence needs a decision" \
    cargo deny --locked --all-features check licenses bans sources
step "promised Rust version" "pin the dependency, or raise rust-version" python3 scripts/check-msrv.py

step "python tools" "see scripts/requirements.txt" scripts/install-python.sh
step "exported document" "target/openapi.json is not valid OpenAPI" scripts/showcase-check.sh document
step "schemathesis" "the running showcase breaks its own document; target/schemathesis has the report" \
    scripts/showcase-check.sh schemathesis
step "the README's tour" "what the README shows no longer works" scripts/tour.sh
