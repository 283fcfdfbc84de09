// What lambdapack reads of JavaScript files, for a comparison with what others read: paths on standard input, one line
// of JSON per file on standard output, {"whole": …, "strings": how many, "imports": [[kind, literal, specifier,
// offset], …]}.
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include <nlohmann/json.hpp>

#include "languages/js_imports.h"

namespace {

const char* name_of(lambdapack::JsImportKind kind) {
  using enum lambdapack::JsImportKind;
  switch (kind) {
    case import: return "import";
    case reexport: return "reexport";
    case dynamic: return "dynamic";
    case meta: return "meta";
    case require: return "require";
    case resolve: return "resolve";
    case other_require: return "other_require";
  }
  return "";
}

}  // namespace

int main() {
  std::string path;
  while (std::getline(std::cin, path)) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      std::cerr << path << ": cannot be read\n";
      return 1;
    }
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const lambdapack::JsModule module = lambdapack::read_js_module(text);
    nlohmann::json imports = nlohmann::json::array();
    for (const lambdapack::JsImport& one : module.imports)
      imports.push_back({name_of(one.kind), one.literal, one.specifier, one.at});
    const nlohmann::json line = {
        {"whole", module.whole}, {"strings", module.strings.size()}, {"imports", std::move(imports)}};
    std::cout << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  }
}
