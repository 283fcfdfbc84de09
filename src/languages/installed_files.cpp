// Are the files of Python distributions still what the installer wrote? RECORD has the size and SHA-256 of each.
#include "languages/installed_files.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/hash.h"
#include "base/parallel.h"
#include "languages/distributions.h"
#include "languages/package_paths.h"

namespace lambdapack {

namespace {

struct Check {
  std::size_t file = 0;
  std::string sha256;  // as RECORD writes it
};

// The first file with other bytes than were installed; empty when there is none.
Result<std::string> changed_code(const Package& package, const std::vector<Check>& checks, unsigned threads) {
  std::vector<Result<bool>> same(checks.size(), Result<bool>(true));
  parallel_for(checks.size(), threads, [&](std::size_t i) {
    const Content& content = package.files[checks[i].file].content;
    thread_local std::vector<std::uint8_t> buffer;
    const auto bytes = content.read_once(buffer);
    if (!bytes) {
      same[i] = std::unexpected(bytes.error());
      return;
    }
    same[i] = record_sha256(*bytes) == checks[i].sha256;
    content.release();
  });
  for (std::size_t i = 0; i < checks.size(); ++i) {
    LP_TRY(const bool unchanged, same[i]);
    if (!unchanged)
      return fmt::format("{} was changed after it was installed", printable(package.files[checks[i].file].path));
  }
  return std::string();
}

// The first file in the distributions' folders that is none of `own`, theirs.
std::string added_file(const Package& package, const std::vector<Distribution>& all,
                       const std::vector<std::size_t>& which, const std::set<std::size_t>& own) {
  for (const std::size_t i : which) {
    for (const std::string& top : all[i].top_level) {
      const auto [first, last] = files_below(package, join_path(all[i].folder, top));
      for (std::size_t file = first; file < last; ++file) {
        const std::string& path = package.files[file].path;
        if (own.contains(file) || path.ends_with(".pyc")) continue;
        return fmt::format("{} was added to {}", printable(path), versioned(all[i]));
      }
    }
  }
  return {};
}

}  // namespace

std::string versioned(const Distribution& distribution) {
  return printable(distribution.name) + " " + printable(distribution.version);
}

std::string record_sha256(Bytes bytes) {
  std::string digest = to_base64(sha256(bytes));
  std::ranges::replace(digest, '+', '-');
  std::ranges::replace(digest, '/', '_');
  while (digest.ends_with('=')) digest.pop_back();
  return digest;
}

// A patched SDK, or service models that were added to it, are there for a reason. Sizes are compared for all files,
// SHA-256 only for code: the models are 95 % of the bytes.
Result<std::string> why_not_as_installed(const Package& package, const std::vector<Distribution>& all,
                                         const std::vector<std::size_t>& which, unsigned threads) {
  std::vector<Check> checks;
  std::set<std::size_t> own;
  for (const std::size_t i : which) {
    own.insert(all[i].files.begin(), all[i].files.end());
    LP_TRY(const auto record, read_record(package, all[i]));
    if (record.empty())
      return fmt::format("{} has no RECORD, so which files are its own is not known", versioned(all[i]));
    for (const RecordEntry& entry : record) {
      const auto file = recorded_file(package, all[i].folder, entry.path);
      if (!file) continue;
      const PackageFile& in_package = package.files[*file];
      // Scripts in bin/ get the installer's interpreter as their first line, and no one imports them.
      if (in_package.path.ends_with(".pyc") || in_package.path.starts_with("bin/")) continue;
      if (entry.size && in_package.size() != *entry.size)
        return fmt::format("{} was changed after {} was installed", printable(in_package.path), versioned(all[i]));
      if (in_package.path.ends_with(".py") && !entry.sha256.empty()) checks.push_back({*file, entry.sha256});
    }
  }
  if (std::string why = added_file(package, all, which, own); !why.empty()) return why;
  return changed_code(package, checks, threads);
}

}  // namespace lambdapack
