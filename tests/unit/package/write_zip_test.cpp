// The zip: its bytes depend on nothing but the package, and it is there completely or not at all.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "package/deflate.h"
#include "package/read_package.h"
#include "package/temporary_folder.h"
#include "package/verify_zip.h"
#include "package/write_package.h"

namespace lambdapack {
namespace {

PackageFile regular(std::string path, std::string_view text, std::uint32_t mode = 0644) {
  PackageFile file;
  file.path = std::move(path);
  file.mode = mode;
  file.content = Content::from_text(text);
  return file;
}

Package sample() {
  PackageFile link = regular("lib/link", "");
  link.kind = FileKind::symlink;
  link.link_target = "big";
  PackageFile folder = regular("tmp", "", 0700);
  folder.kind = FileKind::directory;
  Package package;
  package.files = {regular("bootstrap", "#!/bin/sh\n"),
                   regular("caf\xC3\xA9", "utf-8"),
                   regular("caf\xE9", "latin-1"),
                   regular("empty", ""),
                   regular("lib/big", std::string(300'000, 'b'), 0640),
                   link,
                   regular("run", "x", 0711),
                   folder};
  return package;
}

std::string bytes_of(const ZipImage& image) {
  std::string bytes;
  for (const Content& piece : image.pieces) bytes += as_text(piece.read().value());
  return bytes;
}

// What two packages have in common when one was packed and read again.
std::vector<std::string> listing(const Package& package) {
  std::vector<std::string> lines;
  for (const PackageFile& file : package.files)
    lines.push_back(file.path + " " + std::to_string(static_cast<int>(file.kind)) + " " +
                    std::to_string(output_mode(file)) + " " + file.link_target + " " +
                    std::string(as_text(file.content.read().value())));
  return lines;
}

}  // namespace

TEST_CASE("output_mode: programs 0755, the rest 0644, and a bootstrap is one even without its execute bit") {
  CHECK(output_mode(regular("a.py", "", 0600)) == 0644);
  CHECK(output_mode(regular("run", "", 0100)) == 0755);
  CHECK(output_mode(regular("bootstrap", "")) == 0755);
  CHECK(output_mode(regular("x/bootstrap", "")) == 0644);
  CHECK(output_mode(regular("extensions/agent", "")) == 0755);
  CHECK(output_mode(regular("extensions/data/x", "")) == 0644);
}

TEST_CASE("what is packed is what is read again: names, kinds, modes, links and bytes, at every level") {
  for (const Level level : {Level::fast, Level::normal, Level::best}) {
    const ZipImage image = make_zip(sample(), {.level = level}).value();
    const std::string bytes = bytes_of(image);
    CHECK(image.written.zip_bytes == bytes.size());
    CHECK(image.written.sha256 == sha256(as_bytes(bytes)));
    CHECK(image.written.files.size() == 8);
    const Package again = read_archive("z", Content::from_text(bytes), {}).value();
    CHECK(listing(again) == listing(sample()));
    CHECK(verify_zip("z", as_bytes(bytes), sample()).has_value());
  }
}

TEST_CASE("the default is the best level for a small package, and only there") {
  constexpr std::uint64_t small = 24 << 20;
  CHECK(level_for(Level::normal, small) == Level::best);
  CHECK(level_for(Level::normal, small + 1) == Level::normal);
  CHECK(level_for(Level::fast, 1) == Level::fast);
  CHECK(level_for(Level::best, small + 1) == Level::best);
  std::string text;
  for (unsigned i = 0; i < 60'000; ++i) text += static_cast<char>(i * i * 2654435761U >> 27 | 64);
  Package package;
  package.files = {regular("a", text)};
  const auto size = [&](Level level) { return make_zip(package, {.level = level}).value().written.zip_bytes; };
  CHECK(size(Level::normal) == size(Level::best));
  CHECK(size(Level::best) < size(Level::fast));
}

TEST_CASE("the bytes do not depend on threads, dates or the modes that are not packed") {
  const std::string expected = bytes_of(make_zip(sample(), {.threads = 1}).value());
  for (const unsigned threads : {2u, 8u}) {
    Package package = sample();
    for (PackageFile& file : package.files) {
      file.mtime += threads;
      if (file.mode == 0644) file.mode = 0600;
    }
    CHECK(bytes_of(make_zip(package, {.threads = threads}).value()) == expected);
  }
}

TEST_CASE("the UTF-8 flag is set on names that are UTF-8 and not ASCII, and on no others") {
  const std::string bytes = bytes_of(make_zip(sample(), {}).value());
  const auto flag_of = [&](const std::string& name) {
    return static_cast<unsigned char>(bytes.at(bytes.find(name) - 30 + 7));
  };
  CHECK(flag_of("bootstrap") == 0);
  CHECK(flag_of("caf\xC3\xA9") == 8);
  CHECK(flag_of("caf\xE9") == 0);
}

TEST_CASE("an entry costs nothing but its headers: no extra fields, no data descriptor") {
  Package package;
  package.files = {regular("ab", "1")};
  CHECK(make_zip(package, {}).value().written.zip_bytes == 30 + 2 + 1 + 46 + 2 + 22);
  CHECK(make_zip({}, {}).value().written.zip_bytes == 22);
}

TEST_CASE("more than 65,535 files take a zip64 record, 65,534 take none") {
  for (const std::size_t count : {65'534, 65'535, 70'000}) {
    Package package;
    for (std::size_t i = 0; i < count; ++i) package.files.push_back(regular(std::to_string(1'000'000 + i), ""));
    const ZipImage image = make_zip(package, {}).value();
    const std::uint64_t plain = count * (30 + 7 + 46 + 7) + 22;
    CHECK(image.written.zip_bytes == plain + (count < 65'535 ? 0 : 56 + 20));
    const std::string bytes = bytes_of(image);
    CHECK(verify_zip("z", as_bytes(bytes), package).has_value());
    CHECK(read_archive("z", Content::from_text(bytes), {}).value().files.size() == count);
  }
}

TEST_CASE("verify_zip sees any difference between the zip and the package") {
  const std::string bytes = bytes_of(make_zip(sample(), {}).value());
  const auto differs = [&](const auto& change) {
    Package package = sample();
    change(package);
    return !verify_zip("z", as_bytes(bytes), package).has_value();
  };
  CHECK(differs([](Package& p) { p.files[0].path = "bootstrbp"; }));
  CHECK(differs([](Package& p) { p.files[2].path = "caf\xE8"; }));
  CHECK(differs([](Package& p) { p.files[4].mode = 0755; }));
  CHECK(differs([](Package& p) { p.files[4].content = Content::from_text(std::string(299'999, 'b') + "c"); }));
  CHECK(differs([](Package& p) { p.files[4].content = Content::from_text(std::string(299'999, 'b')); }));
  CHECK(differs([](Package& p) { p.files[5].link_target = "bog"; }));
  CHECK(differs([](Package& p) { p.files.pop_back(); }));
  CHECK(differs([](Package& p) { p.files.push_back(regular("zz", "")); }));
  CHECK_FALSE(differs([](Package&) {}));
}

TEST_CASE("write_zip replaces the old file when all is well, with the umask's mode, and leaves nothing else") {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("out.zip", "old");
  const ZipImage image = make_zip(sample(), {}).value();
  REQUIRE(write_zip(image, sample(), path).has_value());
  CHECK(test::read_text(path) == bytes_of(image));
  CHECK(folder.entries() == 1);
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  CHECK((status.st_mode & 07777) == (0644 & ~mask));
}

TEST_CASE("a zip that does not hold the package is not written: the old file stays, and nothing is left") {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("out.zip", "old");
  Package other = sample();
  other.files[0].content = Content::from_text("#!/bin/xx\n");
  CHECK_FALSE(write_zip(make_zip(sample(), {}).value(), other, path).has_value());
  CHECK(test::read_text(path) == "old");
  CHECK(folder.entries() == 1);
}

TEST_CASE("a file that vanishes while packing is an error that names it, and nothing is written") {
  const test::TemporaryFolder folder;
  Package package;
  package.files = {regular("a", "")};
  package.files[0].content = Content::from_file(folder / "gone", 5);
  const auto image = make_zip(package, {});
  REQUIRE_FALSE(image.has_value());
  CHECK(to_string(image.error()).find("gone") != std::string::npos);
}

TEST_CASE("write_zip refuses folders and devices, writes through a link, and says when a folder is missing") {
  const test::TemporaryFolder folder;
  const ZipImage image = make_zip(sample(), {}).value();
  CHECK_FALSE(write_zip(image, sample(), folder.path()).has_value());
  CHECK_FALSE(write_zip(image, sample(), folder / "none/out.zip").has_value());
  std::filesystem::create_symlink("/dev/null", folder / "null");
  CHECK_FALSE(write_zip(image, sample(), folder / "null").has_value());
  folder.write("real.zip", "old");
  std::filesystem::create_symlink("real.zip", folder / "link.zip");
  REQUIRE(write_zip(image, sample(), folder / "link.zip").has_value());
  CHECK(std::filesystem::is_symlink(folder / "link.zip"));
  CHECK(test::read_text(folder / "real.zip") == bytes_of(image));
}

}  // namespace lambdapack
