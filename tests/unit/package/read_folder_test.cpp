// Folders: what is kept as it is, what is refused, and that nothing is followed.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "package/read_package.h"
#include "package/temporary_folder.h"

namespace lambdapack {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> paths_of(const Package& package) {
  std::vector<std::string> paths;
  for (const PackageFile& file : package.files) paths.push_back(file.path);
  return paths;
}

bool has_finding(const Package& package, std::string_view code, std::string_view path) {
  for (const Finding& finding : package.findings)
    if (finding.code == code && finding.path == path) return true;
  return false;
}

std::string error_of(const std::string& path, const ReadOptions& options = {}) {
  const auto package = read_package(path, options);
  return package ? "no error" : to_string(package.error());
}

}  // namespace

TEST_CASE("a folder keeps modes, links, empty folders and raw names, sorted by bytes") {
  const test::TemporaryFolder folder;
  folder.write("a/c", "1");
  folder.write("a-b", "22");
  folder.write("caf\xE9", "latin");
  fs::create_directories(folder / "empty/inner");
  fs::create_symlink("a/c", folder / "link");
  ::chmod((folder / "a-b").c_str(), 04755);
  const Package package = read_package(folder.path(), {}).value();
  CHECK(package.kind == InputKind::folder);
  CHECK(paths_of(package) == std::vector<std::string>{"a-b", "a/c", "caf\xE9", "empty/inner", "link"});
  CHECK(package.find("a-b")->mode == 04755);
  CHECK(package.find("empty/inner")->kind == FileKind::directory);
  CHECK(package.find("link")->link_target == "a/c");
  CHECK(as_text(package.find("a/c")->content.read().value()) == "1");
  CHECK(has_finding(package, "name-not-utf8", "caf\xE9"));
  CHECK(has_finding(package, "unusual-mode", "a-b"));
  CHECK(package.findings.size() == 2);
}

TEST_CASE("a FIFO or a socket in a folder is refused at once, and so is a FIFO as the input") {
  const test::TemporaryFolder folder;
  folder.write("a", "1");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0644) == 0);
  CHECK(error_of(folder.path()).find("pipe: is a FIFO") != std::string::npos);
  CHECK(error_of(folder / "pipe").find("is a FIFO") != std::string::npos);
}

TEST_CASE("links out of the folder stay links with a finding; those to Lambda's own folders are only mentioned") {
  const test::TemporaryFolder outside, folder;
  outside.write("secret", "x");
  fs::create_symlink(outside / "secret", folder / "abs");
  fs::create_symlink("../../etc/passwd", folder / "up");
  fs::create_symlink("/opt/lib/libx.so", folder / "layer");
  const Package package = read_package(folder.path(), {}).value();
  CHECK(package.find("abs")->kind == FileKind::symlink);
  CHECK(package.find("up")->link_target == "../../etc/passwd");
  REQUIRE(package.findings.size() == 3);
  CHECK(package.findings[0].severity == Severity::warning);
  CHECK(package.findings[2].path == "layer");
  CHECK(package.findings[2].severity == Severity::info);
}

TEST_CASE("follow_links copies files and folders from outside, and refuses to go round in circles") {
  const test::TemporaryFolder outside, folder;
  outside.write("data/deep/x", "xyz");
  fs::create_symlink("deep/x", outside / "data/inner");
  fs::create_symlink(outside / "data", folder / "copied");
  fs::create_symlink(outside / "data/deep/x", folder / "one");
  fs::create_symlink("one", folder / "stays");
  fs::create_symlink("/nonexistent/y", folder / "dangling");
  const ReadOptions follow{.follow_links = true};
  const Package package = read_package(folder.path(), follow).value();
  CHECK(paths_of(package) == std::vector<std::string>{"copied/deep/x", "copied/inner", "dangling", "one", "stays"});
  CHECK(as_text(package.find("copied/deep/x")->content.read().value()) == "xyz");
  CHECK(as_text(package.find("one")->content.read().value()) == "xyz");
  CHECK(package.find("copied/inner")->kind == FileKind::symlink);
  CHECK(package.find("stays")->kind == FileKind::symlink);
  CHECK(has_finding(package, "link-out-of-package", "dangling"));

  fs::create_symlink(outside / "data", outside / "data/deep/round");
  CHECK(error_of(folder.path(), follow).find("never ends") != std::string::npos);
  fs::remove(outside / "data/deep/round");
  fs::create_symlink(fs::path(folder.path()).parent_path(), folder / "all");
  CHECK(error_of(folder.path(), follow).find("never ends") != std::string::npos);
}

TEST_CASE("max_unpacked and max_files hold for folders") {
  const test::TemporaryFolder folder;
  folder.write("a", "12345");
  folder.write("b", "12345");
  CHECK(read_package(folder.path(), {.max_unpacked = 10, .max_files = 2}).has_value());
  CHECK(error_of(folder.path(), {.max_unpacked = 9}).find("--max-unpacked") != std::string::npos);
  CHECK(error_of(folder.path(), {.max_files = 1}).find("--max-files") != std::string::npos);
}

TEST_CASE("one ELF file is a package: a program becomes bootstrap, a library keeps its name") {
  const test::TemporaryFolder folder;
  std::string elf(64, '\0');
  elf.replace(0, 6,
              "\x7f"
              "ELF\x02\x01");
  elf[16] = 3;  // ET_DYN
  elf[24] = 1;  // e_entry
  CHECK(paths_of(read_package(folder.write("libx.so.1", elf), {}).value()) == std::vector<std::string>{"libx.so.1"});
  const Package program = read_package(folder.write("myprog", elf), {}).value();
  CHECK(program.kind == InputKind::elf);
  CHECK(program.source_bytes == 64);
  CHECK(paths_of(program) == std::vector<std::string>{"bootstrap"});
  CHECK((program.files[0].mode & 0111) == 0111);
}

TEST_CASE("what is missing, empty or of no known kind is an error that says what to pass") {
  const test::TemporaryFolder folder;
  CHECK(error_of(folder / "none").find("does not exist") != std::string::npos);
  CHECK(error_of(folder.write("text", "hello")).find("is neither") != std::string::npos);
  CHECK(error_of(folder.write("nothing", "")).find("is neither") != std::string::npos);
}

}  // namespace lambdapack
