// Zips: what is kept, and every lie that must be refused.
#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>

#include "package/raw_zip.h"
#include "package/read_package.h"
#include "package/zip_directory.h"

namespace lambdapack {
namespace {

using test::deflated;
using test::RawMember;
using test::RawZip;
using test::stored;

Result<Package> read(const std::string& bytes, const ReadOptions& options = {}) {
  return read_archive("t.zip", Content::from_text(bytes), options);
}

std::string error_of(const std::string& bytes, const ReadOptions& options = {}) {
  const auto package = read(bytes, options);
  return package ? "no error" : to_string(package.error());
}

bool refused(const RawZip& zip, std::string_view why) {
  const std::string error = error_of(zip.bytes());
  INFO(error);
  return error.find(why) != std::string::npos;
}

std::string text_of(const Package& package, std::string_view path) {
  return std::string(as_text(package.find(path)->content.read().value()));
}

// A zip that libarchive wrote: with data descriptors and extra fields.
std::string written_by_libarchive() {
  std::vector<char> buffer(1 << 16);
  std::size_t used = 0;
  archive* const out = archive_write_new();
  archive_write_set_format_zip(out);
  archive_write_open_memory(out, buffer.data(), buffer.size(), &used);
  const auto add = [&](const char* name, unsigned type, unsigned mode, std::string_view data) {
    archive_entry* const entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, static_cast<mode_t>(mode));
    archive_entry_set_mtime(entry, 1'600'000'000, 0);
    if (type == AE_IFLNK) archive_entry_set_symlink(entry, std::string(data).c_str());
    if (type == AE_IFREG) archive_entry_set_size(entry, static_cast<la_int64_t>(data.size()));
    REQUIRE(archive_write_header(out, entry) == ARCHIVE_OK);
    if (type == AE_IFREG) archive_write_data(out, data.data(), data.size());
    archive_entry_free(entry);
  };
  add("bin/run", AE_IFREG, 0755, std::string(5000, 'r'));
  add("bin/link", AE_IFLNK, 0777, "run");
  add("empty/", AE_IFDIR, 0700, "");
  archive_write_close(out);
  archive_write_free(out);
  return {buffer.data(), used};
}

}  // namespace

TEST_CASE("a zip that libarchive wrote keeps modes, links, empty folders and dates") {
  const std::string zip = written_by_libarchive();
  const Package package = read(zip).value();
  REQUIRE(package.files.size() == 3);
  CHECK(package.kind == InputKind::zip);
  CHECK(package.source_bytes == zip.size());
  CHECK(package.find("bin/run")->mode == 0755);
  CHECK(package.find("bin/run")->mtime == 1'600'000'000);
  CHECK(!package.find("bin/run")->mtime_is_local);
  CHECK(package.find("bin/run")->packed_size < 100);
  CHECK(text_of(package, "bin/run") == std::string(5000, 'r'));
  CHECK(package.find("bin/link")->link_target == "run");
  CHECK(package.find("empty")->kind == FileKind::directory);
  CHECK(package.find("empty")->mode == 0700);
  CHECK(package.findings.empty());
}

TEST_CASE("a zip with MS-DOS dates alone tells only a wall clock") {
  CHECK(read(RawZip().add(stored("a.txt", "1")).bytes()).value().find("a.txt")->mtime_is_local);
}

TEST_CASE("names stay the bytes they are: Latin-1, and UTF-8 in either normal form") {
  RawMember decomposed = stored("cafe\xCC\x81.txt", "1");
  decomposed.flags = 1 << 11;
  const Package package = read(RawZip().add(decomposed).add(stored("caf\xE9", "2")).bytes()).value();
  CHECK(package.find("cafe\xCC\x81.txt") != nullptr);
  CHECK(package.find("caf\xE9") != nullptr);
  REQUIRE(package.findings.size() == 1);
  CHECK(package.findings[0].code == "name-not-utf8");
}

TEST_CASE("a zip behind a stub is read, whatever its offsets count from") {
  const Package package =
      read(
          RawZip().behind("#!/bin/sh\nexec x\n").add(stored("a", "1")).add(deflated("b", std::string(99, 'b'))).bytes())
          .value();
  CHECK(text_of(package, "a") == "1");
  CHECK(text_of(package, "b") == std::string(99, 'b'));
}

TEST_CASE("without Unix modes files get 0644, and a finding where the execute bit would matter") {
  const Package package =
      read(RawZip().add(stored("run", "#!/bin/sh\n", 0)).add(stored("x.py", "1", 0)).add(stored("d/", "", 0)).bytes())
          .value();
  CHECK(package.find("run")->mode == 0644);
  CHECK(package.find("d")->mode == 0755);
  REQUIRE(package.findings.size() == 1);
  CHECK(package.findings[0].code == "no-unix-modes");
  CHECK(package.findings[0].path == "run");
}

TEST_CASE("paths that leave the package are refused") {
  CHECK(refused(RawZip().add(stored("/etc/passwd", "")), "absolute"));
  CHECK(refused(RawZip().add(stored("../x", "")), "\"..\""));
  CHECK(refused(RawZip().add(stored("a/../../x", "")), "\"..\""));
  CHECK(refused(RawZip().add(stored("a/..", "")), "\"..\""));
  CHECK(refused(RawZip().add(stored("", "")), "empty name"));
  CHECK(refused(RawZip().add(stored(std::string("a\0b", 3), "")), "NUL"));
}

TEST_CASE("a backslash in a name is kept, with a finding") {
  const Package package = read(RawZip().add(stored("..\\x", "1")).bytes()).value();
  CHECK(package.find("..\\x") != nullptr);
  REQUIRE(package.findings.size() == 1);
  CHECK(package.findings[0].code == "name-with-backslash");
}

TEST_CASE("members through a link or a file, and files that are there twice, are refused; repeated folders are not") {
  CHECK(refused(RawZip().add(stored("d", "/etc", 0120777)).add(stored("d/x", "1")), "through the link d -> /etc"));
  CHECK(refused(RawZip().add(stored("d/e/x", "1")).add(stored("d", "y", 0120777)), "through the link"));
  CHECK(refused(RawZip().add(stored("d", "1")).add(stored("d/x", "1")), "which is a file"));
  CHECK(refused(RawZip().add(stored("a", "1")).add(stored("a", "2")), "twice"));
  CHECK(refused(RawZip().add(stored("a", "1")).add(stored("./a", "1")), "twice"));
  CHECK(refused(RawZip().add(stored("a", "1")).add(stored("a/", "", 040755)), "twice"));
  CHECK(
      error_of(RawZip().add(stored("d/", "", 040755)).add(stored("d/", "", 040755)).add(stored("d/x", "1")).bytes()) ==
      "no error");
}

TEST_CASE("devices, encrypted members and other compression methods are refused by name") {
  CHECK(refused(RawZip().add(stored("dev", "", 0020644)), "dev: is a device"));
  CHECK(refused(RawZip().add(stored("pipe", "", 0010644)), "pipe: is a device, FIFO"));
  RawMember secret = stored("secret", "1");
  secret.flags = 1;
  CHECK(refused(RawZip().add(secret), "secret: is encrypted"));
  RawMember other = stored("x", "1");
  other.method = 12;
  CHECK(refused(RawZip().add(other), "bzip2"));
}

TEST_CASE("a member that inflates past its declared size, or below it, or has another checksum, is refused") {
  RawMember bomb = deflated("bomb", std::string(1'000'000, 'x'));
  bomb.size = 10;
  CHECK(refused(RawZip().add(bomb), "more than the 10 bytes"));
  bomb.size = 1'000'001;
  CHECK(refused(RawZip().add(bomb), "less than"));
  RawMember wrong = deflated("wrong", std::string(1000, 'x'));
  ++wrong.crc;
  CHECK(refused(RawZip().add(wrong), "checksum"));
  RawMember stored_short = stored("s", "12345");
  stored_short.size = 4'000'000'000;
  CHECK(refused(RawZip().add(stored_short), "stored in 5 bytes"));
}

TEST_CASE("no memory is taken for a size that deflate cannot reach") {
  RawMember liar = deflated("liar", std::string(1000, 'x'));
  liar.size = 4'000'000'000;
  CHECK(refused(RawZip().add(liar), "is damaged"));
}

TEST_CASE("max_unpacked and max_files are counted before anything is unpacked") {
  const std::string zip =
      RawZip().add(deflated("a", std::string(5000, 'a'))).add(deflated("b", std::string(5000, 'b'))).bytes();
  CHECK(error_of(zip, {.max_unpacked = 10'000, .max_files = 2}) == "no error");
  CHECK(error_of(zip, {.max_unpacked = 9'999}).find("--max-unpacked") != std::string::npos);
  CHECK(error_of(zip, {.max_files = 1}).find("--max-files") != std::string::npos);
}

TEST_CASE("members that share bytes are refused, and so are two names for one member") {
  RawMember again = stored("b", "12345");
  again.same_data_as_first = true;
  again.local_name = "a";
  CHECK(refused(RawZip().add(stored("a", "12345")).add(again), "another name in its own header"));
  again.name = "a";
  CHECK(refused(RawZip().add(stored("a", "12345")).add(again), "shares bytes"));
}

TEST_CASE("a zip cut off anywhere, or with a byte too few, is an error and never a crash") {
  const std::string zip = RawZip().add(stored("a", "12345")).add(deflated("b", std::string(300, 'b'))).bytes();
  for (std::size_t length = 4; length < zip.size(); ++length) REQUIRE_FALSE(read(zip.substr(0, length)).has_value());
  CHECK(refused(RawZip().add(stored("a", "1")).count(2), "1 members instead of 2"));
}

TEST_CASE("a zip with any one byte changed gives the same files or an error, never a crash") {
  const std::string zip = RawZip().add(stored("a", "12345")).add(deflated("dir/b", std::string(300, 'b'))).bytes();
  for (std::size_t at = 0; at < zip.size(); ++at)
    for (const int flip : {1, 0x80, 0xFF}) {
      std::string changed = zip;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      const auto package = read(changed);
      if (!package) continue;
      for (const PackageFile& file : package->files)
        REQUIRE((file.size() == 5 || file.size() == 300 || file.kind != FileKind::regular));
    }
}

}  // namespace lambdapack
