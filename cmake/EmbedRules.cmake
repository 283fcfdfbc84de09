# Writes OUTPUT, a C++ file with the text of every FOLDER/**/*.toml, for rules/embedded.h.
file(GLOB_RECURSE tomls RELATIVE "${FOLDER}" "${FOLDER}/*.toml")
list(SORT tomls)
# A list of symbols is longer than the 65,536 characters that compilers must take; those that build this take more.
set(text "#include \"rules/embedded.h\"\n\n#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n\nnamespace lambdapack {\n\nconst std::vector<EmbeddedFile>& embedded_rules() {\n  static const std::vector<EmbeddedFile> files = {\n")
foreach(toml IN LISTS tomls)
  file(READ "${FOLDER}/${toml}" content)
  if(content MATCHES "\\)lp_toml\"")
    message(FATAL_ERROR "${toml}: holds the end mark of the raw string it is embedded in")
  endif()
  string(APPEND text "      {\"${toml}\", R\"lp_toml(${content})lp_toml\"},\n")
endforeach()
string(APPEND text "  };\n  return files;\n}\n\n}  // namespace lambdapack\n")
file(WRITE "${OUTPUT}" "${text}")
