// A cold start as a sum of phases, each a product of something countable in the package and a coefficient of
// rules/coldstart.toml. Ranges all the way: no public number separates the phases well enough for points.
#include "coldstart/cold_start.h"

#include <string_view>

namespace lambdapack {

namespace {

constexpr double kMib = 1024.0 * 1024.0;
constexpr double kMbPerGb = 1024.0;  // as Lambda's memory sizes count
constexpr double kMsPerSecond = 1000.0;

Range operator+(const Range& a, const Range& b) {
  return {a.low + b.low, a.typical + b.typical, a.high + b.high};
}

Range operator*(const Range& range, double factor) {
  return {range.low * factor, range.typical * factor, range.high * factor};
}

// A phase that grows with each term: amount times coefficient. Every source is named once.
class PhaseSum {
 public:
  PhaseSum(std::string name, const Rules& rules) : phase_{std::move(name), {}, {}}, rules_(rules) {}

  PhaseSum& add(double amount, std::string_view coefficient) {
    const Coefficient* found = rules_.coefficient(coefficient);
    if (!found) return *this;
    phase_.ms = phase_.ms + found->value * amount;
    if (amount > 0 && phase_.source.find(found->source) == std::string::npos)
      phase_.source += (phase_.source.empty() ? "" : "; ") + found->source;
    return *this;
  }

  Phase phase() const { return phase_; }

 private:
  Phase phase_;
  const Rules& rules_;
};

std::vector<Phase> phases_of(const ColdStartInput& input, const Runtime& runtime, const Rules& rules) {
  const auto mib = [](std::uint64_t bytes) { return static_cast<double>(bytes) / kMib; };
  std::vector<Phase> phases;
  phases.push_back(PhaseSum("fetch and unpack", rules)
                       .add(1, "fetch-fixed")
                       .add(mib(input.zip_bytes), "fetch-per-zip-mib")
                       .add(mib(input.unpacked_bytes), "unpack-per-mib")
                       .phase());
  phases.push_back({"runtime", runtime.init_ms, runtime.init_source});
  phases.push_back(PhaseSum("load libraries", rules)
                       .add(static_cast<double>(input.libraries), "load-per-library")
                       .add(static_cast<double>(input.relocations) / 1000, "load-per-1000-relocations")
                       .phase());
  phases.push_back(PhaseSum("read code", rules).add(mib(input.touched_bytes), "read-per-mib").phase());
  if (input.compiled_bytes > 0)
    phases.push_back(
        PhaseSum("compile scripts", rules).add(mib(input.compiled_bytes), "compile-per-python-mib").phase());
  return phases;
}

}  // namespace

ColdStart estimate_cold_start(const ColdStartInput& input, const Runtime& runtime, const Rules& rules, int memory_mb) {
  ColdStart start;
  start.memory_mb = memory_mb;
  start.phases = phases_of(input, runtime, rules);
  for (std::size_t i = 0; i < start.phases.size(); ++i) {
    start.total_ms = start.total_ms + start.phases[i].ms;
    if (i > 0) start.billed_init_ms = start.billed_init_ms + start.phases[i].ms;  // all but fetching and unpacking
  }
  const auto price = rules.prices.find(std::string(to_string(runtime.arch)));
  if (price != rules.prices.end()) {
    const double gb = memory_mb / kMbPerGb;
    start.dollars_per_million = start.billed_init_ms * (gb * price->second.gb_second * 1e6 / kMsPerSecond);
  }
  return start;
}

}  // namespace lambdapack
