#!/usr/bin/env bash
# protobuf-lite, GoogleTest and Google Benchmark for wasm, from the sources that Debian ships (apt checks their signatures),
# or from the folder NARROWCAST_SOURCES. Header-only libraries are linked in, since a cross compiler must not see /usr/include.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/env.sh
. scripts/private-apt.sh

final=$NARROWCAST_WASM_LIBS
mkdir -p "$(dirname "$final")"
if command -v flock >/dev/null; then
  exec 9>"$NARROWCAST_CACHE/wasm-libs.lock"
  flock 9
fi
[ ! -e "$final/.complete" ] || exit 0
echo "setup: wasm libraries into $final (two minutes, once)"

work=$(mktemp -d "$(dirname "$final")/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
sources=$work/sources
mkdir -p "$sources"

if [ -n "${NARROWCAST_SOURCES:-}" ]; then
  cp -R "$NARROWCAST_SOURCES"/. "$sources"
else
  (
    cd "$sources"
    private_apt "$work/apt" deb-src "$(. /etc/os-release && echo "$VERSION_CODENAME")"
    apt-get -qq source --download-only protobuf benchmark
    for archive in *.orig.tar.*; do
      case $archive in *.asc) ;; *) tar -xf "$archive" ;; esac
    done
    cp -R /usr/src/googletest googletest-debian
  )
fi

root=$work/root
# build NAME TARGET OPTIONS...: compiles sources/NAME-* and installs it, or only the named components.
build() {
  local name=$1 target=$2 source log=$work/$1.log
  shift 2
  source=$(find "$sources" -maxdepth 1 -type d -name "$name-*" | head -n 1)
  [ -n "$source" ] || { echo "setup: no sources of $name" >&2; return 1; }
  {
    cmake -S "$source" -B "$work/$name" -G Ninja -DCMAKE_BUILD_TYPE=Release \
      -DCMAKE_TOOLCHAIN_FILE="$NARROWCAST_EMSCRIPTEN/cmake/Modules/Platform/Emscripten.cmake" \
      -DCMAKE_INSTALL_PREFIX="$final" -DCMAKE_INSTALL_LIBDIR=lib \
      -DCMAKE_CXX_STANDARD=17 -DCMAKE_CXX_FLAGS="-msimd128 -fno-exceptions -ffp-contract=off" -DCMAKE_CXX_FLAGS_RELEASE="-O3 -DNDEBUG" "$@" &&
      cmake --build "$work/$name" --target "$target" &&
      for component in ${components:-Unspecified}; do cmake --install "$work/$name" --prefix "$root" --component "$component" || exit 1; done
  } > "$log" 2>&1 || { tail -n 40 "$log" >&2; return 1; }
}

build googletest all
build benchmark all -DBENCHMARK_ENABLE_TESTING=OFF -DBENCHMARK_ENABLE_WERROR=OFF -DBENCHMARK_ENABLE_EXCEPTIONS=OFF -DBENCHMARK_ENABLE_LIBPFM=OFF
# The full library is not built, so installing everything would fail.
components="libprotobuf-lite protobuf-headers" build protobuf libprotobuf-lite -Dprotobuf_BUILD_TESTS=OFF -Dprotobuf_BUILD_PROTOC_BINARIES=OFF -Dprotobuf_BUILD_LIBPROTOC=OFF \
  -Dprotobuf_WITH_ZLIB=OFF -Dprotobuf_DISABLE_RTTI=OFF

for headers in nlohmann flatbuffers; do
  folder=$(printf '%s\n' ${CPATH:+"$CPATH/$headers"} /usr/include/$headers /usr/local/include/$headers /opt/homebrew/include/$headers |
    while read -r candidate; do [ ! -d "$candidate" ] || { echo "$candidate"; break; }; done)
  [ -n "$folder" ] || { echo "setup: no headers of $headers" >&2; exit 1; }
  ln -sfn "$folder" "$root/include/$headers"
done

touch "$root/.complete"
rm -rf "$final"
mv "$root" "$final"
