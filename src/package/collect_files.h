// The one gate between the outside and a Package: every file of every kind of input passes the same checks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "package/read_package.h"

namespace lambdapack {

// How members are called in messages: "app.zip: lib/x.so".
std::string member_name(std::string_view source, std::string_view member);

// A member's name as it stands in an archive → its path in the package ("./a//b/" is "a/b"; "" is the root itself).
// Errors: absolute, "..", empty, NUL.
Result<std::string> member_path(std::string_view source, std::string_view name);

class FileCollector {
 public:
  FileCollector(std::string source, const ReadOptions& options) : source_(std::move(source)), options_(options) {}

  const std::string& source() const { return source_; }

  // Counts one more file and its bytes against the limits, before anything is allocated for it.
  Result<void> count(std::uint64_t bytes);

  // Bytes that may still come.
  std::uint64_t bytes_left() const { return options_.max_unpacked - bytes_; }

  // Whether the file's bytes are to be kept.
  bool wants(const std::string& path) const { return !options_.wanted || options_.wanted(path); }

  // file.path comes from member_path, or from a folder listing.
  void add(PackageFile file) { files_.push_back(std::move(file)); }
  void add(Finding finding) { findings_.push_back(std::move(finding)); }

  // Sorted, checked against each other, without folders that hold something, with the findings about single files.
  Result<Package> finish(InputKind kind) &&;

 private:
  Result<void> drop_repeated_folders();
  Result<void> check_parents() const;
  void drop_full_folders();
  void find_oddities(InputKind kind);

  std::string source_;
  ReadOptions options_;
  std::uint64_t bytes_ = 0, count_ = 0;
  std::vector<PackageFile> files_;
  std::vector<Finding> findings_;
};

}  // namespace lambdapack
