# FindLibTorch: one imported target, LibTorch::LibTorch, from any of
#   - a pip wheel unpacked by tools/setup (.deps/libtorch/torch),
#   - the official zip, or a distribution's package.
# LibTorch_ROOT names another place: the folder that holds include/ and lib/ (or the one above it).
#
# The wheel's own TorchConfig.cmake is not used: it demands a CUDA toolkit even to link the CPU
# library. Only libtorch_cpu and libc10 are linked; the CUDA backend is opened at run time
# (worker/trainer/device.cc), so one binary serves both.

set(_libtorch_hints ${LibTorch_ROOT} $ENV{LibTorch_ROOT} ${PROJECT_SOURCE_DIR}/.deps/libtorch)

find_path(LibTorch_INCLUDE_DIR ATen/core/Tensor.h
  HINTS ${_libtorch_hints} PATH_SUFFIXES include torch/include)
find_library(LibTorch_CPU_LIBRARY torch_cpu
  HINTS ${_libtorch_hints} PATH_SUFFIXES lib torch/lib)
find_library(LibTorch_C10_LIBRARY c10
  HINTS ${_libtorch_hints} PATH_SUFFIXES lib torch/lib)

if(LibTorch_INCLUDE_DIR AND EXISTS ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include/torch/version.h)
  file(STRINGS ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include/torch/version.h _libtorch_version
    REGEX "define TORCH_VERSION \"")
  string(REGEX REPLACE ".*\"([^\"]*)\".*" "\\1" LibTorch_VERSION "${_libtorch_version}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "Run tools/setup, or set LibTorch_ROOT, or configure the no-torch preset.")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    ${LibTorch_INCLUDE_DIR} ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include)
  target_link_libraries(LibTorch::LibTorch INTERFACE ${LibTorch_CPU_LIBRARY} ${LibTorch_C10_LIBRARY})
endif()
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY)
