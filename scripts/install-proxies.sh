#!/usr/bin/env bash
# The real servers that tests/proxies hands files to, from Debian. Does nothing, and asks no server, when all are there.
#
# The tests start them by themselves, on loopback ports; Debian's own services are kept from starting.
set -euo pipefail

missing=()
have() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null; }
have nginx || missing+=(nginx)
have apache2 || missing+=(apache2)
[ -e /usr/lib/apache2/modules/mod_xsendfile.so ] || missing+=(libapache2-mod-xsendfile)
have lighttpd || missing+=(lighttpd)
have caddy || missing+=(caddy)
if [ ${#missing[@]} -eq 0 ]; then
    echo "nothing is missing"
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "as root, run: apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
fi

# Packages ask this program before they start a service; 101 is "no". One that is there already is left alone.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
    "${as_root[@]}" chmod 755 $policy
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=120 update
# sudo drops the environment, hence `env`.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${missing[@]}"
