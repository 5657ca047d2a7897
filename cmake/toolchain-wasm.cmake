# Emscripten's toolchain file plus the wasm libraries of scripts/setup.sh. env.sh alone knows where they are, so the presets work in any shell.
if(NOT DEFINED ENV{NARROWCAST_EMSCRIPTEN} OR NOT DEFINED ENV{NARROWCAST_WASM_LIBS})
  execute_process(
    COMMAND bash -c ". '${CMAKE_CURRENT_LIST_DIR}/../scripts/env.sh' && printf '%s;%s' \"$NARROWCAST_EMSCRIPTEN\" \"$NARROWCAST_WASM_LIBS\""
    OUTPUT_VARIABLE narrowcast_env)
  list(GET narrowcast_env 0 narrowcast_emscripten)
  list(GET narrowcast_env 1 narrowcast_wasm_libs)
  set(ENV{NARROWCAST_EMSCRIPTEN} "${narrowcast_emscripten}")
  set(ENV{NARROWCAST_WASM_LIBS} "${narrowcast_wasm_libs}")
endif()
if(NOT EXISTS "$ENV{NARROWCAST_EMSCRIPTEN}" OR NOT EXISTS "$ENV{NARROWCAST_WASM_LIBS}/.complete")
  message(FATAL_ERROR "No Emscripten or no wasm libraries yet: run scripts/setup.sh")
endif()

list(APPEND CMAKE_FIND_ROOT_PATH "$ENV{NARROWCAST_WASM_LIBS}")
list(APPEND CMAKE_PREFIX_PATH "$ENV{NARROWCAST_WASM_LIBS}")
include("$ENV{NARROWCAST_EMSCRIPTEN}/cmake/Modules/Platform/Emscripten.cmake")
