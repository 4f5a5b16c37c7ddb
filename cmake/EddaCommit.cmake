# The commit that a program is built from, in one source file of its own:
#
#   edda_commit_source(<file>)   defines edda::built_commit() (src/runtime/commit.hpp)
#
# Written anew when git's HEAD moves, so a commit costs this file and one link. EDDA_COMMIT names it where there is no git.
if(CMAKE_SCRIPT_MODE_FILE)
  # cmake -D COMMIT= -D GIT= -D SOURCE= -D OUTPUT= -P EddaCommit.cmake
  set(commit "${COMMIT}")
  if(NOT commit AND GIT)
    execute_process(COMMAND ${GIT} rev-parse --verify HEAD WORKING_DIRECTORY ${SOURCE} RESULT_VARIABLE status
                    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(NOT status EQUAL 0)
      set(commit "")
    endif()
  endif()
  if(NOT commit)
    set(commit "unknown")
  endif()
  set(text "#include \"commit.hpp\"\n\nnamespace edda {\n\nstd::string_view built_commit() { return \"${commit}\"; }\n\n}  // namespace edda\n")
  file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "${text}" @ONLY)  # leaves an equal file alone
  return()
endif()

find_program(EDDA_GIT git)
set(EDDA_COMMIT "" CACHE STRING "The commit this is built from; empty: asks git")
if(EDDA_COMMIT STREQUAL "unknown")  # the default of build folders made before git was asked
  set(EDDA_COMMIT "")
endif()

set(EDDA_COMMIT_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(edda_commit_source output)
  # Both change when HEAD moves: the one at a checkout, the other, git's own record, at each commit.
  set(heads "")
  foreach(name HEAD logs/HEAD)
    if(EDDA_GIT)
      execute_process(COMMAND ${EDDA_GIT} rev-parse --git-path ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                      OUTPUT_VARIABLE path OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
      get_filename_component(path "${path}" ABSOLUTE BASE_DIR ${CMAKE_SOURCE_DIR})
      if(EXISTS "${path}" AND NOT IS_DIRECTORY "${path}")
        list(APPEND heads ${path})
      endif()
    endif()
  endforeach()
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -D COMMIT=${EDDA_COMMIT} -D GIT=${EDDA_GIT} -D SOURCE=${CMAKE_SOURCE_DIR}
            -D OUTPUT=${output} -P ${EDDA_COMMIT_SCRIPT}
    DEPENDS ${EDDA_COMMIT_SCRIPT} ${heads}
    COMMENT "Naming the commit" VERBATIM)
endfunction()
