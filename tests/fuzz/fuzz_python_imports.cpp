// Any bytes are scanned in bounded time; what is found lies in the text and looks like names.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>

#include "base/bytes.h"
#include "languages/python_imports.h"

namespace {

bool lies_in(std::string_view part, std::string_view text) {
  const std::less_equal<const char*> before;
  return before(text.data(), part.data()) && before(part.data() + part.size(), text.data() + text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lambdapack;
  const std::string_view text = as_text(Bytes(data, size));
  const PythonSource source = scan_python(text);
  for (const auto* imports : {&source.imports, &source.in_strings}) {
    for (const PythonImport& import : *imports) {
      if (import.module.empty() && (import.level == 0 || import.names.empty())) std::abort();
      if (import.level > size || import.module.starts_with('.') || import.module.ends_with('.')) std::abort();
    }
  }
  for (const PythonCall& call : source.calls)
    if (!lies_in(call.function, text) || (call.name && !lies_in(*call.name, text))) std::abort();
  for (const std::string_view word : source.words)
    if (word.empty() || !lies_in(word, text)) std::abort();
  // A statement of its own after a complete file is always found.
  std::string longer(text);
  longer += "\nimport found_at_the_end\n";
  if (source.complete && !text.ends_with('\\') && !text.ends_with("\\\r")) {
    const PythonSource again = scan_python(longer);
    if (again.imports.empty() || again.imports.back().module != "found_at_the_end") std::abort();
  }
  return 0;
}
