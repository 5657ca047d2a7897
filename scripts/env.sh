# Sourced by bash. Says where the Emscripten compiler and the wasm libraries are; cmake/toolchain-wasm.cmake reads the same variables.
# After `. scripts/env.sh`, emcc and its tools are on PATH. NARROWCAST_CACHE moves the cache that all clones share.
export NARROWCAST_CACHE="${NARROWCAST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/narrowcast}"
export NARROWCAST_EMCC_VERSION=3.1.69

narrowcast_private_emscripten="$NARROWCAST_CACHE/emscripten-$NARROWCAST_EMCC_VERSION"

# An emcc of the user's own comes first, if it is not older than the one this project is tested with.
narrowcast_find_emscripten() {
  local emcc version oldest
  unset NARROWCAST_EMSCRIPTEN
  emcc=$(command -v emcc || true)
  if [ -n "$emcc" ] && [ "$emcc" != "$narrowcast_private_emscripten/bin/emcc" ]; then
    version=$("$emcc" -dumpversion 2>/dev/null | sed 's/[^0-9.].*//')
    oldest=$(printf '%s\n%s\n' "$NARROWCAST_EMCC_VERSION" "$version" | sort -V | head -n 1)
    if [ -n "$version" ] && [ "$oldest" = "$NARROWCAST_EMCC_VERSION" ]; then
      NARROWCAST_EMCC_VERSION=$version
      NARROWCAST_EMSCRIPTEN=$("$(dirname "$emcc")/em-config" EMSCRIPTEN_ROOT 2>/dev/null || dirname "$(realpath "$emcc")")
      export NARROWCAST_EMCC_VERSION NARROWCAST_EMSCRIPTEN
      return
    fi
  fi
  if [ -e "$narrowcast_private_emscripten/.complete" ]; then
    export NARROWCAST_EMSCRIPTEN="$narrowcast_private_emscripten/usr/share/emscripten"
    case ":$PATH:" in
      *":$narrowcast_private_emscripten/bin:"*) ;;
      *) export PATH="$narrowcast_private_emscripten/bin:$PATH" ;;
    esac
  fi
}
narrowcast_find_emscripten

# The compiler's version and the number of the build recipe are part of the name: a change of either builds the libraries again.
export NARROWCAST_WASM_LIBS="$NARROWCAST_CACHE/wasm-libs/emcc-$NARROWCAST_EMCC_VERSION-recipe-1"

export NARROWCAST_CHROMIUM="${NARROWCAST_CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}"

# ONNX's operator tests of Debian 13's libonnx-testdata (release 1.17).
export NARROWCAST_ONNX_TESTS="${NARROWCAST_ONNX_TESTS:-$NARROWCAST_CACHE/onnx-tests-trixie}"
