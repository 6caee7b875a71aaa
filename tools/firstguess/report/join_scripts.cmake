# cmake -DFILES="a.js;b.js" -DOUTPUT=report.js -P join_scripts.cmake
# One strict function around all of them: nothing leaks into the page's global scope.
set(joined "(() => {\n\"use strict\";\n")
foreach(file IN LISTS FILES)
  file(READ "${file}" content)
  string(APPEND joined "\n${content}")
endforeach()
string(APPEND joined "})();\n")
file(WRITE "${OUTPUT}" "${joined}")
