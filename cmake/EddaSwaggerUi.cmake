# Packages from npm that the build needs (Swagger UI to carry, a YAML reader to bundle the OpenAPI document with).
#
#   edda_npm_package(<name> <version> <sha512 of the archive, hexadecimal>)
#
# sets <name>_DIR, where it will be unpacked, and <name>_STAMP, to depend on. The archive comes from the registry that npm is
# configured for, at build time and once: it stays in EDDA_NPM_CACHE, which all build folders share, so that building again
# needs no network. Nothing of a package is executed while it is fetched.
if(CMAKE_SCRIPT_MODE_FILE)
  # cmake -D NPM= -D NAME= -D VERSION= -D SHA512= -D CACHE= -P EddaSwaggerUi.cmake
  file(LOCK ${CACHE}/${NAME}.lock GUARD PROCESS TIMEOUT 300)
  set(unpacked ${CACHE}/${NAME}-${VERSION})
  if(EXISTS ${unpacked}/package.json)
    return()
  endif()
  set(archive ${CACHE}/${NAME}-${VERSION}.tgz)
  if(NOT EXISTS ${archive})
    execute_process(COMMAND ${NPM} pack ${NAME}@${VERSION} --loglevel=error --pack-destination ${CACHE}
                    WORKING_DIRECTORY ${CACHE} RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE out TIMEOUT 240)
    if(NOT status EQUAL 0)
      message(FATAL_ERROR "npm could not fetch ${NAME} ${VERSION} (${status}):\n${out}\n"
              "Check the network and `npm config get registry`, or put the archive at ${archive}.")
    endif()
  endif()
  file(SHA512 ${archive} actual)
  if(NOT actual STREQUAL SHA512)
    file(REMOVE ${archive})
    message(FATAL_ERROR "The archive of ${NAME} ${VERSION} is not the one that this build was written for: its SHA-512 is\n"
            "${actual}, not\n${SHA512}.\nIt was removed. If the version was raised, raise the hash too.")
  endif()
  set(temporary ${CACHE}/${NAME}.unpacking)
  file(REMOVE_RECURSE ${temporary})
  file(ARCHIVE_EXTRACT INPUT ${archive} DESTINATION ${temporary})
  file(RENAME ${temporary}/package ${unpacked})
  file(REMOVE_RECURSE ${temporary})
  return()
endif()

set(EDDA_NPM_CACHE "${CMAKE_SOURCE_DIR}/build/npm" CACHE PATH "Where packages from npm are kept between builds")
find_program(EDDA_NPM npm)
find_program(EDDA_NODE NAMES node nodejs)
if(NOT EDDA_NPM OR NOT EDDA_NODE)
  message(FATAL_ERROR "npm and node are needed to build the API's documentation, and were not found. "
                      "On Debian: apt-get install nodejs npm; then configure again.")
endif()

set(EDDA_NPM_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(edda_npm_package name version sha512)
  set(stamp ${CMAKE_BINARY_DIR}/npm/${name}-${version}.stamp)
  add_custom_command(
    OUTPUT ${stamp}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${EDDA_NPM_CACHE}
    COMMAND ${CMAKE_COMMAND} -D NPM=${EDDA_NPM} -D NAME=${name} -D VERSION=${version} -D SHA512=${sha512}
            -D CACHE=${EDDA_NPM_CACHE} -P ${EDDA_NPM_SCRIPT}
    COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
    DEPENDS ${EDDA_NPM_SCRIPT}
    COMMENT "Fetching ${name} ${version} from npm" VERBATIM)
  set(${name}_DIR ${EDDA_NPM_CACHE}/${name}-${version} PARENT_SCOPE)
  set(${name}_STAMP ${stamp} PARENT_SCOPE)
endfunction()
