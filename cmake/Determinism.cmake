# Flags that every object shares, so that native, Node and browser builds produce the same bytes.
# ARCHITECTURE.md, "Determinism", says what each of them protects.
add_library(nc_flags INTERFACE)
target_compile_options(nc_flags INTERFACE
  -ffp-contract=off -fno-fast-math -fno-math-errno -fno-exceptions
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers -Werror=return-type)

if(EMSCRIPTEN)
  target_compile_options(nc_flags INTERFACE -msimd128)
else()
  target_compile_options(nc_flags INTERFACE -march=x86-64-v2)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    target_compile_options(nc_flags INTERFACE -fexcess-precision=standard)
  endif()
endif()

if(NARROWCAST_SANITIZE)
  set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(nc_flags INTERFACE ${sanitizers} -O1 -g)
  target_link_options(nc_flags INTERFACE ${sanitizers})
endif()
