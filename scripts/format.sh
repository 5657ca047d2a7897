#!/usr/bin/env bash
# Rewrites the code in the project's format.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/setup.sh
git ls-files --cached --others --exclude-standard -- '*.cc' '*.h' | while read -r file; do [ ! -e "$file" ] || echo "$file"; done |
  xargs "$(command -v clang-format-19 || command -v clang-format)" -i
node_modules/.bin/biome check --write
