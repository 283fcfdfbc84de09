// Any text is read as JavaScript in bounded time; what is found lies inside the text, in its order.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "languages/js_imports.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lambdapack;
  const std::string_view text = as_text(Bytes(data, size));
  const JsModule module = read_js_module(text);
  std::size_t before = 0;
  for (const JsImport& one : module.imports) {
    if (one.at < before || one.at >= size || (!one.literal && !one.specifier.empty())) std::abort();
    before = one.at;
  }
  for (const auto& list : {module.strings, module.heads})
    for (const std::string_view string : list)
      if (string.empty() || string.data() <= text.data() || string.data() + string.size() > text.data() + size)
        std::abort();
  return 0;
}
