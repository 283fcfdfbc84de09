// What does a function's code offer as its handler? The name is in the function's configuration, not in the package, so
// this is a guess that only explains: nothing is dropped because of it.

#include "languages/find_handlers.h"

#include <algorithm>
#include <functional>

#include "languages/package_paths.h"

namespace lambdapack {

namespace {

// Larger files at the top of a function are bundles with data in them; reading them would cost more than the guess is
// worth.
constexpr std::uint64_t kSourceBytes = 16 << 20;

bool is_word(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u >= '0' && u <= '9') || (u >= 'A' && u <= 'Z') || (u >= 'a' && u <= 'z') || u == '_' || u == '$' ||
         u >= 0x80;
}

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

// Takes `word` off the front when it is there as a whole word, and the blanks after it.
bool take_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word) || (text.size() > word.size() && is_word(text[word.size()]))) return false;
  text.remove_prefix(word.size());
  skip_blanks(text);
  return true;
}

// "def handler(", "async def handler(", "handler =", "handler: Callable =" at the start of a line.
bool line_defines(std::string_view line, std::string_view name) {
  if (take_word(line, "async") && !line.starts_with("def")) return false;
  if (take_word(line, "def")) return take_word(line, name) && line.starts_with('(');
  if (!take_word(line, name)) return false;
  return line.starts_with(':') || (line.starts_with('=') && !line.starts_with("=="));
}

struct Language {
  std::vector<std::string_view> suffixes;
  std::function<std::vector<std::string>(std::string_view source)> names;  // of the handlers in it
};

Result<std::vector<std::string>> find_handlers(const Package& package, const Language& language) {
  std::vector<std::string> handlers;
  for (const PackageFile& file : package.files) {
    if (file.kind != FileKind::regular || file.path.contains('/') || file.size() > kSourceBytes) continue;
    const auto suffix = std::ranges::find_if(language.suffixes, [&](auto s) { return file.path.ends_with(s); });
    if (suffix == language.suffixes.end()) continue;
    LP_TRY(const Bytes bytes, file.content.read());
    const std::string module = file.path.substr(0, file.path.size() - suffix->size());
    for (const std::string& name : language.names(as_text(bytes))) handlers.push_back(module + "." + name);
  }
  std::ranges::sort(handlers);
  handlers.erase(std::ranges::unique(handlers).begin(), handlers.end());
  return handlers;
}

std::vector<std::string> handlers_by_line(std::string_view source) {
  std::vector<std::string> names;
  for (const char* name : {"lambda_handler", "handler"})
    if (defines_in_python(source, name)) names.emplace_back(name);
  return names;
}

}  // namespace

bool defines_in_python(std::string_view source, std::string_view name) {
  for (std::size_t at = source.find(name); at != std::string_view::npos; at = source.find(name, at + 1)) {
    const std::size_t newline = source.rfind('\n', at);
    const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
    // A definition's line is short before the name; this also keeps minified one-line files from being read over and
    // over.
    if (at - begin > 64) continue;
    if (line_defines(source.substr(begin, std::min<std::size_t>(source.size() - begin, 256)), name)) return true;
  }
  return false;
}

bool exports_handler(std::string_view source) {
  for (const std::string_view sign :
       {"exports.handler", "export const handler", "export let handler", "export var handler",
        "export function handler", "export async function handler", "exports[\"handler\"]", "exports['handler']",
        " as handler", "handler: () =>", "handler:()=>"}) {
    for (std::size_t at = source.find(sign); at != std::string_view::npos; at = source.find(sign, at + 1)) {
      const std::size_t end = at + sign.size();
      if (end == source.size() || !is_word(source[end]) || !is_word(sign.back())) return true;
    }
  }
  // module.exports = { handler } and export { handler }
  for (const std::string_view sign : {"module.exports", "export"}) {
    for (std::size_t at = source.find(sign); at != std::string_view::npos; at = source.find(sign, at + 1)) {
      std::string_view rest = source.substr(at + sign.size(), 512);
      rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n="), rest.size()));
      if (!rest.starts_with('{')) continue;
      rest = rest.substr(1, rest.find('}'));
      for (std::size_t name = rest.find("handler"); name != std::string_view::npos;
           name = rest.find("handler", name + 1))
        if ((name == 0 || !is_word(rest[name - 1])) && (name + 7 >= rest.size() || !is_word(rest[name + 7])))
          return true;
    }
  }
  return false;
}

Result<std::vector<std::string>> find_python_handlers(const Package& package) {
  return find_handlers(package, {{".py"}, handlers_by_line});
}

Result<std::vector<std::string>> find_node_handlers(const Package& package) {
  return find_handlers(package, {{".js", ".mjs", ".cjs"}, [](std::string_view source) {
                                   return exports_handler(source) ? std::vector<std::string>{"handler"}
                                                                  : std::vector<std::string>{};
                                 }});
}

Result<std::vector<std::string>> find_ruby_handlers(const Package& package) {
  return find_handlers(package, {{".rb"}, handlers_by_line});
}

}  // namespace lambdapack
