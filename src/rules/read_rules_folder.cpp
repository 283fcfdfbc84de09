// Reads a folder that a user wrote. Only regular files count (a FIFO would hang the run), and only up to a size that no
// rule file reaches.
#include "rules/read_rules_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace lambdapack {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestFile = 4 << 20;  // bytes; the largest built-in file has 17 KB

Result<std::string> read_text(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return fail(path.string(), fmt::format("cannot be read: {}", error.message()));
  if (size > kLargestFile)
    return fail(path.string(), fmt::format("has {} bytes, and a rule file at most {}", size, kLargestFile));
  std::ifstream stream(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  if (!stream.read(text.data(), static_cast<std::streamsize>(text.size())))
    return fail(path.string(), "cannot be read");
  return text;
}

}  // namespace

Result<std::vector<RulesFolderFile>> read_rules_folder(const std::string& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return fail(folder, "is no folder", "--rules takes a folder with *.toml files, see docs/rules.md");
  std::vector<RulesFolderFile> files;
  fs::recursive_directory_iterator at(folder, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code ignored;
    if (at->path().extension() != ".toml" || !at->is_regular_file(ignored)) continue;
    LP_TRY(std::string text, read_text(at->path()));
    files.push_back({at->path().lexically_relative(folder).generic_string(), at->path().string(), std::move(text)});
  }
  if (error) return fail(folder, fmt::format("cannot be read: {}", error.message()));
  std::ranges::sort(files, {}, &RulesFolderFile::name);
  return files;
}

}  // namespace lambdapack
