# How our own code is compiled. `firstguess_options` is linked by every target of ours (never by
# generated code), so that warnings are errors in what we wrote and nowhere else.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# A tenth quicker to compile than CMake's -O3; the trainer asks for that itself.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without this it does not trust precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE_PROGRAM})
endif()

# The default linker takes five times as long, and there are some eighty programs to link.
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

add_library(firstguess_options INTERFACE)
target_include_directories(firstguess_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_options(firstguess_options INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(firstguess_options INTERFACE -Wthread-safety)
else()
  # GCC 12 takes "text" + std::to_string(n) for an overlapping copy (its bug 105651).
  target_compile_options(firstguess_options INTERFACE -Wno-restrict)
endif()

# Floating point must not depend on which compiler fused what: trajectories are compared bit by bit.
add_compile_options(-ffp-contract=off)

if(FIRSTGUESS_SANITIZE)
  # Quick to compile, assertions on; stack traces name functions. For lines too, -DCMAKE_CXX_FLAGS=-g1:
  # a quarter more time. The thread sanitizer's tests are long.
  if(FIRSTGUESS_SANITIZE STREQUAL "thread")
    set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1")
  else()
    set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O0")
  endif()
  add_compile_options(-fsanitize=${FIRSTGUESS_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FIRSTGUESS_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC's flow analysis does not see through what the sanitizers insert.
    target_compile_options(firstguess_options INTERFACE -Wno-maybe-uninitialized)
  endif()
  if(FIRSTGUESS_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
      add_compile_options(-fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/cmake/undefined_ignored.txt)
    endif()
  endif()
endif()

# ccache needs it with GCC's precompiled headers.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fpch-preprocess)
endif()

if(FIRSTGUESS_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
