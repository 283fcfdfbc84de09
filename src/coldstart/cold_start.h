// What a package costs at a cold start, phase by phase, with ranges: a model, not a measurement (docs/decisions/0010).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rules/rules.h"

namespace lambdapack {

struct ColdStartInput {
  std::uint64_t zip_bytes = 0;  // bytes fetched
  std::uint64_t unpacked_bytes = 0;
  std::uint64_t touched_bytes =
      0;  // bytes of the package that are read while starting: reached ELF segments, scripts in reach
  std::uint64_t libraries = 0;       // bundled shared objects that are loaded
  std::uint64_t relocations = 0;     // dynamic relocations in them, 0 when unknown
  std::uint64_t compiled_bytes = 0;  // Python source that is imported without valid bytecode, 0 when unknown
};

struct Phase {
  std::string
      name;  // "fetch and unpack", "runtime", "load libraries", "read code"; "compile scripts" when there are any
  Range ms;
  std::string source;  // of the coefficients used
};

struct ColdStart {
  std::vector<Phase> phases;
  Range total_ms;
  Range billed_init_ms;       // the part that Lambda bills (INIT, since 2025-08-01): without fetch
  Range dollars_per_million;  // cost of a million cold starts' INIT at memory_mb
  int memory_mb = 512;
};

// The totals add up lows, typicals and highs: the phases' errors have common causes (a cold host, a busy one), so they
// are not treated as independent. Dollars: rules.prices of the runtime's architecture, nothing for the request itself.
// memory_mb counts 1024 to a GB; it does not change the times, since Init gets full CPU whatever the memory.
ColdStart estimate_cold_start(const ColdStartInput& input, const Runtime& runtime, const Rules& rules, int memory_mb);

}  // namespace lambdapack
