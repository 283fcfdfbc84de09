// Everything added goes through the same gate as what is read (collect_files.h); see add_files.h.
#include "package/add_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>

#include "package/collect_files.h"
#include "package/read_folder.h"

namespace lambdapack {
namespace {

Result<std::string> real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  if (real == nullptr)
    return fail("--add " + printable(path), "cannot be read: " + std::generic_category().message(errno),
                "name a file or folder of this machine: --add SRC:DEST");
  return std::string(real.get());
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

Result<std::vector<PackageFile>> read_added(const AddedFiles& added, const ReadOptions& options) {
  LP_TRY(const std::string destination,
         added.destination.empty() ? Result<std::string>("") : member_path("--add", added.destination));
  LP_TRY(const std::string source, real_path(added.source));
  struct stat status{};
  if (::stat(source.c_str(), &status) != 0)
    return fail("--add " + printable(source), "cannot be read: " + std::generic_category().message(errno));
  if (S_ISDIR(status.st_mode)) {
    FileCollector collector(source, options);
    LP_CHECK(read_folder(source, options, collector));
    LP_TRY(Package folder, std::move(collector).finish(InputKind::folder));
    for (PackageFile& file : folder.files) file.path = joined(destination, file.path);
    return std::move(folder.files);
  }
  if (!S_ISREG(status.st_mode))
    return fail("--add " + printable(source), "is a FIFO, socket or device", "name a file or folder");
  // The name that the user wrote, not that of the file a link leads to: libfoo.so.1, not libfoo.so.1.2.3.
  std::string path = destination;
  if (destination.empty() || added.destination.ends_with('/'))
    path = joined(destination, added.source.substr(added.source.rfind('/') + 1));
  PackageFile file;
  file.path = std::move(path);
  file.mode = status.st_mode & 07777;
  file.mtime = status.st_mtime;
  file.content = Content::from_file(source, static_cast<std::uint64_t>(status.st_size));
  return std::vector<PackageFile>{std::move(file)};
}

}  // namespace

Result<Package> with_files(Package package, std::vector<PackageFile> files, const ReadOptions& options) {
  FileCollector collector(package.source, options);
  for (PackageFile& file : files) {
    LP_CHECK(collector.count(file.size()));
    collector.add(std::move(file));
  }
  LP_TRY(Package result, std::move(collector).finish(package.kind));
  result.source_bytes = package.source_bytes;
  result.source_sha256 = std::move(package.source_sha256);
  result.findings.insert(result.findings.end(), package.findings.begin(), package.findings.end());
  sort_findings(result.findings);
  const auto repeated = std::ranges::unique(result.findings);
  result.findings.erase(repeated.begin(), repeated.end());
  return result;
}

Result<Package> add_files(Package package, const std::vector<AddedFiles>& added, const ReadOptions& options) {
  if (added.empty()) return package;
  std::vector<PackageFile> files = package.files;
  for (const AddedFiles& each : added) {
    LP_TRY(std::vector<PackageFile> more, read_added(each, options));
    std::ranges::move(more, std::back_inserter(files));
  }
  return with_files(std::move(package), std::move(files), options);
}

}  // namespace lambdapack
