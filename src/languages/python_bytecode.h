// One .pyc file: whose bytecode it is by its name, and how its header says that it fits its source (PEP 552, PEP 3147,
// PEP 488).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "rules/rules.h"

namespace lambdapack {

struct PycName {
  std::string source;        // path of the .py that it was made from, "pkg/x.py"
  bool cached = true;        // in __pycache__; else beside the source, where Python looks only when that is missing
  std::string version;       // cached: "3.11" of "cpython-311"; empty when another implementation made it
  std::string optimisation;  // cached: "" or "1", "2", … of ".opt-1"
};

// Nothing for what is no .pyc, or in __pycache__ under a name that Python never looks for.
std::optional<PycName> parse_pyc_path(std::string_view path);

inline constexpr std::size_t kPycHeaderSize = 16;

struct PycHeader {
  std::uint32_t magic = 0;
  bool known_flags = true;                        // else Python refuses the file
  bool hash_based = false, check_source = false;  // check_source: Python compares the hash with the source's
  std::uint32_t mtime = 0, size = 0;              // of the source, modulo 2^32; when not hash_based
  SipHash hash{};                                 // of the source; when hash_based
};

// Nothing when there are too few bytes.
std::optional<PycHeader> parse_pyc_header(Bytes start);

// What importlib.util.source_hash of that Python gives for a source.
SipHash python_source_hash(const PythonBytecode& python, Bytes source);

// The header of a hash-based .pyc. checked: Python hashes the source at each start and compiles it again when the hash
// differs; else it does not look at the source at all.
std::array<std::uint8_t, kPycHeaderSize> hash_header(const PythonBytecode& python, const SipHash& hash, bool checked);

// The optimisation level as it stands in names of .pyc files, from PYTHONOPTIMIZE: "", "1", "2", …
std::string python_optimisation(const std::map<std::string, std::string>& environment);

}  // namespace lambdapack
