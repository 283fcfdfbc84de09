// Looking for names in the text of files; see evidence.h.
#include "plan/evidence.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/parallel.h"
#include "languages/package_paths.h"

namespace lambdapack {
namespace {

constexpr std::uint32_t kPtLoad = 1;

constexpr std::array kScriptEndings = {
    ".py",   ".pyc", ".pth", ".js",      ".mjs",        ".cjs",     ".ts",    ".sh",   ".bash", ".rb",
    ".pl",   ".pm",  ".php", ".lua",     ".tcl",        ".class",   ".jar",   ".dll",  ".exe",  ".node",
    ".conf", ".cnf", ".cfg", ".ini",     ".properties", ".toml",    ".yaml",  ".yml",  ".json", ".xml",
    ".env",  ".jl",  ".r",   ".so.conf", ".module",     ".modules", ".cache", ".types"};

bool is_installer_record(std::string_view path) {
  const std::string_view name = base_name(path);
  if (name == "package-lock.json" || name == ".package-lock.json" || name == "npm-shrinkwrap.json") return true;
  return path.find(".dist-info/") != std::string_view::npos || path.find(".egg-info/") != std::string_view::npos;
}

// Only mapped bytes: ranges of PT_LOAD in the file, cut to what is there.
std::vector<std::size_t> search_elf(const StringSet& set, const ElfInfo& elf, Bytes bytes) {
  std::set<std::size_t> found;
  for (const ElfSegment& segment : elf.segments) {
    if (segment.type != kPtLoad || segment.offset >= bytes.size()) continue;
    const std::size_t size = std::min<std::uint64_t>(segment.file_size, bytes.size() - segment.offset);
    for (const std::size_t needle : set.find_in(bytes.subspan(segment.offset, size))) found.insert(needle);
  }
  return {found.begin(), found.end()};
}

}  // namespace

bool is_script(const Package& package, const Inventory& inventory, std::size_t file) {
  const PackageFile& entry = package.files[file];
  if (entry.kind != FileKind::regular) return false;
  const FileRecord& record = inventory.files[file];
  if (record.type == FileType::elf) return false;
  if (record.type == FileType::script || record.type == FileType::pe) return true;
  if (is_installer_record(entry.path)) return false;
  const std::string_view name = base_name(entry.path);
  if (name.find('.') == std::string_view::npos) return name == "bootstrap";
  return std::ranges::any_of(kScriptEndings, [&](std::string_view ending) { return name.ends_with(ending); });
}

Result<std::vector<std::size_t>> names_in(const Package& package, const Inventory& inventory, std::size_t file,
                                          const StringSet& set) {
  const FileRecord& record = inventory.files[file];
  if (record.type != FileType::elf && !is_script(package, inventory, file)) return std::vector<std::size_t>{};
  const Content& content = package.files[file].content;
  thread_local std::vector<std::uint8_t> buffer;
  LP_TRY(const Bytes bytes, content.read_once(buffer));
  auto found = record.elf ? search_elf(set, *record.elf, bytes) : set.find_in(bytes, record.type == FileType::pe);
  content.release();
  return found;
}

Result<std::vector<Mention>> find_mentions(const Package& package, const Inventory& inventory,
                                           const std::vector<std::size_t>& files,
                                           const std::vector<std::string>& needles, unsigned threads) {
  if (needles.empty() || files.empty()) return std::vector<Mention>{};
  const StringSet set(needles);
  std::vector<Result<std::vector<std::size_t>>> found(files.size());
  parallel_for(files.size(), threads, [&](std::size_t i) { found[i] = names_in(package, inventory, files[i], set); });
  std::vector<Mention> mentions;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!found[i]) return std::unexpected(std::move(found[i]).error());
    for (const std::size_t needle : *found[i]) mentions.push_back({needle, files[i]});
  }
  std::ranges::sort(mentions, {}, [](const Mention& m) { return std::pair(m.needle, m.file); });
  return mentions;
}

std::vector<std::string> library_needles(std::string_view path) {
  const std::string_view name = base_name(path);
  std::vector<std::string> needles{std::string(name)};
  std::string_view stem = name.substr(0, name.find(".so"));
  if (stem.starts_with("lib")) stem.remove_prefix(3);
  // auditwheel appends a hash to the names of the libraries it bundles: "libgfortran-8a9d7f1c.so.5".
  if (const std::size_t dash = stem.rfind('-'); dash != std::string_view::npos && stem.size() - dash == 9)
    stem = stem.substr(0, dash);
  if (stem.size() >= 3 && stem != name) needles.emplace_back(stem);
  return needles;
}

}  // namespace lambdapack
