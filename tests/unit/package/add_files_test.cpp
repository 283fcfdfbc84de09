#include "package/add_files.h"

#include <doctest/doctest.h>

#include <fstream>

#include "package/temporary_folder.h"

using namespace lambdapack;
using test::TemporaryFolder;

namespace {

Package one_file() {
  Package package;
  PackageFile file;
  file.path = "bootstrap";
  file.content = Content::from_text("x");
  package.files.push_back(file);
  return package;
}

std::vector<std::string> paths(const Package& package) {
  std::vector<std::string> result;
  for (const PackageFile& file : package.files) result.push_back(file.path);
  return result;
}

}  // namespace

TEST_CASE("add_files: a folder brings its contents, a file its bytes, a trailing slash keeps the name") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(std::filesystem::path(folder.path()) / "data/deep");
  std::ofstream(std::filesystem::path(folder.path()) / "data/deep/a") << "1";
  std::ofstream(std::filesystem::path(folder.path()) / "b") << "2";
  const std::string root = folder.path();
  const auto package =
      add_files(one_file(), {{root + "/data", "share"}, {root + "/b", "lib/"}, {root + "/b", "c/d"}}, {});
  REQUIRE(package);
  CHECK(paths(*package) == std::vector<std::string>{"bootstrap", "c/d", "lib/b", "share/deep/a"});
}

TEST_CASE("add_files: nothing leaves the package, replaces a file of it, or lies below one") {
  const TemporaryFolder folder;
  std::ofstream(std::filesystem::path(folder.path()) / "b") << "2";
  const std::string source = (std::filesystem::path(folder.path()) / "b").string();
  for (const char* destination : {"/etc/b", "../b", "a/../../b", "bootstrap", "bootstrap/b"})
    CHECK_FALSE(add_files(one_file(), {{source, destination}}, {}));
  CHECK_FALSE(add_files(one_file(), {{source + ".gone", "b"}}, {}));
  CHECK(add_files(one_file(), {{source, "b"}}, {}));
}
