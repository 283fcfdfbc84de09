// Tars: written by libarchive in every form and compression, and by hand where no program would write them.
#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>

#include <cstdio>

#include "package/read_package.h"

namespace lambdapack {
namespace {

struct Member {
  std::string name, data;
  unsigned type = AE_IFREG;
  unsigned mode = 0644;
  std::string hard_link = {};
};

std::string make_tar(const std::vector<Member>& members, const char* format, const char* filter = "none") {
  std::vector<char> buffer(1 << 20);
  std::size_t used = 0;
  archive* const out = archive_write_new();
  REQUIRE(archive_write_set_format_by_name(out, format) == ARCHIVE_OK);
  if (std::string(filter) != "none") REQUIRE(archive_write_add_filter_by_name(out, filter) == ARCHIVE_OK);
  archive_write_open_memory(out, buffer.data(), buffer.size(), &used);
  for (const Member& member : members) {
    archive_entry* const entry = archive_entry_new();
    archive_entry_set_pathname(entry, member.name.c_str());
    archive_entry_set_filetype(entry, member.type);
    archive_entry_set_perm(entry, static_cast<mode_t>(member.mode));
    archive_entry_set_mtime(entry, 1'600'000'000, 0);
    if (member.type == AE_IFLNK) archive_entry_set_symlink(entry, member.data.c_str());
    if (!member.hard_link.empty()) archive_entry_set_hardlink(entry, member.hard_link.c_str());
    const bool has_data = member.type == AE_IFREG && member.hard_link.empty();
    archive_entry_set_size(entry, has_data ? static_cast<la_int64_t>(member.data.size()) : 0);
    REQUIRE(archive_write_header(out, entry) >= ARCHIVE_WARN);
    if (has_data) archive_write_data(out, member.data.data(), member.data.size());
    archive_entry_free(entry);
  }
  archive_write_close(out);
  archive_write_free(out);
  return {buffer.data(), used};
}

// One header made by hand, with its data, without an end mark.
std::string raw_member(const std::string& name, char type, const std::string& data, std::uint64_t size,
                       const std::string& link = {}) {
  std::string block(512, '\0');
  block.replace(0, name.size(), name);
  block.replace(100, 7, "0000644");
  char text[16];
  std::snprintf(text, sizeof text, "%011llo", static_cast<unsigned long long>(size));
  block.replace(124, 11, text);
  block.replace(136, 11, "00000000000");
  block[156] = type;
  block.replace(157, link.size(), link);
  block.replace(257, 8,
                std::string("ustar\0"
                            "00",
                            8));
  block.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  std::snprintf(text, sizeof text, "%06o", sum);
  block.replace(148, 7, std::string(text, 6) + '\0');
  block += data;
  block.resize((block.size() + 511) / 512 * 512);
  return block;
}

const std::string kEnd(1024, '\0');

Result<Package> read(const std::string& bytes, const ReadOptions& options = {}) {
  return read_archive("t.tar", Content::from_text(bytes), options);
}

std::string error_of(const std::string& bytes, const ReadOptions& options = {}) {
  const auto package = read(bytes, options);
  return package ? "no error" : to_string(package.error());
}

std::string text_of(const Package& package, std::string_view path) {
  return std::string(as_text(package.find(path)->content.read().value()));
}

std::vector<Member> sample(const std::string& long_name) {
  return {{"./bin/", "", AE_IFDIR, 0755},  {"./bin/run", std::string(3000, 'r'), AE_IFREG, 0755},
          {"./bin/link", "run", AE_IFLNK}, {"./bin/hard", "", AE_IFREG, 0755, "./bin/run"},
          {"./" + long_name, "long"},      {"./empty/", "", AE_IFDIR, 0700}};
}

}  // namespace

TEST_CASE(
    "tars of every form and compression keep modes, links, long names and empty folders; hard links become copies") {
  for (const char* format : {"gnutar", "pax", "ustar"})
    for (const char* filter : {"none", "gzip", "bzip2", "xz", "zstd"}) {
      CAPTURE(format);
      CAPTURE(filter);
      // ustar ends at 100 bytes of file name.
      const std::string long_name =
          std::string(90, 'd') + "/" + std::string(std::string(format) == "ustar" ? 95 : 120, 'f');
      const Package package = read(make_tar(sample(long_name), format, filter)).value();
      CHECK(package.kind == InputKind::tar);
      REQUIRE(package.files.size() == 5);
      CHECK(package.find("bin/run")->mode == 0755);
      CHECK(package.find("bin/run")->mtime == 1'600'000'000);
      CHECK(text_of(package, "bin/hard") == std::string(3000, 'r'));
      CHECK(package.find("bin/link")->link_target == "run");
      CHECK(text_of(package, long_name) == "long");
      CHECK(package.find("empty")->kind == FileKind::directory);
      CHECK(package.findings.empty());
    }
}

TEST_CASE("names stay the bytes they are: Latin-1, and UTF-8 in either normal form also in pax records") {
  const std::string pax_record = "21 path=cafe\xCC\x81.txt\n";
  const std::string record = std::to_string(pax_record.size()) + pax_record.substr(2);
  const Package package =
      read(raw_member("caf\xE9", '0', "1", 1) + raw_member("PaxHeader", 'x', record, record.size()) +
           raw_member("short", '0', "22", 2) + kEnd)
          .value();
  CHECK(text_of(package, "caf\xE9") == "1");
  CHECK(text_of(package, "cafe\xCC\x81.txt") == "22");
  CHECK(package.find("short") == nullptr);
  REQUIRE(package.findings.size() == 1);
  CHECK(package.findings[0].code == "name-not-utf8");
}

TEST_CASE("what a package cannot hold, or what leads out of it, is refused by name") {
  const auto refused = [](const std::string& member, std::string_view why) {
    const std::string error = error_of(member + kEnd);
    INFO(error);
    return error.find(why) != std::string::npos;
  };
  CHECK(refused(raw_member("/etc/passwd", '0', "", 0), "absolute"));
  CHECK(refused(raw_member("../x", '0', "", 0), "\"..\""));
  CHECK(refused(raw_member("dev", '3', "", 0), "dev: is a device"));
  CHECK(refused(raw_member("pipe", '6', "", 0), "pipe: is a device or FIFO"));
  CHECK(refused(raw_member("s", 'S', "", 0), "sparse"));
  CHECK(refused(raw_member("h", '1', "", 0, "gone"), "hard link to gone"));
  CHECK(refused(raw_member("h", '1', "", 0, "../../etc/passwd"), "\"..\""));
  CHECK(refused(raw_member("d", '2', "", 0, "/etc") + raw_member("d/x", '0', "", 0), "through the link d -> /etc"));
  CHECK(refused(raw_member("a", '0', "", 0) + raw_member("a", '0', "", 0), "twice"));
  CHECK(refused(raw_member("q", 'Q', "", 0), "type \"Q\""));
}

TEST_CASE("bytes of files that are not wanted are passed over, whatever their length, and count against the limit") {
  const std::string large(3'000'001, 'l');
  const std::string tar = make_tar({{"a", large}, {"b", "wanted"}, {"c", large}}, "pax", "zstd");
  ReadOptions options;
  options.wanted = [](const std::string& path) { return path == "b"; };
  const Package package = read(tar, options).value();
  REQUIRE(package.files.size() == 3);
  CHECK(text_of(package, "b") == "wanted");
  CHECK(text_of(package, "a").empty());
  CHECK(text_of(package, "c").empty());
  options.max_unpacked = 6'000'000;
  CHECK(error_of(tar, options).find("unpacks to more than") != std::string::npos);
}

TEST_CASE("sizes and counts are limited while unpacking, and a declared size takes no memory") {
  const std::string zeros(100'000, 'z');
  const std::string gz = make_tar({{"a", zeros}, {"b", zeros}}, "pax", "gzip");
  CHECK(error_of(gz, {.max_unpacked = 200'000, .max_files = 2}) == "no error");
  CHECK(error_of(gz, {.max_unpacked = 199'999}).find("--max-unpacked") != std::string::npos);
  CHECK(error_of(gz, {.max_files = 1}).find("--max-files") != std::string::npos);
  CHECK(error_of(raw_member("a", '0', "x", 4'000'000'000)).find("cut off") != std::string::npos);
  CHECK(error_of(raw_member("L", 'L', "x", 2'000'000) + kEnd).find("2000000 bytes") != std::string::npos);
}

TEST_CASE("a tar or its compression cut off anywhere is an error, never half a package") {
  for (const char* filter : {"none", "gzip", "bzip2", "xz", "zstd"}) {
    CAPTURE(filter);
    std::string tar = make_tar({{"a", "12345"}, {"b", std::string(700, 'b')}}, "ustar", filter);
    // Behind the end mark there is only padding.
    if (std::string(filter) == "none") tar.resize(512 * 5 + 512);
    for (std::size_t length = 1; length + 1 < tar.size(); length += std::string(filter) == "none" ? 97 : 1) {
      CAPTURE(length);
      REQUIRE_FALSE(read(tar.substr(0, length)).has_value());
    }
  }
}

TEST_CASE("compressed data that is no tar is refused") {
  CHECK(error_of(std::string("\x1f\x8b\x08\0\0\0\0\0\0\0garbage", 17)) != "no error");
  CHECK(error_of(raw_member("a", '0', "1", 1).replace(0, 1, "b")).find("is neither") != std::string::npos);
}

}  // namespace lambdapack
