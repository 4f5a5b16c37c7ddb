# One compiler of record (clang 19 with libstdc++ 12): g++ 12 miscompiles ordinary coroutine code.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "Edda is built with clang 19 or later (Debian package clang-19); found "
                      "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}. Use a preset: cmake --preset release")
endif()

find_program(EDDA_CCACHE ccache)
if(EDDA_CCACHE)
  # Precompiled headers need the sloppiness; without it every file would miss.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${EDDA_CCACHE})
endif()
find_program(EDDA_MOLD mold)
if(EDDA_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

set(EDDA_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")
option(EDDA_COVERAGE "Instrument for source-based coverage" OFF)

add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wformat=2
                    -Wimplicit-fallthrough -Wnull-dereference -Wnon-virtual-dtor -Woverloaded-virtual -Wthread-safety)
add_compile_options(-Xclang -fno-pch-timestamp)
add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fno-delete-null-pointer-checks
                    -fno-strict-overflow -ftrivial-auto-var-init=zero)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT EDDA_SANITIZE)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -ffunction-sections -fdata-sections)
  add_link_options(-Wl,--gc-sections)
endif()
if(EDDA_SANITIZE)
  add_compile_options(-fsanitize=${EDDA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${EDDA_SANITIZE})
endif()
if(EDDA_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()
