# cmake -DFILES="a.js;b.js" -DOUTPUT=page.js -P join.cmake
# Scripts get one strict function around all of them: nothing leaks into the page's global scope.
set(joined "")
foreach(file IN LISTS FILES)
  file(READ "${file}" content)
  string(APPEND joined "\n${content}")
endforeach()
if(OUTPUT MATCHES "\\.js$")
  set(joined "(() => {\n\"use strict\";\n${joined}})();\n")
endif()
file(WRITE "${OUTPUT}" "${joined}")
