#!/usr/bin/env bash
# Builds everything and serves the page on this machine only. Arguments go to vite: npm start -- --port 8080
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/build.sh
exec node_modules/.bin/vite preview web --host 127.0.0.1 "$@"
