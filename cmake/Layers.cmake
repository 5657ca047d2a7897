# nc_layer(<name> DEPENDS <layers...>): src/<name>/ as one library. A layer links only what the dependency
# rule allows, and tests/layering checks the includes against the same list.
function(nc_layer name)
  cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
  string(REPLACE "/" "_" target "nc_${name}")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${name}/*.cc")
  list(FILTER sources EXCLUDE REGEX "_(test|bench|cases)\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/_[^/]*/") # templates
  if(NOT sources) # a layer of headers alone is a library like the others
    set(sources "${CMAKE_BINARY_DIR}/generated/empty.cc")
    file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/generated")
    file(TOUCH "${sources}")
  endif()
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC "${CMAKE_SOURCE_DIR}/src" "${CMAKE_BINARY_DIR}/generated")
  target_link_libraries(${target} PUBLIC nc_flags)
  foreach(dep IN LISTS arg_DEPENDS)
    string(REPLACE "/" "_" dep_target "nc_${dep}")
    target_link_libraries(${target} PUBLIC ${dep_target})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY NC_LAYERS ${target})
endfunction()
