// The versions that a file needs, record by record, for what changes or compares them: read strictly, where
// dynamic_symbols.h reads what there is.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "elf/dynamic_table.h"

namespace lambdapack {

struct NeededVersion {  // Vernaux
  std::uint32_t hash = 0;
  std::uint16_t flags = 0, index = 0;
  std::string_view name;  // into the file
  bool operator==(const NeededVersion&) const = default;
};

struct VersionRecord {                            // Verneed
  std::uint64_t offset = 0, versions_offset = 0;  // in the file: its own, and that of the first of `versions`
  std::uint32_t library_offset = 0;               // in the dynamic strings
  std::string_view library;                       // into the file
  std::vector<NeededVersion> versions;
};

// In the order of the file; none when it needs no versions. The error says what is unsound: a count that is not the
// chain's length, records that overlap or lie outside, names that are not there.
std::expected<std::vector<VersionRecord>, std::string> read_version_records(const ElfLayout& layout,
                                                                            const DynamicTable& dynamic);

// DT_STRTAB cut at DT_STRSZ; empty when there is none.
ElfReader dynamic_strings(const ElfLayout& layout, const DynamicTable& dynamic);

}  // namespace lambdapack
