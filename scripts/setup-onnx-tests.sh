#!/usr/bin/env bash
# ONNX's operator tests as Debian 13 packs them, in a private folder: Debian 12's are of an older release.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/env.sh
. scripts/private-apt.sh

final=$NARROWCAST_ONNX_TESTS
mkdir -p "$NARROWCAST_CACHE"
exec 9>"$NARROWCAST_CACHE/onnx-tests.lock"
flock 9
[ ! -d "$final" ] || exit 0
echo "setup: ONNX's operator tests into $final"

work=$(mktemp -d "$NARROWCAST_CACHE/onnx-tests.XXXXXX")
trap 'rm -rf "$work"' EXIT
private_apt "$work/apt" deb trixie
(cd "$work" && apt-get -qq download libonnx-testdata)
mkdir "$work/tree"
dpkg-deb --fsys-tarfile "$work"/libonnx-testdata_*.deb | tar -x -C "$work/tree" ./usr/share/libonnx-testdata
mv "$work/tree/usr/share/libonnx-testdata" "$final"
