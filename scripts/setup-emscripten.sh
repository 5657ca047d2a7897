#!/usr/bin/env bash
# Emscripten 3.1.69 of Debian 13 in a private folder, for Debian 12, whose own 3.1.6 cannot build this project.
# Everything comes through apt, from the mirror this machine is set up with, checked by apt's signatures; the system itself stays as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/env.sh
. scripts/private-apt.sh

final=$narrowcast_private_emscripten
llvm=/usr/lib/llvm-19
mkdir -p "$NARROWCAST_CACHE"
exec 9>"$NARROWCAST_CACHE/emscripten.lock"
flock 9
[ ! -e "$final/.complete" ] || exit 0
echo "setup: Emscripten $NARROWCAST_EMCC_VERSION into $final"

work=$(mktemp -d "$NARROWCAST_CACHE/emscripten.XXXXXX")
trap 'rm -rf "$work"' EXIT
tree=$work/tree
mkdir -p "$work/debs" "$tree/bin"
private_apt "$work/apt" deb trixie
(cd "$work/debs" && apt-get -qq download emscripten binaryen libc6 libstdc++6 libgcc-s1 node-acorn)
ls "$work"/debs/emscripten_"$NARROWCAST_EMCC_VERSION"* >/dev/null

# Libraries for LTO, PIC and wasm workers are 1.3 of the 1.6 GB; emcc builds what is asked for and missing.
for deb in "$work"/debs/*.deb; do
  dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$tree" \
    --exclude='*/wasm32-emscripten/lto*' --exclude='*/wasm32-emscripten/pic' --exclude='*-ww*.a' \
    --exclude='./usr/share/emscripten/test' --exclude='./usr/share/doc*' --exclude='./usr/share/man' --exclude='./usr/share/locale'
done

# Binaryen needs Debian 13's libc, so its programs start through that libc's own loader.
loader=$(find "$tree/usr/lib" -name 'ld-linux-*.so.*' | head -n 1)
loader=$final/${loader#"$tree/"}
mkdir -p "$tree/usr/libexec/binaryen"
for program in "$tree"/usr/bin/wasm-* "$tree"/usr/bin/wasm2js; do
  name=${program##*/}
  mv "$program" "$tree/usr/libexec/binaryen/"
  printf '#!/bin/sh\nexec %s --library-path %s %s "$@"\n' "$loader" "${loader%/*}" "$final/usr/libexec/binaryen/$name" > "$program"
  chmod +x "$program"
done

# emcc's JavaScript optimiser imports acorn, and imports look only in node_modules.
emscripten=$tree/usr/share/emscripten
mkdir -p "$emscripten/node_modules"
ln -sfn ../../nodejs/acorn "$emscripten/node_modules/acorn"

# Emscripten reads this file next to its own, so CMake needs no environment; Node is the one on PATH at that time.
cat > "$emscripten/.emscripten" <<CONF
LLVM_ROOT = '$llvm/bin'
BINARYEN_ROOT = '$final/usr'
NODE_JS = 'node'
CACHE = '$final/usr/share/emscripten/cache'
FROZEN_CACHE = False
CONF
for tool in emcc em++ emar emranlib emcmake emconfigure emmake embuilder em-config; do
  printf '#!/bin/sh\nexec python3 -E %s "$@"\n' "$final/usr/share/emscripten/$tool.py" > "$tree/bin/$tool"
  chmod +x "$tree/bin/$tool"
done
touch "$tree/.complete"
rm -rf "$final"
mv "$tree" "$final"
