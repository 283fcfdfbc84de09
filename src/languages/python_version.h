// Versions and version specifiers of Python packages, as far as deciding "is this one older" and "may this one be used"
// needs.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace lambdapack {

// PEP 440 without epochs and local parts ("1!2.0" does not parse, "2.0+cu12" is read as "2.0").
struct PythonVersion {
  std::vector<std::uint64_t> release;  // trailing zeros removed: 1.0 equals 1
  int phase = 0;                       // -4 dev, -3 a, -2 b, -1 rc, 0 final, 1 post
  std::uint64_t phase_number = 0;

  auto operator<=>(const PythonVersion&) const = default;
};

std::optional<PythonVersion> parse_python_version(std::string_view text);

// Whether `version` meets ">=1.2,<2", "(==1.40.*)", "~=1.4". Nothing when the specifier is not understood (a URL,
// "===").
std::optional<bool> meets(const PythonVersion& version, std::string_view specifier);

}  // namespace lambdapack
