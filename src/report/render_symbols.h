// A crash log with its addresses resolved, as text and as JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "elf/crash_log.h"
#include "elf/symbolize.h"

namespace lambdapack {

struct ResolvedAddress {
  LogAddress address;
  std::string path;                  // in the package; empty when no debug file was found
  std::uint64_t linked_address = 0;  // as linked, when path is known
  std::vector<SourceFrame> frames;   // innermost first; empty when nothing is known
  std::string reason;                // then why
};

// Every line of the log, and below each line with addresses what they are. Lines with control characters are shown as
// they are: it is the user's log.
std::string render_symbols_text(const std::vector<std::string_view>& lines,
                                const std::vector<ResolvedAddress>& addresses);

// {"schema": "lambdapack-symbols/1", "addresses": […]}
std::string render_symbols_json(const std::vector<ResolvedAddress>& addresses);

}  // namespace lambdapack
