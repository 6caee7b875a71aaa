# FindArrow: one imported target, Arrow::Parquet, from the wheel of pyarrow that `tools/setup --parquet`
# unpacks (.deps/arrow/pyarrow). Arrow_ROOT names another place: the folder of its include/ and libraries.
#
# A wheel's libraries have their version in their names and no development link; a distribution's
# package has its own CMake files and is not looked for.

set(_arrow_hints ${Arrow_ROOT} $ENV{Arrow_ROOT} ${PROJECT_SOURCE_DIR}/.deps/arrow)

find_path(Arrow_INCLUDE_DIR parquet/arrow/writer.h
  HINTS ${_arrow_hints} PATH_SUFFIXES include pyarrow/include NO_DEFAULT_PATH)
if(Arrow_INCLUDE_DIR)
  foreach(_library arrow parquet)
    file(GLOB _found ${Arrow_INCLUDE_DIR}/../lib${_library}.so.*)
    list(SORT _found)
    list(POP_FRONT _found _first)
    set(Arrow_${_library}_LIBRARY ${_first} CACHE FILEPATH "Arrow's library ${_library}")
  endforeach()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Arrow
  REQUIRED_VARS Arrow_parquet_LIBRARY Arrow_arrow_LIBRARY Arrow_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Run tools/setup --parquet, or set Arrow_ROOT.")

if(Arrow_FOUND AND NOT TARGET Arrow::Parquet)
  add_library(Arrow::Parquet INTERFACE IMPORTED)
  target_include_directories(Arrow::Parquet SYSTEM INTERFACE ${Arrow_INCLUDE_DIR})
  target_link_libraries(Arrow::Parquet INTERFACE ${Arrow_parquet_LIBRARY} ${Arrow_arrow_LIBRARY})
endif()
mark_as_advanced(Arrow_INCLUDE_DIR Arrow_arrow_LIBRARY Arrow_parquet_LIBRARY)
