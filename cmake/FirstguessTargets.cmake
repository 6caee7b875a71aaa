# firstguess_library(NAME SOURCES ... DEPS ...): one library of ours, warnings as errors.
function(firstguess_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE firstguess_options)
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
endfunction()

# firstguess_binary(NAME SOURCES ... DEPS ...): one program of ours, in build/<preset>/bin.
function(firstguess_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} firstguess_options)
  # A main.cc reads the command line, which takes long to compile and no time to run.
  if("main.cc" IN_LIST ARG_SOURCES AND CMAKE_BUILD_TYPE STREQUAL "Release")
    set_source_files_properties(main.cc PROPERTIES COMPILE_OPTIONS -O1 SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# firstguess_test(NAME SOURCES ... DEPS ... [LABELS ...] [WHOLE] [TIMEOUT seconds]
#                 [ENVIRONMENT ...]): a GoogleTest program. Each TEST becomes a ctest test; with
# WHOLE the program is one ctest test (for programs that are slow to start). The folder mirrors
# the source tree. Labels: unit (no I/O), store, cluster, fault, torch, slow; without one, system.
function(firstguess_test name)
  cmake_parse_arguments(ARG "WHOLE" "TIMEOUT" "SOURCES;DEPS;LABELS;ENVIRONMENT" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS system)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main firstguess_options)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  if(CMAKE_UNITY_BUILD)
    target_precompile_headers(${name} REUSE_FROM firstguess_test_headers)
  endif()
  if(ARG_WHOLE)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
      ENVIRONMENT "${FIRSTGUESS_TEST_ENVIRONMENT};${ARG_ENVIRONMENT}")
  else()
    gtest_discover_tests(${name} TEST_PREFIX "${name}:" DISCOVERY_TIMEOUT 60
      PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
      ENVIRONMENT "${FIRSTGUESS_TEST_ENVIRONMENT};${ARG_ENVIRONMENT}")
  endif()
endfunction()

set(FIRSTGUESS_TEST_ENVIRONMENT
  OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive OPENBLAS_NUM_THREADS=1)
if(FIRSTGUESS_SANITIZE MATCHES "thread")
  list(APPEND FIRSTGUESS_TEST_ENVIRONMENT
    "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/cmake/tsan.supp:halt_on_error=1")
endif()
if(FIRSTGUESS_SANITIZE MATCHES "address")
  list(APPEND FIRSTGUESS_TEST_ENVIRONMENT
    "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/cmake/lsan.supp:print_suppressions=0")
endif()
