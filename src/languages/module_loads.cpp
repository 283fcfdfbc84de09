// Words are searched in the text first, and only where one stands the text is looked at again without its comments and
// strings. What reads files beside the source counts as well (glob, listdir): it may find modules there.
#include "languages/module_loads.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/find_strings.h"
#include "languages/python_tokens.h"

namespace lambdapack {
namespace {

using namespace python;

// A module that is not there is not found by these, or one that is, without an import.
constexpr std::array kWays = {"iter_modules",
                              "walk_packages",
                              "spec_from_file_location",
                              "spec_from_loader",
                              "module_from_spec",
                              "exec_module",
                              "SourceFileLoader",
                              "SourcelessFileLoader",
                              "ExtensionFileLoader",
                              "FileFinder",
                              "find_module",
                              "load_module",
                              "load_source",
                              "load_dynamic",
                              "resolve_name",
                              "run_module",
                              "run_path",
                              "zipimporter",
                              "attach_stub",
                              "execfile",
                              "resource_listdir"};

// What looks into folders is a matter of modules when the folder is the source's own.
constexpr std::array kListings = {"listdir", "scandir", "iterdir", "glob", "iglob", "rglob", "walk", "contents"};
constexpr std::array kOwnFolders = {"__file__", "__path__", "resources"};

// Of the text of a file.
constexpr std::array kExecutions = {"exec(compile(", "exec(open("};

constexpr std::array kImporters = {"import_module", "__import__"};

bool stands_alone(std::string_view text, std::size_t at, std::size_t size) {
  return (at == 0 || !is_name_byte(text[at - 1])) && (at + size == text.size() || !is_name_byte(text[at + size]));
}

bool has_word(std::string_view code, std::string_view word) {
  for (std::size_t at = code.find(word); at != std::string_view::npos; at = code.find(word, at + 1)) {
    if (!stands_alone(code, at, word.size())) continue;
    // ast.walk() is about trees, os.walk() about folders.
    if (word != "walk" || code.substr(0, at).ends_with("os.")) return true;
  }
  return false;
}

// import_module as something that is passed on, "load = import_module" or "import import_module as load"; not what an
// import statement says alone.
bool is_passed_on(std::string_view code, std::string_view importer) {
  for (std::size_t at = code.find(importer); at != std::string_view::npos; at = code.find(importer, at + 1)) {
    if (!stands_alone(code, at, importer.size())) continue;
    const std::size_t next = skip_blanks(code, at + importer.size());
    if (next < code.size() && code[next] == '(') continue;
    const std::size_t end = code.find_last_of("\r\n", at);
    const std::string_view first = name_at(code, skip_blanks(code, end == std::string_view::npos ? 0 : end + 1));
    if (first == "from" || first == "import" ? name_at(code, next) == "as" : true) return true;
  }
  return false;
}

const StringSet& searched() {
  static const StringSet kSet = [] {
    std::vector<std::string> words(kWays.begin(), kWays.end());
    words.insert(words.end(), kImporters.begin(), kImporters.end());
    words.insert(words.end(), kExecutions.begin(), kExecutions.end());
    words.insert(words.end(), kOwnFolders.begin(), kOwnFolders.end());  // longer than what they go with: found faster
    return StringSet(std::move(words));
  }();
  return kSet;
}

// os.path.dirname(os.path.dirname(__file__)), Path(__file__).parent.parent
bool leaves_own_folder(std::string_view code) {
  return std::ranges::any_of(std::initializer_list<const char*>{"dirname(dirname(", "dirname(os.path.dirname(",
                                                                "parent.parent", "parents[", "pardir"},
                             [&](const char* way) { return code.contains(way); });
}

}  // namespace

std::vector<ComputedLoad> computed_loads(std::string_view text, const PythonSource& source) {
  std::vector<ComputedLoad> loads;
  for (const PythonCall& call : source.calls)
    if (!call.name && std::ranges::find(kImporters, call.function) != kImporters.end())
      loads.push_back({fmt::format("{} with a computed name", call.function), std::string(call.within)});
  for (const PythonImport& import : source.imports)
    if (import.level == 0 && import.module == "pydoc") loads.push_back({"pydoc", {}});
  const auto found = searched().find_in(as_bytes(text));
  if (found.empty()) return loads;
  const std::string code = python_code(text);
  for (const std::size_t word : found) {
    const std::size_t importer = word - kWays.size(), execution = importer - kImporters.size();
    if (word < kWays.size()) {
      if (has_word(code, kWays.at(word))) loads.push_back({kWays.at(word), {}});
    } else if (importer < kImporters.size()) {
      if (is_passed_on(code, kImporters.at(importer)))
        loads.push_back({fmt::format("{} without a call", kImporters.at(importer)), {}});
    } else if (execution < kExecutions.size()) {
      if (code.contains(kExecutions.at(execution))) loads.push_back({"exec", {}});
    } else if (has_word(code, kOwnFolders.at(execution - kExecutions.size()))) {
      for (const char* listing : kListings)
        if (has_word(code, listing)) loads.push_back({listing, leaves_own_folder(code) ? "" : "."});
    }
  }
  return loads;
}

}  // namespace lambdapack
