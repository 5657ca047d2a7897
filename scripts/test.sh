#!/usr/bin/env bash
# Builds and checks everything. With names, only those steps: npm test -- native wasm lint node browser
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/setup.sh
. scripts/env.sh

# The developers' archive of old ONNX releases' operator tests, where it is at hand.
unpack_onnx_releases() {
  local archive="${NARROWCAST_ONNX_ARCHIVE:-../shared/onnx-node-tests/onnx-node-tests.tar.xz}"
  [ -e "$archive" ] || return 0
  if [ ! -d build/onnx-releases ]; then
    mkdir -p build/onnx-releases.part
    tar -xJf "$archive" -C build/onnx-releases.part
    mv build/onnx-releases.part build/onnx-releases
  fi
  export NARROWCAST_ONNX_RELEASES="$PWD/build/onnx-releases"
}

step_native() {
  unpack_onnx_releases
  cmake --preset native-asan >/dev/null
  cmake --build --preset native-asan -j2
  ctest --preset native-asan
}

step_wasm() {
  bash scripts/build.sh
  cmake --build --preset wasm -j2
  ctest --preset wasm
}

step_lint() { bash scripts/lint.sh; }

# run_node_tests FOLDER: files are named one by one, since Node 20 and 22 read a folder's name differently.
run_node_tests() {
  [ -d "$1" ] || { echo "no $1 in this tree"; return 0; }
  find "$1" -name '*.test.js' -o -name '*.test.mjs' | sort | xargs node --test
}
step_node() { run_node_tests tests/node; }
step_browser() { run_node_tests tests/browser; }

if [ $# = 0 ]; then
  set -- native wasm lint node browser
fi
for step in "$@"; do
  declare -F "step_$step" >/dev/null || { echo "test: no step named $step" >&2; exit 2; }
done
for step in "$@"; do
  echo "=== $step"
  "step_$step"
done
echo "=== all steps passed: $*"
