# src/plan/targets/*.json, as string literals in one generated list.
file(GLOB targets CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/plan/targets/*.json")
set(lines "")
foreach(file IN LISTS targets)
  set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  file(READ "${file}" text)
  string(APPEND lines "R\"json(${text})json\",\n")
endforeach()
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/generated/plan/targets.inc" CONTENT "@lines@" @ONLY)
