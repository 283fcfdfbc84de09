// A bundle is there whole or not at all, in both forms.
#include "package/debug_bundle.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "package/read_package.h"
#include "package/temporary_folder.h"

namespace lambdapack {
namespace {

namespace fs = std::filesystem;

Result<DebugBundle> make(const std::string& path, bool replace = false) {
  LP_TRY(DebugBundle bundle, DebugBundle::create(path, replace));
  LP_CHECK(bundle.add("manifest.json", as_bytes("{}")));
  LP_CHECK(bundle.add(".build-id/ab/cdef.debug", as_bytes("debug")));
  LP_CHECK(bundle.finish());
  return bundle;
}

Result<void> write(const std::string& path, bool replace = false) {
  LP_TRY(DebugBundle bundle, make(path, replace));
  LP_CHECK(bundle.put_into_place());
  bundle.keep();
  return {};
}

constexpr auto kBoth = {"out.tar.zst", "out"};

}  // namespace

TEST_CASE("a bundle holds its files, in a folder and in an archive") {
  const test::TemporaryFolder folder;
  REQUIRE(write(folder / "out").has_value());
  CHECK(test::read_text(folder / "out/manifest.json") == "{}");
  CHECK(test::read_text(folder / "out/.build-id/ab/cdef.debug") == "debug");
  REQUIRE(write(folder / "out.tar.zst").has_value());
  CHECK(folder.entries() == 2);
  const auto package = read_package(folder / "out.tar.zst", {});
  REQUIRE(package.has_value());
  REQUIRE(package->files.size() == 2);
  CHECK(package->find("manifest.json") != nullptr);
  CHECK(as_text(*package->find(".build-id/ab/cdef.debug")->content.read()) == "debug");
}

TEST_CASE("the same files give the same archive") {
  const test::TemporaryFolder folder;
  REQUIRE(write(folder / "a.tar.zst").has_value());
  REQUIRE(write(folder / "b.tar.zst").has_value());
  CHECK(test::read_text(folder / "a.tar.zst") == test::read_text(folder / "b.tar.zst"));
}

TEST_CASE("a bundle that is not kept leaves nothing, at every stage") {
  for (const char* name : kBoth) {
    CAPTURE(name);
    const test::TemporaryFolder folder;
    {
      auto bundle = DebugBundle::create(folder / name, false);
    }
    CHECK(folder.entries() == 0);
    {
      auto bundle = make(folder / name);
    }
    CHECK(folder.entries() == 0);
    {
      auto bundle = make(folder / name);
      REQUIRE(bundle->put_into_place().has_value());
      CHECK(fs::exists(folder / name));
    }
    CHECK(folder.entries() == 0);
  }
}

TEST_CASE("a bundle that is not kept gives back what was there before") {
  const test::TemporaryFolder folder;
  folder.write("out.tar.zst", "old archive");
  folder.write("out/old", "old folder");
  for (const char* name : kBoth) {
    CAPTURE(name);
    {
      auto bundle = make(folder / name, true);
      REQUIRE(bundle.has_value());
      REQUIRE(bundle->put_into_place().has_value());
    }
    CHECK(folder.entries() == 2);
  }
  CHECK(test::read_text(folder / "out.tar.zst") == "old archive");
  CHECK(test::read_text(folder / "out/old") == "old folder");
  for (const char* name : kBoth) REQUIRE(write(folder / name, true).has_value());
  CHECK(folder.entries() == 2);
  CHECK_FALSE(fs::exists(folder / "out/old"));
}

TEST_CASE("a folder that is not empty is not replaced unless asked, nor is one written where a file is") {
  const test::TemporaryFolder folder;
  folder.write("out/mine", "precious");
  folder.write("file", "precious");
  CHECK_FALSE(write(folder / "out").has_value());
  CHECK_FALSE(write(folder / "file", true).has_value());
  CHECK_FALSE(write(folder / "missing/out.tar.zst").has_value());
  CHECK(test::read_text(folder / "out/mine") == "precious");
  CHECK(folder.entries() == 2);
}

}  // namespace lambdapack
