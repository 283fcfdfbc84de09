// Paths and links inside a package, as the kernel follows them.
#include "package/package.h"

#include <doctest/doctest.h>

namespace lambdapack {
namespace {

PackageFile make(std::string path, FileKind kind = FileKind::regular, std::string target = {}) {
  PackageFile file;
  file.path = std::move(path);
  file.kind = kind;
  file.link_target = std::move(target);
  if (kind == FileKind::regular) file.content = Content::from_text("12345");
  return file;
}

Package sample() {
  Package package;
  package.files = {make("a"),
                   make("lib/libx.so", FileKind::symlink, "libx.so.1"),
                   make("lib/libx.so.1"),
                   make("lib64", FileKind::symlink, "./lib"),
                   make("loop1", FileKind::symlink, "loop2"),
                   make("loop2", FileKind::symlink, "loop1"),
                   make("out", FileKind::symlink, "/opt/x"),
                   make("sub/up", FileKind::symlink, "../lib64/libx.so")};
  return package;
}

std::string resolved(const Package& package, std::string_view path) {
  const auto index = resolve_path(package, path);
  return index ? package.files[*index].path : "nothing";
}

}  // namespace

TEST_CASE("find gives the file with exactly this path, and total_size counts regular files only") {
  const Package package = sample();
  CHECK(package.find("lib/libx.so.1") == &package.files[2]);
  CHECK(package.find("lib") == nullptr);
  CHECK(package.find("zzz") == nullptr);
  CHECK(package.total_size() == 10);
}

TEST_CASE("normalise_path drops dots and doubled slashes, and gives nothing above the root") {
  CHECK(normalise_path("./a//b/../c/") == "a/c");
  CHECK(normalise_path("") == "");
  CHECK(normalise_path("a/..") == "");
  CHECK_FALSE(normalise_path("a/../..").has_value());
}

TEST_CASE("link_destination is relative to the link's folder, and nothing outside the package") {
  CHECK(link_destination("lib/libx.so", "libx.so.1") == "lib/libx.so.1");
  CHECK(link_destination("a/b/c", "../../d") == "d");
  CHECK_FALSE(link_destination("a/b", "../../etc").has_value());
  CHECK_FALSE(link_destination("a", "/etc/passwd").has_value());
  CHECK_FALSE(link_destination("a", "").has_value());
}

TEST_CASE("resolve_path follows links of files and of folders on the way, and ends at loops") {
  const Package package = sample();
  CHECK(resolved(package, "a") == "a");
  CHECK(resolved(package, "lib64/libx.so") == "lib/libx.so.1");
  CHECK(resolved(package, "sub/up") == "lib/libx.so.1");
  CHECK(resolved(package, "sub/../a") == "a");
  CHECK(resolved(package, "lib") == "nothing");
  CHECK(resolved(package, "a/b") == "nothing");
  CHECK(resolved(package, "loop1") == "nothing");
  CHECK(resolved(package, "out") == "nothing");
  CHECK(resolved(package, "../a") == "nothing");
  CHECK(resolved(package, "/a") == "nothing");
}

}  // namespace lambdapack
