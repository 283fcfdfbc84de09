// A package as a folder: the same as the zip would be, and never half of it.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "package/read_package.h"
#include "package/temporary_folder.h"
#include "package/write_package.h"

namespace lambdapack {
namespace {

namespace fs = std::filesystem;

PackageFile make(std::string path, std::string_view text, std::uint32_t mode = 0644,
                 FileKind kind = FileKind::regular) {
  PackageFile file;
  file.path = std::move(path);
  file.mode = mode;
  file.kind = kind;
  if (kind == FileKind::symlink) file.link_target = text;
  if (kind == FileKind::regular) file.content = Content::from_text(text);
  return file;
}

Package sample() {
  Package package;
  package.files = {make("a/b/c", "deep", 0600), make("bootstrap", "run"), make("e", "", 0700, FileKind::directory),
                   make("l", "a/b/c", 0777, FileKind::symlink)};
  return package;
}

}  // namespace

TEST_CASE("write_folder writes files, links and empty folders with their modes and one date") {
  const test::TemporaryFolder folder;
  REQUIRE(write_folder(sample(), folder / "out/", false).has_value());
  CHECK(folder.entries() == 1);
  const Package again = read_package(folder / "out", {}).value();
  REQUIRE(again.files.size() == 4);
  CHECK(again.find("a/b/c")->mode == 0644);
  CHECK(again.find("bootstrap")->mode == 0755);
  CHECK(again.find("e")->kind == FileKind::directory);
  CHECK(again.find("l")->link_target == "a/b/c");
  CHECK(test::read_text(folder / "out/a/b/c") == "deep");
  for (const PackageFile& file : again.files) CHECK(file.mtime == 315532800);
  struct stat status{};
  REQUIRE(::stat((folder / "out/a").c_str(), &status) == 0);
  CHECK(status.st_mtime == 315532800);
  CHECK((status.st_mode & 07777) == 0755);
}

TEST_CASE("an empty folder is filled, a full one only with replace, and then nothing old is left") {
  const test::TemporaryFolder folder;
  fs::create_directory(folder / "out");
  REQUIRE(write_folder(sample(), folder / "out", false).has_value());
  folder.write("out/mine", "precious");
  CHECK_FALSE(write_folder(sample(), folder / "out", false).has_value());
  CHECK(test::read_text(folder / "out/mine") == "precious");
  REQUIRE(write_folder(sample(), folder / "out", true).has_value());
  CHECK_FALSE(fs::exists(folder / "out/mine"));
  CHECK(test::read_text(folder / "out/bootstrap") == "run");
  CHECK(folder.entries() == 1);
}

TEST_CASE("when a file cannot be read the old folder stays as it was, and nothing is left beside it") {
  const test::TemporaryFolder folder;
  folder.write("out/mine", "precious");
  Package package = sample();
  package.files[1].content = Content::from_file(folder / "gone", 3);
  CHECK_FALSE(write_folder(package, folder / "out", true).has_value());
  CHECK(test::read_text(folder / "out/mine") == "precious");
  CHECK(folder.entries() == 1);
}

TEST_CASE("write_folder never replaces a file, the current folder, or the root") {
  const test::TemporaryFolder folder;
  folder.write("file", "x");
  CHECK_FALSE(write_folder(sample(), folder / "file", true).has_value());
  CHECK_FALSE(write_folder(sample(), ".", true).has_value());
  CHECK_FALSE(write_folder(sample(), "/", true).has_value());
}

}  // namespace lambdapack
