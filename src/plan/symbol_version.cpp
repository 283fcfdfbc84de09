// Symbol versions against ceilings; see symbol_version.h.
#include "plan/symbol_version.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace lambdapack {
namespace {

// The glibc release that first defines a version whose name is not a number (glibc's NEWS and Versions files).
std::string_view release_of_named_version(std::string_view version) {
  if (version == "GLIBC_ABI_DT_RELR") return "2.36";
  if (version == "GLIBC_ABI_DT_X86_64_PLT") return "2.42";
  if (version == "GLIBC_ABI_GNU_TLS" || version == "GLIBC_ABI_GNU2_TLS") return "2.42";
  return {};
}

bool is_number_list(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c == '.' || std::isdigit(static_cast<unsigned char>(c)); });
}

unsigned long take_number(std::string_view& text) {
  unsigned long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  (void)error;  // no digits: 0
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty()) text.remove_prefix(1);
  return number;
}

}  // namespace

int compare_versions(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    const unsigned long x = take_number(a);
    const unsigned long y = take_number(b);
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

VersionVerdict judge_version(std::string_view version, const std::vector<Ceiling>& ceilings) {
  std::string_view prefix, number = release_of_named_version(version);
  if (!number.empty()) {
    prefix = "GLIBC";
  } else {
    const std::size_t underscore = version.find('_');
    if (underscore == std::string_view::npos) return {};
    prefix = version.substr(0, underscore);
    number = version.substr(underscore + 1);
    if (!is_number_list(number)) return {};
  }
  for (const Ceiling& ceiling : ceilings) {
    if (ceiling.prefix != prefix) continue;
    const std::string name = ceiling.prefix + "_" + ceiling.now;
    if (compare_versions(number, ceiling.now) > 0) return {VersionState::too_new, name};
    if (compare_versions(number, ceiling.floor) > 0)
      return {VersionState::above_floor, ceiling.prefix + "_" + ceiling.floor};
    return {VersionState::present, name};
  }
  return {};
}

}  // namespace lambdapack
