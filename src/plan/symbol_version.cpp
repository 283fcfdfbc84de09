// Symbol versions against lists and ceilings; see symbol_version.h.
#include "plan/symbol_version.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>

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

// "GLIBC_2.34" is {"GLIBC", "2.34"}, "BLKID_2_31" is {"BLKID", "2_31"}; the number is empty when there is none.
struct NumberedName {
  std::string_view prefix, number;
};

NumberedName split_name(std::string_view version) {
  const auto is_number = [](char c) { return c == '.' || c == '_' || std::isdigit(static_cast<unsigned char>(c)); };
  std::size_t start = version.size();
  while (start > 0 && is_number(version[start - 1])) --start;
  while (start < version.size() && version[start] == '_') ++start;
  std::string_view prefix = version.substr(0, start);
  while (prefix.ends_with('_')) prefix.remove_suffix(1);
  return {prefix, version.substr(start)};
}

// The newest of the names with the prefix; empty when none has it.
std::string newest_with_prefix(const std::vector<std::string>& names, std::string_view prefix) {
  std::string_view newest, number;
  for (const std::string& name : names) {
    const NumberedName split = split_name(name);
    if (split.prefix != prefix || split.number.empty()) continue;
    if (newest.empty() || compare_versions(split.number, number) > 0) newest = name, number = split.number;
  }
  return std::string(newest);
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

VersionVerdict judge_version(std::string_view version, std::string_view provider, const Runtime& runtime) {
  const auto known = runtime.versions.find(std::string(provider));
  if (known == runtime.versions.end()) return judge_version(version, runtime.ceilings);
  const LibraryVersions& library = known->second;
  if (library.names.empty()) return {VersionState::untagged, {}};
  const NumberedName split = split_name(version);
  VersionVerdict verdict{VersionState::present, newest_with_prefix(library.names, split.prefix)};
  if (std::ranges::binary_search(library.newer, version)) {
    std::vector<std::string> first;
    std::ranges::set_difference(library.names, library.newer, std::back_inserter(first));
    return {VersionState::above_floor, newest_with_prefix(first, split.prefix)};
  }
  if (std::ranges::binary_search(library.names, version)) return verdict;
  const bool above = !library.release.empty() && !verdict.ceiling.empty() && !split.number.empty() &&
                     compare_versions(split.number, library.release) > 0;
  verdict.state = library.exact || above ? VersionState::too_new : VersionState::unlisted;
  return verdict;
}

}  // namespace lambdapack
