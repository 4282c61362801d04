#!/usr/bin/env bash
# Cargo's tools that the checks need, built from source into target/tools, where they outlive `cargo clean -p`.
#
# Without optimisation: they run for seconds, and compiling them is what costs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH="$PWD/target/tools/bin:$PATH"

install() {
    local name=$1 version=$2
    if command -v "$name" >/dev/null; then
        echo "$name is there"
    else
        cargo install --quiet --locked --debug --root target/tools --version "$version" "$name"
        echo "$name $version is installed"
    fi
}

install cargo-nextest 0.9.143
install cargo-hack 0.6.46
install cargo-deny 0.20.2
