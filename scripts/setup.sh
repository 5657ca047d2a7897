#!/usr/bin/env bash
# Installs what a build, the tests and the page need. Does nothing, quickly, when all of it is there.
#   scripts/setup.sh [--no-browser] [--no-npm]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

browser=1 npm=1
for arg in "$@"; do
  case $arg in
    --no-browser) browser=0 ;;
    --no-npm) npm=0 ;;
    *) echo "setup: unknown option $arg (known: --no-browser, --no-npm)" >&2; exit 2 ;;
  esac
done

packages=(
  g++ cmake ninja-build python3
  clang-19 lld-19 llvm-19 clang-format-19 clang-tidy-19
  libgtest-dev libgmock-dev googletest libbenchmark-dev
  libsimde-dev protobuf-compiler libprotobuf-dev nlohmann-json3-dev libflatbuffers-dev flatbuffers-compiler
)
[ $browser = 0 ] || packages+=(chromium fonts-dejavu-core)

install_debian_packages() {
  local missing=() sudo=()
  mapfile -t missing < <(comm -23 <(printf '%s\n' "${packages[@]}" | sort) \
    <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "${packages[@]}" 2>/dev/null | sed -n 's/^.i *//p' | sort))
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      sudo=(sudo)
    else
      printf 'setup: as root, run\n  apt-get update && apt-get install --no-install-recommends %s\n' "${missing[*]}" >&2
      exit 1
    fi
  fi
  echo "setup: installing ${missing[*]}"
  "${sudo[@]}" apt-get -qq update
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
}

check_other_system() {
  local missing=0 tool
  need() { missing=1; printf '  %-34s %s\n' "$1" "$2" >&2; }
  for tool in cmake ninja python3 c++ protoc flatc clang-format clang-tidy; do
    command -v "$tool" >/dev/null || command -v "$tool-19" >/dev/null || need "$tool" "on PATH"
  done
  [ -n "${NARROWCAST_EMSCRIPTEN:-}" ] || need "emcc >= $NARROWCAST_EMCC_VERSION" "on PATH (emsdk, Homebrew, ...)"
  if [ ! -e "$NARROWCAST_WASM_LIBS/.complete" ] && [ ! -d "${NARROWCAST_SOURCES:-/nonexistent}" ]; then
    need "NARROWCAST_SOURCES" "folder with the unpacked sources protobuf-3.21.12, googletest-1.12 or later, benchmark-1.7 or later"
  fi
  if [ $missing = 1 ]; then
    echo "setup: the above is missing. Also needed, with headers: GoogleTest, Google Benchmark, SIMDe, protobuf 3.21, nlohmann-json, flatbuffers;" >&2
    echo "setup: for the browser tests, Chromium with its path in NARROWCAST_CHROMIUM. On Debian 12 and 13 this script installs all of it." >&2
    exit 1
  fi
}

node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null ||
  { echo "setup: Node 20.19 or later is needed on PATH" >&2; exit 1; }

debian=0
if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
  debian=1
  install_debian_packages
fi

. scripts/env.sh
if [ $debian = 1 ] && [ -z "${NARROWCAST_EMSCRIPTEN:-}" ]; then
  bash scripts/setup-emscripten.sh
  . scripts/env.sh
fi
[ $debian = 1 ] || check_other_system
[ $debian = 0 ] || [ -d "$NARROWCAST_ONNX_TESTS" ] || bash scripts/setup-onnx-tests.sh
[ -e "$NARROWCAST_WASM_LIBS/.complete" ] || bash scripts/setup-wasm-libs.sh

if [ $npm = 1 ] && [ -e package.json ]; then
  if [ ! -e package-lock.json ]; then
    npm install
  elif [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci
  fi
fi
