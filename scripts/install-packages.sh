#!/usr/bin/env bash
# Debian packages that the checks need. Does nothing, and asks no server, when all are there.
set -euo pipefail

missing=()
command -v cc >/dev/null || missing+=(gcc libc6-dev) # SQLite, in the tests and the showcase, is compiled from C.
command -v curl >/dev/null || missing+=(curl)
command -v python3 >/dev/null || missing+=(python3)
python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
command -v node >/dev/null || missing+=(nodejs) # The clients of live channels are tested with their own code.
command -v npm >/dev/null || missing+=(npm)
command -v chromium >/dev/null || missing+=(chromium fonts-dejavu-core) # Pages that become live are tested in it.
if [ ${#missing[@]} -eq 0 ]; then
    echo "nothing is missing"
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "as root, run: apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=120 update
"${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${missing[@]}"
