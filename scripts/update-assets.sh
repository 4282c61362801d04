#!/bin/sh
# Fetches the pinned versions of the pages' assets and keeps compressed copies under assets/, and the showcase's client.
# After changing a version, change it in src/document/ui.rs too (a test compares them) and look at both pages in a browser.
set -eu
cd "$(dirname "$0")/.."

swagger_ui=5.35.0
scalar=1.72.1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fetch PACKAGE VERSION: unpacks it under $work/package
fetch() {
    rm -rf "$work/package"
    (cd "$work" && npm pack --silent "$1@$2" >packed && tar xzf "$(tail -n 1 packed)")
}

# keep FILE NAME: compresses without name and time, so that the same version gives the same bytes
keep() {
    gzip -9nc "$work/package/$1" >"$2.gz"
}

fetch swagger-ui-dist "$swagger_ui"
mkdir -p assets/swagger-ui
keep swagger-ui.css assets/swagger-ui/swagger-ui.css
keep swagger-ui-bundle.js assets/swagger-ui/swagger-ui-bundle.js
cp "$work/package/LICENSE" "$work/package/NOTICE" assets/swagger-ui/
cp "$work/package/swagger-ui-bundle.js.LICENSE.txt" assets/swagger-ui/
printf '%s\n' "$swagger_ui" >assets/swagger-ui/VERSION

fetch @scalar/api-reference "$scalar"
mkdir -p assets/scalar
keep dist/browser/standalone.js assets/scalar/standalone.js
# The package has no licence file of its own; package.json says MIT, assets/scalar/LICENSE is the repository's.
grep -q '"license": "MIT"' "$work/package/package.json"
printf '%s\n' "$scalar" >assets/scalar/VERSION

# The showcase's page has the client of live channels in the version with which it is tested.
centrifuge=$(node -p 'require("./tests/showcase_live/node/package-lock.json").packages["node_modules/centrifuge"].version')
fetch centrifuge "$centrifuge"
cp "$work/package/dist/centrifuge.js" "$work/package/LICENSE" examples/showcase/page/centrifuge/
sed -i -E "1s/\) [0-9.]+,/) $centrifuge,/" examples/showcase/page/centrifuge/README.md
