#include <doctest/doctest.h>

#include "package/layers.h"
#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

std::vector<std::string> paths_of(const std::vector<PackageFile>& files) {
  std::vector<std::string> paths;
  for (const PackageFile& file : files) paths.push_back(file.path);
  return paths;
}

std::string text_of(const PackageFile& file) {
  return std::string(as_text(*file.content.read()));
}

}  // namespace

TEST_CASE("of two layers with one path, the last one's file is there, and the first says what it lost") {
  const Package first = MakePackage().file("lib/a", "old").file("lib/b", "b").make().package;
  const Package second = MakePackage().file("lib/a", "new").file("bin/c", "c").make().package;
  const MergedLayers merged = merge_layers({first, second});
  CHECK(paths_of(merged.files) == std::vector<std::string>{"bin/c", "lib/a", "lib/b"});
  CHECK(text_of(merged.files[1]) == "new");
  CHECK(merged.layer_of == std::vector<std::size_t>{1, 1, 0});
  CHECK(merged.hidden == std::vector<std::size_t>{1, 0});
}

TEST_CASE("a later layer's folder takes the place of a file, and its file that of a folder") {
  const Package first =
      MakePackage().file("lib", "a file").file("python/x/a.py", "").file("python/x/b.py", "").make().package;
  const Package second = MakePackage().file("lib/a", "").file("python/x", "a file").make().package;
  const MergedLayers merged = merge_layers({first, second});
  CHECK(paths_of(merged.files) == std::vector<std::string>{"lib/a", "python/x"});
  CHECK(merged.hidden == std::vector<std::size_t>{3, 0});
}

TEST_CASE("layers' files lie under /opt among the function's, count for nothing, and can be taken out again") {
  const Package layer = MakePackage().file("lib/libx.so", "1234").make().package;
  const Package function = MakePackage().file("-first", "1").file(".env", "1").file("app.py", "1").make().package;
  const Package deployed = with_layers(function, merge_layers({layer}));
  CHECK(paths_of(deployed.files) == std::vector<std::string>{"-first", ".env", "/opt/lib/libx.so", "app.py"});
  CHECK(deployed.total_size() == 3);
  CHECK(deployed.find("/opt/lib/libx.so") != nullptr);
  CHECK(layer_files(deployed) == std::pair<std::size_t, std::size_t>(2, 3));
  CHECK(paths_of(FunctionPart(deployed).get().files) == paths_of(function.files));
  CHECK(&FunctionPart(function).get() == &function);
}

TEST_CASE("links are followed inside a layer and from the function into a layer, and nowhere else outside") {
  const Package layer = MakePackage().file("lib/libx.so.1", "").link("lib/libx.so", "libx.so.1").make().package;
  const Package function = MakePackage()
                               .link("libx.so", "/opt/lib/libx.so")
                               .link("other", "/usr/lib64/libz.so.1")
                               .link("up", "../../opt/lib/libx.so.1")
                               .make()
                               .package;
  const Package deployed = with_layers(function, merge_layers({layer}));
  const auto real = resolve_path(deployed, "/opt/lib/libx.so");
  REQUIRE(real);
  CHECK(deployed.files[*real].path == "/opt/lib/libx.so.1");
  CHECK(resolve_path(deployed, "libx.so") == real);
  CHECK_FALSE(resolve_path(deployed, "other"));
  CHECK_FALSE(resolve_path(deployed, "up"));
  CHECK(link_destination("/opt/lib/libx.so", "libx.so.1") == std::optional<std::string>("/opt/lib/libx.so.1"));
  CHECK_FALSE(resolve_path(function, "libx.so"));
}
