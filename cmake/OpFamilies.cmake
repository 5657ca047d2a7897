# The list of op families comes from the folders: src/ops/<name>/<name>.cc defines <name>_family().
# A folder whose name starts with an underscore is a template, not an op.
file(GLOB folders CONFIGURE_DEPENDS LIST_DIRECTORIES true "${CMAKE_SOURCE_DIR}/src/ops/*")
set(lines "")
foreach(folder IN LISTS folders)
  get_filename_component(name "${folder}" NAME)
  if(IS_DIRECTORY "${folder}" AND NOT name MATCHES "^_")
    string(APPEND lines "NC_OP_FAMILY(${name})\n")
  endif()
endforeach()
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/generated/ops/families.inc" CONTENT "${lines}" @ONLY)
