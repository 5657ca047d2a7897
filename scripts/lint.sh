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

# tidy BUILD OPTIONS...: files by name from standard input, two at a time.
tidy() {
  local build=$1
  shift
  xargs -n 2 -P 2 "$(tool clang-tidy)" -p "$build" --quiet "$@" 2>&1 | { grep -v 'warnings\? generated\.$' || true; }
}

tidy_native() {
  cmake --preset native-asan >/dev/null
  # Generated sources are included by others, so they must exist.
  if ninja -C build/native-asan -t query nc_generated >/dev/null 2>&1; then cmake --build --preset native-asan --target nc_generated; fi
  python3 -c 'import json; print("\n".join(e["file"] for e in json.load(open("build/native-asan/compile_commands.json"))))' |
    grep -v -e '/build/' -e '/generated/' | tidy build/native-asan
}

tidy_wasm() {
  cmake --preset wasm >/dev/null
  sources 'wasm/*.cc' | tidy build/wasm --extra-arg=--target=wasm32-unknown-emscripten \
    --extra-arg="--sysroot=$NARROWCAST_EMSCRIPTEN/cache/sysroot"
}

check clang-format format
if [ "${1:-}" != --no-tidy ]; then
  check "clang-tidy, native" tidy_native
  if [ -n "$(sources 'wasm/*.cc')" ]; then check "clang-tidy, wasm" tidy_wasm; fi
fi
check biome node_modules/.bin/biome ci --colors=off --error-on-warnings
for project in $(sources '*tsconfig.json'); do
  check "tsc $project" node_modules/.bin/tsc --noEmit -p "$project"
done
exit $failed
