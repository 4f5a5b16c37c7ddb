# The build that is made to die (core/base/failpoint.hpp, tests/failpoints). Only the sources that hold a failpoint are compiled
# differently, so that the compiler cache has all others from a `dev` build.
option(EDDA_FAILPOINTS "Build the program with points at which it kills itself: for ./test failpoints, never to be used" OFF)

# edda_failpoints(TARGET...): defines EDDA_FAILPOINTS for their sources that name one. To be called once all targets exist.
function(edda_failpoints)
  foreach(target ${ARGN})
    get_target_property(sources ${target} SOURCES)
    foreach(source ${sources})
      if(NOT source MATCHES "\\.cpp$" OR NOT EXISTS ${source})
        continue()
      endif()
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
      file(STRINGS ${source} found REGEX "EDDA_FAILPOINT\\(" LIMIT_COUNT 1)
      if(found)
        set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES COMPILE_DEFINITIONS EDDA_FAILPOINTS)
      endif()
    endforeach()
  endforeach()
  # They call what only this program defines.
  target_sources(edda PRIVATE ${PROJECT_SOURCE_DIR}/tests/failpoints/failpoint.cpp)
  set_source_files_properties(${PROJECT_SOURCE_DIR}/tests/failpoints/failpoint.cpp TARGET_DIRECTORY edda
                              PROPERTIES COMPILE_DEFINITIONS EDDA_FAILPOINTS)
endfunction()
