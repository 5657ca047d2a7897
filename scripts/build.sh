#!/usr/bin/env bash
# The WebAssembly engine, then the TypeScript around it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/setup.sh
. scripts/env.sh

cmake --preset wasm >/dev/null
cmake --build --preset wasm -j2
if [ -e wasm/js/tsconfig.json ]; then
  node_modules/.bin/tsc -p wasm/js/tsconfig.json
fi
if [ -e web/vite.config.js ] || [ -e web/vite.config.ts ]; then
  node_modules/.bin/vite build web
fi
