# The list of observers comes from the folder: src/calib/observers/<name>.cc defines <name>_observer().
file(GLOB files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/calib/observers/*.cc")
list(FILTER files EXCLUDE REGEX "_(test|bench)\\.cc$")
set(lines "")
foreach(file IN LISTS files)
  cmake_path(GET file STEM name)
  string(APPEND lines "NC_OBSERVER(${name})\n")
endforeach()
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/generated/calib/observers.inc" CONTENT "${lines}" @ONLY)
