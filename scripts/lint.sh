#!/usr/bin/env bash
# Every check that reads the code without running it. Options: --no-tidy leaves out clang-tidy, the slow one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/setup.sh
. scripts/env.sh

tool() { command -v "$1-19" || command -v "$1"; }
# Also the files that git does not know yet, never the ignored or the deleted ones.
sources() { git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do [ ! -e "$file" ] || echo "$file"; done; }

failed=0
# check TITLE COMMAND...: goes on after a failure, so that one run shows them all.
check() {
  echo "lint: $1"
  shift
  "$@" || failed=1
}

format() { sources '*.cc' '*.h' | xargs "$(tool clang-format)" --dry-run -Werror; }

# The build comes first: it generates sources, and says which headers each file includes.
tidy_native() {
  cmake --preset native-asan >/dev/null && cmake --build --preset native-asan -j2 >/dev/null &&
    python3 scripts/tidy.py build/native-asan src tests
}

tidy_wasm() {
  cmake --preset wasm >/dev/null && cmake --build --preset wasm -j2 >/dev/null &&
    python3 scripts/tidy.py build/wasm wasm -- --extra-arg=--target=wasm32-unknown-emscripten \
      --extra-arg="--sysroot=$NARROWCAST_EMSCRIPTEN/cache/sysroot"
}

check clang-format format
if [ "${1:-}" != --no-tidy ]; then
  check "clang-tidy, native" tidy_native
  if [ -n "$(sources 'wasm/*.cc')" ]; then check "clang-tidy, wasm" tidy_wasm; fi
fi
check biome node_modules/.bin/biome ci --colors=off --error-on-warnings
# Types are made from what the built engine says about itself.
if [ ! -e wasm/js/generated/describe.ts ]; then bash scripts/build.sh >/dev/null; fi
for project in $(sources '*tsconfig.json'); do
  check "tsc $project" node_modules/.bin/tsc --noEmit -p "$project"
done
exit $failed
