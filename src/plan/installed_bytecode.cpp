// Was a .pyc made from exactly the source that lies beside it, although dates got lost?
//
// That sizes agree proves nothing: "1.42.96" and "1.42.97" are as long as each other. What proves it is the installer's
// own record. pip compiles what it has just written, whether there was bytecode before or not (compile_file with
// force=True), and names each .pyc that came out of it in the RECORD that it writes next, beside the SHA-256 of each
// source. So when RECORD names the .pyc, and the source still has RECORD's hash, the .pyc belongs to these bytes,
// unless somebody put another .pyc in its place since. That one would hold another date: the date in a .pyc is the
// source's, and pip writes all sources of a distribution within seconds, so one that is minutes from the others is not
// believed. The __pycache__ at the top, which all single modules share, proves nothing either: pip --target leaves one
// that is there already as it is, and with it a .pyc of an older version, yet names it in RECORD. Packages' own folders
// it replaces as a whole or not at all. Bytecode that was compiled after the install (uv, compileall) is not in RECORD
// and proves nothing.
#include "plan/installed_bytecode.h"

#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "languages/distributions.h"
#include "languages/installed_files.h"
#include "languages/package_paths.h"
#include "languages/python_bytecode.h"

namespace lambdapack {
namespace {

// Seconds between two sources of one install: torch's 13,000 files take a minute on a slow disk.
constexpr std::uint32_t kInstallTime = 600;

}  // namespace

Result<InstalledBytecode> InstalledBytecode::read(const Package& package, const Distribution& distribution) {
  InstalledBytecode installed;
  std::vector<std::uint32_t> dates;
  LP_TRY(const auto record, read_record(package, distribution));
  for (const RecordEntry& entry : record) {
    const auto file = recorded_file(package, distribution.folder, entry.path);
    if (!file) continue;
    if (!entry.sha256.empty()) {
      installed.sha256_.emplace(*file, entry.sha256);
      continue;
    }
    const std::string& path = package.files[*file].path;
    if (!parse_pyc_path(path) || package.files[*file].kind != FileKind::regular) continue;
    if (parent_folder(parent_folder(path)) == distribution.folder) continue;
    installed.bytecode_.insert(*file);
    LP_TRY(const auto head, package.files[*file].content.head(kPycHeaderSize));
    if (const auto header = parse_pyc_header(head); header && !header->hash_based) dates.push_back(header->mtime);
  }
  if (!dates.empty()) {
    const auto middle = dates.begin() + static_cast<std::ptrdiff_t>(dates.size() / 2);
    std::ranges::nth_element(dates, middle);
    installed.installed_ = *middle;
  }
  return installed;
}

bool InstalledBytecode::compiled_from(std::size_t bytecode, std::uint32_t mtime, std::size_t source,
                                      Bytes source_bytes) const {
  if (!bytecode_.contains(bytecode) || !installed_) return false;
  const std::uint32_t apart = mtime > *installed_ ? mtime - *installed_ : *installed_ - mtime;
  if (apart > kInstallTime) return false;
  const auto recorded = sha256_.find(source);
  return recorded != sha256_.end() && recorded->second == record_sha256(source_bytes);
}

}  // namespace lambdapack
