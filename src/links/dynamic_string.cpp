// How glibc expands dynamic string tokens (elf/dl-load.c, is_dst and _dl_dst_substitute): a name without braces must
// end where an identifier ends, so "$LIBRARY" and "$ORIGIN_2" are no tokens, while "$ORIGIN-libs" and "${LIB}x" hold
// one.
#include "links/dynamic_string.h"

#include <utility>

namespace lambdapack {
namespace {

bool continues_name(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// The length of the token `name` at the start of rest (which follows a "$"), 0 when it is another.
std::size_t token_length(std::string_view rest, std::string_view name) {
  const bool braces = rest.starts_with('{');
  if (braces) rest.remove_prefix(1);
  if (!rest.starts_with(name)) return 0;
  const char next = name.size() < rest.size() ? rest[name.size()] : '\0';
  if (braces) return next == '}' ? name.size() + 2 : 0;
  return continues_name(next) ? 0 : name.size();
}

}  // namespace

std::string expand_tokens(std::string_view text, const StringTokens& tokens) {
  const std::pair<std::string_view, std::string_view> known[] = {
      {"ORIGIN", tokens.origin}, {"PLATFORM", tokens.platform}, {"LIB", tokens.lib}};
  std::string result;
  while (!text.empty()) {
    const std::size_t dollar = text.find('$');
    result += text.substr(0, dollar);
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar + 1);
    bool replaced = false;
    for (const auto& [name, value] : known)
      if (const std::size_t length = token_length(text, name); length != 0) {
        result += value;
        text.remove_prefix(length);
        replaced = true;
        break;
      }
    if (!replaced) result += '$';
  }
  return result;
}

}  // namespace lambdapack
