#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

// FIRSTGUESS_EMBED(name, "path"): the assembler copies the file into the read-only data;
// FIRSTGUESS_EMBEDDED(name) is its text, static. A file is named by CMake, which must list it in
// OBJECT_DEPENDS. For one source file; names are told apart by the program's whole code.
#define FIRSTGUESS_EMBED(symbol, file)     \
  __asm__(".pushsection .rodata\n" #symbol \
          "_begin:\n"                      \
          ".incbin \"" file "\"\n" #symbol \
          "_end:\n"                        \
          ".byte 0\n.popsection\n");       \
  extern "C" const char symbol##_begin[];  \
  extern "C" const char symbol##_end[]

#define FIRSTGUESS_EMBEDDED(symbol) \
  absl::string_view(symbol##_begin, static_cast<size_t>(symbol##_end - symbol##_begin))
