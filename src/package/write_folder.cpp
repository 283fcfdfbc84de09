// A package as a folder for tools that make the zip themselves (SAM, CDK, Terraform). Written beside its place and
// swapped in, so that nobody ever sees half of it.
//
// A folder that holds something is replaced only on demand: a mark in it by which an own earlier output could be known
// would be deployed with it, and what somebody put there since would be lost.

#include "package/pending_file.h"
#include "package/pending_folder.h"
#include "package/write_package.h"

namespace lambdapack {
namespace {

Result<void> fill(PendingFolder& folder, const Package& package) {
  for (const PackageFile& file : package.files) {
    if (file.kind == FileKind::directory) {
      LP_CHECK(folder.add_folder(file.path));
    } else if (file.kind == FileKind::symlink) {
      LP_CHECK(folder.add_link(file.path, file.link_target));
    } else {
      LP_TRY(const Bytes bytes, file.content.read());
      LP_CHECK(folder.add_file(file.path, bytes, output_mode(file)));
    }
  }
  return folder.finish();
}

}  // namespace

Result<void> write_folder(const Package& package, const std::string& path, bool replace, const BeforeVisible& before) {
  LP_TRY(const FolderPlace place, folder_place(path, replace, "leave the \"/\" away to write a zip, or name a folder"));
  LP_TRY(PendingFolder pending, PendingFolder::create(place.target));
  LP_CHECK(fill(pending, package));
  if (before) LP_CHECK(before());
  return pending.put_into_place(place);
}

}  // namespace lambdapack
