// What does the dynamic section ask of the loader?
//
// It is found as ld.so finds it: through PT_DYNAMIC's address and the PT_LOADs, never through sections, which may be
// absent or wrong. The tags are those of gABI "Dynamic Section" and glibc's elf.h.
#include "elf/read_dynamic.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "elf/dynamic_symbols.h"
#include "elf/elf_format.h"

namespace lambdapack {

using namespace elf_format;

namespace {

// PATH_MAX bounds what can be opened; an RPATH is a list of such paths (Nix and Spack write several KB).
constexpr std::uint64_t kLongestName = 4096, kLongestPathList = 1 << 18;
constexpr std::size_t kMostNames = 4096;

struct DynamicSection {
  std::vector<std::uint64_t> needed, filters, auxiliaries;
  std::optional<std::uint64_t> soname, rpath, runpath, string_size;
  SymbolTables tables;
  StartupTables startup;  // without the symbols
  std::uint64_t flags = 0, flags_1 = 0;
  bool terminated = false, too_many = false, has_init = false, has_relr = false, bind_now = false;
};

void add_name(DynamicSection& dynamic, std::vector<std::uint64_t>& names, std::uint64_t offset) {
  if (names.size() < kMostNames)
    names.push_back(offset);
  else
    dynamic.too_many = true;
}

void add_entry(DynamicSection& dynamic, std::uint64_t tag, std::uint64_t value) {
  SymbolTables& tables = dynamic.tables;
  switch (tag) {
    case kDtNeeded: add_name(dynamic, dynamic.needed, value); break;
    case kDtFilter: add_name(dynamic, dynamic.filters, value); break;
    case kDtAuxiliary: add_name(dynamic, dynamic.auxiliaries, value); break;
    case kDtSoname: dynamic.soname = value; break;
    case kDtRpath: dynamic.rpath = value; break;
    case kDtRunpath: dynamic.runpath = value; break;
    case kDtStrtab: tables.strtab = value; break;
    case kDtStrsz: dynamic.string_size = value; break;
    case kDtSymtab: tables.symtab = value; break;
    case kDtSyment: tables.symbol_size = value; break;
    case kDtHash: tables.hash = value; break;
    case kDtGnuHash: tables.gnu_hash = value; break;
    case kDtVersym: tables.versym = value; break;
    case kDtVerneed: tables.verneed = value; break;
    case kDtVerneednum: tables.verneed_count = value; break;
    case kDtVerdef: tables.verdef = value; break;
    case kDtVerdefnum: tables.verdef_count = value; break;
    case kDtFlags: dynamic.flags = value; break;
    case kDtFlags1: dynamic.flags_1 = value; break;
    case kDtBindNow: dynamic.bind_now = true; break;
    case kDtRelr: dynamic.has_relr = true; break;
    case kDtInit: dynamic.has_init = true, dynamic.startup.init = value; break;
    case kDtInitArray: dynamic.has_init = true, dynamic.startup.init_array = value; break;
    case kDtInitArraysz: dynamic.startup.init_array_size = value; break;
    case kDtFini:
    case kDtFiniArray: dynamic.has_init = true; break;
    case kDtRela: dynamic.startup.rela = value; break;
    case kDtRelasz: dynamic.startup.rela_size = value; break;
    case kDtJmprel: dynamic.startup.plt_rela = value; break;
    case kDtPltrelsz: dynamic.startup.plt_rela_size = value; break;
    default: break;
  }
}

DynamicSection read_entries(const ElfReader& reader) {
  DynamicSection dynamic;
  const std::uint64_t word = reader.word_size();
  for (std::uint64_t offset = 0; offset + 2 * word <= reader.size(); offset += 2 * word) {
    // 32-bit tags are sign-extended by the specification; none of ours is negative.
    const std::uint64_t tag = reader.word(offset);
    if (tag == kDtNull) {
      dynamic.terminated = true;
      break;
    }
    add_entry(dynamic, tag, reader.word(offset + word));
  }
  return dynamic;
}

// Strings of DT_STRTAB, with a problem for each that is not there.
class DynamicStrings {
 public:
  DynamicStrings(ElfReader strings, std::vector<ElfProblem>& problems) : strings_(strings), problems_(problems) {}

  std::string get(std::uint64_t offset, std::uint64_t longest, std::string_view what) {
    if (const auto text = strings_.text(offset, longest)) return std::string(*text);
    add_problem(problems_, "elf-bad-dynamic",
                fmt::format("has a {} at {}, outside its {} bytes of dynamic strings", what, offset, strings_.size()),
                true);
    return {};
  }

  std::vector<std::string> get_all(const std::vector<std::uint64_t>& offsets, std::string_view what) {
    std::vector<std::string> names;
    for (std::uint64_t offset : offsets)
      if (std::string name = get(offset, kLongestName, what); !name.empty()) names.push_back(std::move(name));
    return names;
  }

  // "a::b" is a, the current folder, b; an empty list has no folder at all (ld.so skips it).
  std::vector<std::string> get_path(std::optional<std::uint64_t> offset, std::string_view what) {
    std::vector<std::string> folders;
    if (!offset) return folders;
    const std::string list = get(*offset, kLongestPathList, what);
    if (list.empty()) return folders;
    for (std::size_t start = 0; start <= list.size();) {
      const std::size_t end = std::min(list.find(':', start), list.size());
      folders.push_back(list.substr(start, end - start));
      start = end + 1;
    }
    return folders;
  }

 private:
  ElfReader strings_;
  std::vector<ElfProblem>& problems_;
};

// The bytes of the dynamic section; empty, with the reason in info.problems, when there is none to read.
ElfReader find_dynamic(const ElfLayout& layout, ElfInfo& info) {
  const ElfSegment* dynamic = nullptr;
  for (const ElfSegment& segment : layout.segments)
    if (segment.type == kPtDynamic) dynamic = &segment;  // ld.so lets the last one win
  const ElfReader none = layout.reader.part(layout.reader.size(), 0);
  if (dynamic == nullptr || dynamic->file_size == 0) {
    // ld.so: "object file has no dynamic section". A program without one is simply static.
    if (info.type == ElfType::shared && info.interpreter.empty() && !layout.segments.empty())
      add_problem(info.problems, "elf-no-dynamic", "is a shared object without a dynamic section", true);
    return none;
  }
  info.has_dynamic = true;
  ElfReader bytes = at_address(layout, dynamic->address);
  if (bytes.size() == 0) {
    add_problem(info.problems, "elf-bad-dynamic",
                fmt::format("has its dynamic section at address {:#x}, which no PT_LOAD holds", dynamic->address),
                true);
    return none;
  }
  return bytes.part(0, dynamic->file_size);
}

// DT_STRTAB's bytes, cut at DT_STRSZ.
ElfReader find_strings(const ElfLayout& layout, const DynamicSection& dynamic, ElfInfo& info) {
  const ElfReader none = layout.reader.part(layout.reader.size(), 0);
  if (!dynamic.tables.strtab) {
    add_problem(info.problems, "elf-bad-dynamic", "has a dynamic section without DT_STRTAB", true);
    return none;
  }
  ElfReader strings = at_address(layout, *dynamic.tables.strtab);
  if (strings.size() == 0) {
    add_problem(info.problems, "elf-bad-dynamic",
                fmt::format("has its dynamic strings at address {:#x}, which no PT_LOAD holds", *dynamic.tables.strtab),
                true);
    return none;
  }
  if (dynamic.string_size && *dynamic.string_size > strings.size())
    add_problem(info.problems, "elf-bad-dynamic",
                fmt::format("has {} bytes of dynamic strings where {} fit", *dynamic.string_size, strings.size()),
                false);
  return strings.part(0, dynamic.string_size.value_or(strings.size()));
}

}  // namespace

void read_dynamic(const ElfLayout& layout, ElfInfo& info) {
  const ElfReader bytes = find_dynamic(layout, info);
  if (bytes.size() == 0) return;
  DynamicSection dynamic = read_entries(bytes);
  if (!dynamic.terminated)
    add_problem(info.problems, "elf-bad-dynamic", "has a dynamic section without DT_NULL at its end", false);
  if (dynamic.too_many)
    add_problem(info.problems, "elf-bad-dynamic", fmt::format("names more than {} libraries", kMostNames), false);
  info.has_init = dynamic.has_init;
  info.has_dt_relr = dynamic.has_relr;
  info.bind_now = dynamic.bind_now || (dynamic.flags & kDfBindNow) != 0 || (dynamic.flags_1 & kDf1Now) != 0;
  info.nodeflib = (dynamic.flags_1 & kDf1Nodeflib) != 0;
  // Linkers before binutils 2.26 set no DF_1_PIE; an interpreter without a soname tells the same (libc.so.6 has both).
  info.pie = info.type == ElfType::shared &&
             ((dynamic.flags_1 & kDf1Pie) != 0 || (!info.interpreter.empty() && !dynamic.soname));

  dynamic.tables.strings = find_strings(layout, dynamic, info);
  if (dynamic.tables.strings.size() == 0) return;
  DynamicStrings strings(dynamic.tables.strings, info.problems);
  info.needed = strings.get_all(dynamic.needed, "needed library");
  info.filters = strings.get_all(dynamic.filters, "filter");
  info.auxiliaries = strings.get_all(dynamic.auxiliaries, "auxiliary filter");
  if (dynamic.soname) info.soname = strings.get(*dynamic.soname, kLongestName, "soname");
  info.rpath = strings.get_path(dynamic.rpath, "rpath");
  info.runpath = strings.get_path(dynamic.runpath, "runpath");
  info.has_runpath = dynamic.runpath.has_value();
  read_dynamic_symbols(layout, dynamic.tables, info);
}

StartupTables startup_tables(const ElfLayout& layout) {
  ElfInfo info;
  info.type = ElfType::executable;
  const ElfReader bytes = find_dynamic(layout, info);
  if (bytes.size() == 0) return {};
  const DynamicSection dynamic = read_entries(bytes);
  StartupTables tables = dynamic.startup;
  tables.symbols = dynamic.tables;
  tables.symbols.strings = find_strings(layout, dynamic, info);
  return tables;
}

}  // namespace lambdapack
