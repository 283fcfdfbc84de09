// Which modules does a JavaScript file ask for? Every import, require and string constant that may be a module's name.
//
// A lexer, no parser: imports are told from text in strings, comments, templates and regular expressions, and nothing
// else of the language has to be understood, so files of any dialect, age and size are read in one pass (decision
// 0040).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lambdapack {

enum class JsImportKind {
  import,         // import "x", import a from "x"
  reexport,       // export * from "x", export {a} from "x"
  dynamic,        // import("x"), import.source("x"), import.defer("x")
  meta,           // import.meta
  require,        // require("x")
  resolve,        // require.resolve("x")
  other_require,  // module.require("x"), __require("x"), a function made by createRequire
};

struct JsImport {
  JsImportKind kind = JsImportKind::import;
  bool literal = false;   // false: the name is computed, and `specifier` empty. Only of import(), require, resolve
  std::string specifier;  // escapes resolved
  std::size_t at = 0;     // offset of the first word
  // Whenever the module is loaded, this is: an import or export, or a require at the top of the module in no function,
  // branch, loop or try. False also where that cannot be told.
  bool always = false;
};

struct JsModule {
  std::vector<JsImport> imports;  // in the order of the text
  // String constants that consist of characters of module specifiers alone: "pg", "@scope/name/file.js", "text/plain".
  // In the order of the text; views of it.
  std::vector<std::string_view> strings;
  std::vector<std::string_view> heads;  // the same of what stands in a template before the first ${
  // False: the text is no JavaScript from some place on, and what comes after it is not known.
  bool whole = true;
};

// Time and memory are linear in the text, whatever it is.
JsModule read_js_module(std::string_view text);

}  // namespace lambdapack
