# Everything that comes from outside, in one place. `tools/setup` installs it.

find_package(Threads REQUIRED)
find_package(absl REQUIRED)
find_package(Protobuf CONFIG QUIET)
if(NOT Protobuf_FOUND)
  find_package(Protobuf REQUIRED)
endif()
find_package(gRPC CONFIG REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(SQLite3 3.37 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(LibArchive REQUIRED)

# Runs the chart library where no browser is.
find_path(DUKTAPE_INCLUDE_DIR duktape.h REQUIRED)
find_library(DUKTAPE_LIBRARY duktape REQUIRED)
add_library(Duktape::Duktape INTERFACE IMPORTED)
target_include_directories(Duktape::Duktape SYSTEM INTERFACE ${DUKTAPE_INCLUDE_DIR})
target_link_libraries(Duktape::Duktape INTERFACE ${DUKTAPE_LIBRARY})

find_package(PkgConfig REQUIRED)
pkg_check_modules(CPP_HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
# Its CMake package asks for a web server and curl, which the core does not use.
pkg_check_modules(PROMETHEUS_CORE REQUIRED IMPORTED_TARGET prometheus-cpp-core)
find_package(GTest REQUIRED)
include(GoogleTest)

if(FIRSTGUESS_WITH_TORCH)
  find_package(LibTorch REQUIRED)
endif()

if(FIRSTGUESS_WITH_PARQUET STREQUAL "AUTO")
  find_package(Arrow QUIET)
  set(FIRSTGUESS_WITH_PARQUET ${Arrow_FOUND})
elseif(FIRSTGUESS_WITH_PARQUET)
  find_package(Arrow REQUIRED)
endif()
