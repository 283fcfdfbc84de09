// What is searched of each kind of file; see file_texts.h.
//
// An ELF file's debug info is left out, for nothing loads by it. Archives are unpacked member by member, because the
// names that a Java program passes to System.loadLibrary stand in class files that are compressed.
#include "plan/file_texts.h"

#include <algorithm>
#include <array>

#include "elf/elf_format.h"
#include "elf/file_type.h"
#include "languages/node_modules.h"
#include "languages/package_paths.h"
#include "package/deflate.h"
#include "package/zip_directory.h"

namespace lambdapack {
namespace {

constexpr int kDeepest = 4;                          // a zip with a war with jars has three levels
constexpr std::uint64_t kMostUnpacked = 2ULL << 30;  // bytes of one file's members: far above Lambda's limit
constexpr std::uint64_t kLargestMember = 256ULL << 20;

constexpr std::array kScriptEndings = {
    ".py",   ".pyc", ".pth",     ".js",     ".mjs",     ".cjs",   ".ts",    ".jsx",    ".tsx", ".sh",         ".bash",
    ".rb",   ".pl",  ".pm",      ".php",    ".lua",     ".tcl",   ".class", ".jar",    ".dll", ".exe",        ".node",
    ".conf", ".cnf", ".cfg",     ".ini",    ".toml",    ".yaml",  ".yml",   ".json",   ".xml", ".properties", ".env",
    ".jl",   ".r",   ".so.conf", ".module", ".modules", ".cache", ".types", ".la",     ".icd", ".typelib",    ".plugin",
    ".war",  ".ear", ".whl",     ".egg",    ".pyz",     ".pex",   ".zip",   ".groovy", ".clj", ".ex",         ".beam"};

bool has_script_name(std::string_view path) {
  const std::string_view name = base_name(path);
  if (name.find('.') == std::string_view::npos) return name == "bootstrap" || name == "NAMESPACE";
  return std::ranges::any_of(kScriptEndings, [&](std::string_view ending) { return name.ends_with(ending); });
}

// .NET compiled ahead of time and Qt keep their strings as UTF-16.
bool may_hold_utf16(const ElfInfo& elf) {
  const auto is_qt = [](const std::string& name) { return name.starts_with("libQt"); };
  const auto is_managed = [](const ElfSection& section) { return section.name == "__managedcode"; };
  return elf.soname.starts_with("libQt") || std::ranges::any_of(elf.needed, is_qt) ||
         std::ranges::any_of(elf.sections, is_managed);
}

struct Range {
  std::uint64_t start = 0, end = 0;  // offsets
};

// Where the file's instructions are; sorted. Only of x86-64: other compilers load texts from memory.
std::vector<Range> code_of(const ElfInfo& elf) {
  std::vector<Range> code;
  if (elf.machine != kMachineX86_64) return code;
  for (const ElfSection& section : elf.sections)
    if ((section.flags & elf_format::kShfExecinstr) != 0 && section.type == elf_format::kShtProgbits &&
        section.size <= elf.file_size && section.offset <= elf.file_size - section.size)
      code.push_back({section.offset, section.offset + section.size});
  std::ranges::sort(code, {}, &Range::start);
  return code;
}

// Whether texts are apart from code. Not on arm64, where compilers may put constants of 16 bytes between functions; and
// not where managed code may have its own ways.
bool keeps_texts_apart(const ElfInfo& elf) {
  return std::ranges::any_of(elf.sections, [](const ElfSection& section) {
    return (section.flags & elf_format::kShfExecinstr) == 0 && section.name == ".rodata" && section.size > 0;
  });
}

void visit_elf(const ElfInfo& elf, Bytes bytes, const std::function<void(const TextPart&)>& see) {
  const bool wide = may_hold_utf16(elf);
  const std::vector<Range> code = code_of(elf);
  const bool apart = !wide && keeps_texts_apart(elf);
  const bool opener = elf.calls_dlopen && elf.machine == kMachineX86_64;
  const auto see_range = [&](std::uint64_t start, std::uint64_t end, bool is_code) {
    if (start >= end) return;
    see({.bytes = bytes.subspan(start, end - start),
         .offset = start,
         .wide = wide,
         .text = !is_code || !apart,
         .opener = opener,
         .code = is_code,
         .member = {}});
  };
  for (const ElfSegment& segment : elf.segments) {
    if (segment.type != elf_format::kPtLoad || segment.offset >= bytes.size()) continue;
    std::uint64_t at = segment.offset;
    const std::uint64_t end = at + std::min<std::uint64_t>(segment.file_size, bytes.size() - at);
    for (const Range& range : code) {
      const std::uint64_t from = std::clamp(range.start, at, end), to = std::clamp(range.end, from, end);
      if (from == to) continue;
      see_range(at, from, false);
      see_range(from, to, true);
      at = to;
    }
    see_range(at, end, false);
  }
  // An appended payload is what the program reads of its own file: the assemblies of a .NET single file, scripts.
  if (elf.trailing_bytes > 0 && elf.trailing_bytes <= bytes.size())
    see({.bytes = bytes.subspan(bytes.size() - elf.trailing_bytes), .wide = true, .member = {}});
}

class ArchiveVisitor {
 public:
  explicit ArchiveVisitor(const std::function<void(const TextPart&)>& see) : see_(see) {}

  // False when something in it was not read.
  bool visit(std::string_view name, Bytes archive, int depth) {
    if (depth > kDeepest) return false;
    const auto directory = read_zip_directory(name, archive);
    if (!directory) return false;
    bool whole = true;
    for (const ZipMember& member : directory->members) {
      if (member.name.ends_with('/') || member.size == 0 || is_installer_record(member.name)) continue;
      whole = visit_member(archive, member, depth) && whole;
    }
    return whole;
  }

 private:
  bool visit_member(Bytes archive, const ZipMember& member, int depth) {
    const bool wanted = has_script_name(member.name) || has_library_name(member.name) ||
                        base_name(member.name).find('.') == std::string_view::npos;
    if (!wanted) return true;
    if (member.size > kLargestMember || member.size > left_) return false;
    left_ -= member.size;
    const Bytes packed = archive.subspan(member.data_offset, member.packed_size);
    if (member.method == 0) return visit_bytes(member.name, packed, depth);
    if (member.method != 8) return false;
    const Inflated inflated = inflate(packed, member.size);
    return inflated.error == InflateError::none && visit_bytes(member.name, inflated.bytes, depth);
  }

  bool visit_bytes(std::string_view name, Bytes bytes, int depth) {
    const FileType type = file_type(bytes.first(std::min(bytes.size(), kHeadBytes)));
    if (type == FileType::archive) return visit(name, bytes, depth + 1);
    see_({.bytes = bytes, .wide = type == FileType::pe, .member = name});
    return true;
  }

  const std::function<void(const TextPart&)>& see_;
  std::uint64_t left_ = kMostUnpacked;
};

}  // namespace

bool is_installer_record(std::string_view path) {
  return is_lock_file(path) || path.contains(".dist-info/") || path.contains(".egg-info/");
}

bool is_script(const Package& package, const Inventory& inventory, std::size_t file) {
  const PackageFile& entry = package.files[file];
  if (entry.kind != FileKind::regular) return false;
  const FileRecord& record = inventory.files[file];
  if (record.type == FileType::elf) return false;
  if (record.type == FileType::script || record.type == FileType::pe || record.type == FileType::archive) return true;
  return !is_installer_record(entry.path) && has_script_name(entry.path);
}

Result<bool> visit_texts(const Package& package, const Inventory& inventory, std::size_t file,
                         const std::function<void(const TextPart&)>& see) {
  const FileRecord& record = inventory.files[file];
  if (!record.elf && !is_script(package, inventory, file)) return true;
  const Content& content = package.files[file].content;
  thread_local std::vector<std::uint8_t> buffer;
  LP_TRY(const Bytes bytes, content.read_once(buffer));
  bool whole = true;
  if (record.elf)
    visit_elf(*record.elf, bytes, see);
  else if (record.type == FileType::archive)
    whole = ArchiveVisitor(see).visit(package.files[file].path, bytes, 1);
  else
    see({.bytes = bytes, .wide = record.type == FileType::pe, .member = {}});
  content.release();
  return whole;
}

}  // namespace lambdapack
