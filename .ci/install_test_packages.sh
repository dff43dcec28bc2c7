#!/usr/bin/env bash
# The Debian and npm packages that the tests and benches use: a browser, a TURN server, Node for the
# OpenID provider, the reader of receipts and PeerJS server. Does nothing where they are there already.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
command -v turnserver >/dev/null || missing+=(coturn)
fc-list 2>/dev/null | grep -qi dejavu || missing+=(fontconfig fonts-dejavu-core)
if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || {
    echo "The tests need: ${missing[*]}. Install them with your system's package manager." >&2
    exit 1
  }
  root=()
  [ "$(id -u)" = 0 ] || root=(sudo)
  echo "installing ${missing[*]} …"
  "${root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
fi
for folder in tests/identity_provider tests/receipt_reader bench/peerjs; do
  if [ ! -e "$folder/node_modules/.package-lock.json" ] ||
    [ "$folder/package-lock.json" -nt "$folder/node_modules/.package-lock.json" ]; then
    (cd "$folder" && npm ci --no-audit --no-fund --silent)
  fi
done
