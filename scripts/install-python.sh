#!/usr/bin/env bash
# A virtual environment in target/venv with what scripts/requirements.txt pins.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# One that was moved, or whose Python has gone, is made anew.
target/venv/bin/pip --version >/dev/null 2>&1 || python3 -m venv --clear target/venv
target/venv/bin/pip install --quiet --disable-pip-version-check --no-input --requirement scripts/requirements.txt
target/venv/bin/pip --disable-pip-version-check freeze | grep -E '^(schemathesis|openapi-spec-validator)=='
