// The record that Go's linker writes into programs.
#include "elf/go_build.h"

#include <doctest/doctest.h>

#include "elf/read_elf.h"

using namespace lambdapack;

namespace {

std::string with_length(const std::string& text) {
  std::string out;
  for (std::size_t length = text.size();; length >>= 7) {
    if (length < 0x80) return out + static_cast<char>(length) + text;
    out += static_cast<char>(0x80 | (length & 0x7F));
  }
}

std::string record(const std::string& version, const std::string& lines, char flags = 2) {
  const std::string mark(16, 'm');
  std::string header = "\xff Go buildinf:";
  header += '\x08';
  header += flags;
  header.resize(32);
  return header + with_length(version) + with_length(lines.empty() ? "" : mark + lines + mark);
}

const std::string kLines =
    "path\texample.com/app/cmd\nmod\texample.com/app\tv1.2.3\th1:x=\ndep\ta\tv1\th1:y=\n=>\tb\tv2\th1:z=\n"
    "dep\tc\tv1\t\nbuild\t-ldflags=\"-s -w -X \\\"a=b\\\"\"\nbuild\tCGO_ENABLED=0\nbuild\tGOAMD64=v3\nbuild\tbroken\n";

}  // namespace

TEST_CASE("version, module, dependencies and settings of a Go program") {
  const std::string text = record("go1.26.1", kLines);
  const auto build = parse_go_build(as_bytes(text));
  REQUIRE(build);
  CHECK(build->version == "go1.26.1");
  CHECK(build->path == "example.com/app/cmd");
  CHECK(build->module == "example.com/app");
  CHECK(build->module_version == "v1.2.3");
  CHECK(build->dependencies == 2);
  CHECK(build->settings ==
        std::map<std::string, std::string>{{"-ldflags", "-s -w -X \"a=b\""}, {"CGO_ENABLED", "0"}, {"GOAMD64", "v3"}});
}

TEST_CASE("the record is found behind other data, where the linker aligns it") {
  const std::string text = record("go1.18", "");
  const auto build = parse_go_build(as_bytes(std::string(4096, 'x') + text));
  REQUIRE(build);
  CHECK(build->version == "go1.18");
  CHECK(build->settings.empty());
  CHECK_FALSE(parse_go_build(as_bytes("x" + text)));
  CHECK(parse_go_build(as_bytes("x" + text + std::string(16 - (1 + text.size()) % 16, 'x') + text)));
}

TEST_CASE("records that hold addresses, lie or are cut off give nothing, and never more than there is") {
  CHECK_FALSE(parse_go_build(as_bytes(record("go1.17", kLines, 0))));
  CHECK_FALSE(parse_go_build(as_bytes("no record")));
  const std::string text = record("go1.26.1", kLines);
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto build = parse_go_build(as_bytes(std::string_view(text).substr(0, size)));
    if (build) CHECK(build->module.empty());
  }
  std::string endless = text.substr(0, 32) + std::string(100, '\xff');
  CHECK_FALSE(parse_go_build(as_bytes(endless)));
}
