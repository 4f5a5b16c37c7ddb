# add_layer(<name> SOURCES ... LINK ... [PRIVATE_LINK ...] [ROOT <dir>])
#
# A layer is a static library whose folder is its own include root, so an include reads "saga/engine.hpp". A layer that does not
# link another cannot include it: the wrong arrow does not compile.
function(add_layer name)
  cmake_parse_arguments(ARG "" "ROOT" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  if(NOT ARG_ROOT)
    set(ARG_ROOT ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.hpp)
  add_library(${name} STATIC ${ARG_SOURCES})
  target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${ARG_ROOT} FILES ${headers})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE ${ARG_PRIVATE_LINK})
endfunction()
