#!/usr/bin/env bash
# The WebAssembly engine, then the TypeScript around it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/setup.sh
. scripts/env.sh

cmake --preset wasm >/dev/null
cmake --build --preset wasm --target narrowcast_wasm -j2
rm -rf dist
node scripts/generate-types.mjs
node_modules/.bin/tsc -p wasm/js/tsconfig.json
cp build/wasm/wasm/narrowcast.js build/wasm/wasm/narrowcast.wasm dist/
chmod 644 dist/narrowcast.wasm
chmod 755 dist/cli/main.js
if [ -e web/vite.config.js ] || [ -e web/vite.config.ts ]; then
  node_modules/.bin/vite build web
fi
