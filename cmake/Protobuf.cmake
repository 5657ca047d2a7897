# nc_protobuf(<target> <file.proto>): protobuf-lite classes for one layer, invisible to the others.
find_program(PROTOC_EXECUTABLE protoc REQUIRED)
find_library(PROTOBUF_LITE_LIBRARY protobuf-lite REQUIRED)
find_path(PROTOBUF_INCLUDE_DIR google/protobuf/message_lite.h REQUIRED)

function(nc_protobuf target proto)
  cmake_path(GET proto STEM stem)
  cmake_path(GET proto PARENT_PATH folder)
  set(out "${CMAKE_BINARY_DIR}/generated/${folder}")
  file(MAKE_DIRECTORY "${out}")
  add_custom_command(
    OUTPUT "${out}/${stem}.pb.cc" "${out}/${stem}.pb.h"
    COMMAND ${PROTOC_EXECUTABLE} "--proto_path=${CMAKE_SOURCE_DIR}/${folder}" "--cpp_out=lite:${out}" "${stem}.proto"
    DEPENDS "${CMAKE_SOURCE_DIR}/${proto}"
    VERBATIM)
  # Generated code is not held to our warnings.
  add_library(${target}_pb OBJECT "${out}/${stem}.pb.cc" "${out}/${stem}.pb.h")
  target_include_directories(${target}_pb SYSTEM PUBLIC "${out}" "${PROTOBUF_INCLUDE_DIR}")
  target_compile_options(${target}_pb PRIVATE -w)
  if(EMSCRIPTEN)
    target_compile_options(${target}_pb PRIVATE -fno-exceptions -msimd128)
  endif()
  add_dependencies(${target} ${target}_pb)
  target_include_directories(${target} SYSTEM PRIVATE "${out}" "${PROTOBUF_INCLUDE_DIR}")
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_pb>)
  target_link_libraries(${target} PRIVATE "${PROTOBUF_LITE_LIBRARY}")
endfunction()
