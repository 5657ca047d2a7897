#!/usr/bin/env bash
# Benchmarks: kernels natively and in Node, then whole models. Arguments go to Google Benchmark:
#   npm run bench -- --benchmark_filter=gemm
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/setup.sh --no-browser
for preset in native-bench wasm-bench; do
  cmake --preset $preset >/dev/null
  cmake --build --preset $preset -j2
done
echo "=== native"
build/native-bench/bench/narrowcast_bench "$@"
echo "=== wasm, Node $(node --version)"
node build/wasm-bench/bench/narrowcast_bench.cjs "$@"
echo "=== whole models"
bash scripts/build.sh >/dev/null
node bench/run.mjs
node bench/workers.mjs
node bench/calibrate.mjs
