# nc_tflite_schema(<target> <schema.fbs>): tables of the TFLite format, generated beside the layer that reads it.
find_program(NODE_EXECUTABLE node REQUIRED)

function(nc_tflite_schema target schema)
  cmake_path(GET schema PARENT_PATH folder)
  string(REGEX REPLACE "^src/" "" folder "${folder}")
  set(script "${CMAKE_SOURCE_DIR}/src/${folder}/generate_schema_table.mjs")
  set(out "${CMAKE_BINARY_DIR}/generated/${folder}")
  file(MAKE_DIRECTORY "${out}")
  add_custom_command(
    OUTPUT "${out}/schema_ids.h" "${out}/schema_table.inc"
    COMMAND ${NODE_EXECUTABLE} "${script}" "${CMAKE_SOURCE_DIR}/${schema}" "${out}/schema_ids.h" "${out}/schema_table.inc"
    DEPENDS "${CMAKE_SOURCE_DIR}/${schema}" "${script}"
    VERBATIM)
  target_sources(${target} PRIVATE "${out}/schema_ids.h" "${out}/schema_table.inc")
endfunction()
