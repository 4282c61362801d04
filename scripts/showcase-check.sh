#!/usr/bin/env bash
# Holds the showcase to its own document.
#
#   scripts/showcase-check.sh document       exports it to target/openapi.json and validates it
#   scripts/showcase-check.sh schemathesis   fires generated requests at the running showcase, after `document`
#
# Needs scripts/install-python.sh to have run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/showcase.sh

document() {
    build_showcase
    "$SHOWCASE" --export >target/openapi.json
    target/venv/bin/openapi-spec-validator target/openapi.json
}

schemathesis() {
    start_showcase
    local configuration=()
    # Credentials and what is deliberately left out stand here.
    [ ! -e scripts/schemathesis.toml ] || configuration=(--config-file scripts/schemathesis.toml)
    # The same requests every time, and an end to them: a count for each operation, a time for each and for all.
    # (--max-time is no bound: fuzzing goes on until it is spent.)
    PYTHONHASHSEED=0 timeout --kill-after=10 900 target/venv/bin/schemathesis "${configuration[@]}" \
        run target/openapi.json --origin "http://127.0.0.1:$showcase_port" \
        --phases examples,coverage,fuzzing,stateful --checks all --max-examples 20 --max-failures 20 \
        --seed 20260101 --generation-database none --workers 1 --request-timeout 10 \
        --report junit --report-dir target/schemathesis --no-color
}

case ${1:-} in
    document) document ;;
    schemathesis) schemathesis ;;
    *) sed -n '2,7s/^# \{0,1\}//p' scripts/showcase-check.sh >&2; exit 2 ;;
esac
