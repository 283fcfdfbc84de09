// See json_text.h. Control characters need no care: the JSON writer escapes them.
#include "report/json_text.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace lambdapack {

std::string json_text(std::string_view text) {
  return is_utf8(text) ? std::string(text) : printable(text);
}

std::string json_hex(std::string_view text) {
  return is_utf8(text) ? "" : to_hex(as_bytes(text));
}

}  // namespace lambdapack
