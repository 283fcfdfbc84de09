// What a distribution's RECORD proves about the bytecode beside its sources.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "languages/language_view.h"
#include "package/package.h"

namespace lambdapack {

class InstalledBytecode {
 public:
  // Errors: RECORD cannot be read.
  static Result<InstalledBytecode> read(const Package& package, const Distribution& distribution);

  // Whether bytecode that holds `mtime` was compiled by the installer from a source with these bytes.
  bool compiled_from(std::size_t bytecode, std::uint32_t mtime, std::size_t source, Bytes source_bytes) const;

 private:
  std::set<std::size_t> bytecode_;             // files that RECORD names
  std::map<std::size_t, std::string> sha256_;  // of sources; URL-safe base64 without padding
  std::optional<std::uint32_t> installed_;     // when its sources were written, as most of its bytecode says
};

}  // namespace lambdapack
