// Only the first argument counts; it is read as far as it is plain text. See python_calls.h.
#include "languages/python_calls.h"

#include <algorithm>
#include <array>

#include "languages/python_tokens.h"

namespace lambdapack::python {
namespace {

constexpr std::array<std::string_view, 5> kCalls = {"import_module", "__import__", "client", "resource",
                                                    "create_client"};

// import_module(f"pkg.{x}"), ("pkg.%s" % x), (f"{__name__}.x"), ("." + x, __package__)
std::string_view computed_within(std::string_view text, std::size_t at) {
  at = skip_blanks(text, at, true);
  const std::string_view arguments = text.substr(at, std::min(text.find_first_of(")\n\r", at), text.size()) - at);
  const bool own =
      arguments.contains("__name__") || arguments.contains("__package__") || arguments.contains("__spec__.parent");
  std::size_t first = 0;
  while (first < arguments.size() && std::string_view("frFR").contains(arguments[first])) ++first;
  if (first >= arguments.size() || (arguments[first] != '"' && arguments[first] != '\''))
    return arguments.starts_with("__name__ + \".") || arguments.starts_with("__name__ + '.") ? "." : "";
  std::string_view name = arguments.substr(first + 1);
  if (name.starts_with('.') || name.starts_with("{__name__}.") || name.starts_with("{__package__}.") ||
      name.starts_with("{__spec__.parent}."))
    return own ? "." : "";
  std::size_t end = 0;
  while (end < name.size() && (is_name_byte(name[end]) || name[end] == '.')) ++end;
  return name.substr(0, name.substr(0, end).rfind('.') + 1);
}

// A plain string that is the whole argument.
std::optional<std::string_view> first_argument(std::string_view text, std::size_t at) {
  at = skip_blanks(text, at, true);
  const std::string_view keyword = name_at(text, at);
  if (keyword == "name" || keyword == "service_name") {
    at = skip_blanks(text, at + keyword.size(), true);
    if (at >= text.size() || text[at] != '=') return std::nullopt;
    at = skip_blanks(text, at + 1, true);
  }
  while (at < text.size() && std::string_view("rRuU").contains(text[at])) ++at;
  if (at >= text.size() || (text[at] != '"' && text[at] != '\'')) return std::nullopt;
  const StringPrefix prefix = string_prefix_before(text, at);
  if (prefix.bytes || prefix.formatted) return std::nullopt;
  const bool triple = is_triple(text, at);
  const std::size_t first = at + (triple ? 3 : 1);
  const StringEnd string = find_string_end(text, first, text[at], triple);
  const std::string_view body = text.substr(first, string.end - first - (triple ? 3 : 1));
  if (!string.closed || body.contains('\\')) return std::nullopt;
  const std::size_t after = skip_blanks(text, string.end, true);
  if (after < text.size() && (text[after] == ',' || text[after] == ')')) return body;
  return std::nullopt;
}

}  // namespace

std::optional<PythonCall> call_at(std::string_view text, std::size_t bracket) {
  const std::size_t end = before_blanks(text, bracket);
  if (end == 0 || (text[end - 1] != 'e' && text[end - 1] != 't' && text[end - 1] != '_')) return std::nullopt;
  const std::string_view function = name_before(text, end);
  if (std::ranges::find(kCalls, function) == kCalls.end()) return std::nullopt;
  const std::size_t before = before_blanks(text, end - function.size());
  const std::string_view keyword = name_before(text, before);
  if (keyword == "def" || keyword == "class") return std::nullopt;
  const std::size_t argument = skip_blanks(text, bracket + 1, true);
  if (argument < text.size() && text[argument] == ')') return std::nullopt;  // all of them take a name
  PythonCall call{function, first_argument(text, bracket + 1), before > 0 && text[before - 1] == '.', {}};
  if (!call.name) call.within = computed_within(text, bracket + 1);
  return call;
}

}  // namespace lambdapack::python
