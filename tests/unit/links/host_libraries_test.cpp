#include "links/host_libraries.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>

#include "../package/temporary_folder.h"

using namespace lambdapack;
using test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

void put(std::string& bytes, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>(value >> 8 * i & 0xff);
}

// The least that a loader takes for a shared library: one segment, an empty dynamic section, no symbols.
void write_library(const fs::path& path, std::uint16_t machine) {
  fs::create_directories(path.parent_path());
  constexpr std::size_t dynamic = 64 + 2 * 56, symbols = dynamic + 5 * 16, strings = symbols + 24, size = strings + 8;
  std::string bytes(size, '\0');
  bytes.replace(0, 7,
                "\x7f"
                "ELF\x02\x01\x01");
  put(bytes, 16, 3, 2);  // ET_DYN
  put(bytes, 18, machine, 2);
  put(bytes, 20, 1, 4);
  put(bytes, 32, 64, 8);  // e_phoff
  put(bytes, 52, 64, 2);
  put(bytes, 54, 56, 2);
  put(bytes, 56, 2, 2);
  const auto segment = [&](std::size_t at, std::uint32_t type, std::uint64_t from, std::uint64_t length,
                           unsigned align) {
    put(bytes, at, type, 4);
    put(bytes, at + 4, 4, 4);  // readable
    for (const std::size_t field : {8, 16, 24}) put(bytes, at + field, from, 8);
    for (const std::size_t field : {32, 40}) put(bytes, at + field, length, 8);
    put(bytes, at + 48, align, 8);
  };
  segment(64, 1, 0, size, 4096);                                            // PT_LOAD
  segment(64 + 56, 2, dynamic, 5 * 16, 8);                                  // PT_DYNAMIC
  const std::uint64_t entries[] = {5, strings, 6, symbols, 10, 8, 11, 24};  // DT_STRTAB, SYMTAB, STRSZ, SYMENT
  for (std::size_t i = 0; i < std::size(entries); ++i) put(bytes, dynamic + 8 * i, entries[i], 8);
  std::ofstream(path, std::ios::binary) << bytes;
}

void write_text(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

bool has(const HostSystem& system, const std::string& folder) {
  return std::ranges::find(system.folders, folder) != system.folders.end();
}

}  // namespace

TEST_CASE("read_host_system: folders of ld.so.conf and what it includes come before the usual ones") {
  const TemporaryFolder root;
  write_text(std::filesystem::path(root.path()) / "etc/ld.so.conf", "# x\ninclude ld.so.conf.d/*.conf\n/last\n");
  write_text(std::filesystem::path(root.path()) / "etc/ld.so.conf.d/b.conf", "/b  # with a comment\n");
  write_text(std::filesystem::path(root.path()) / "etc/ld.so.conf.d/a.conf", "/a/\nrelative\n");
  const auto system = read_host_system(root.path(), kMachineAArch64);
  REQUIRE(system);
  REQUIRE(system->folders.size() > 3);
  CHECK(system->folders[0] == "/a");
  CHECK(system->folders[1] == "/b");
  CHECK(system->folders[2] == "/last");
  CHECK(has(*system, "/lib/aarch64-linux-gnu"));
  CHECK(has(*system, "/usr/lib64"));
}

TEST_CASE("read_host_system: a file that includes itself ends") {
  const TemporaryFolder root;
  write_text(std::filesystem::path(root.path()) / "etc/ld.so.conf", "include /etc/ld.so.conf\n/x\n");
  const auto system = read_host_system(root.path(), kMachineX86_64);
  REQUIRE(system);
  CHECK(has(*system, "/x"));
}

TEST_CASE("read_host_system: a sysroot that is not there is an error") {
  CHECK_FALSE(read_host_system("/no/such/root", kMachineX86_64));
}

TEST_CASE("resolve_in_system: links never lead out of the sysroot") {
  const TemporaryFolder root;
  write_text(std::filesystem::path(root.path()) / "real/file", "x");
  fs::create_symlink("/real", std::filesystem::path(root.path()) / "absolute");
  fs::create_symlink("../../../../real/file", std::filesystem::path(root.path()) / "climbing");
  fs::create_symlink("loop", std::filesystem::path(root.path()) / "loop");
  const HostSystem system{fs::canonical(root.path()), {}};
  CHECK(resolve_in_system(system, "/absolute/file") == system.sysroot + "/real/file");
  CHECK(resolve_in_system(system, "/climbing") == system.sysroot + "/real/file");
  CHECK(resolve_in_system(system, "/loop").empty());
  CHECK(resolve_in_system(system, "/nothing").empty());
}

TEST_CASE("find_host_library: a file of another machine is passed over, RPATH comes first, RUNPATH switches it off") {
  const TemporaryFolder root;
  write_library(std::filesystem::path(root.path()) / "usr/lib/libx.so.1", kMachineX86_64);
  write_library(std::filesystem::path(root.path()) / "opt/rpath/libx.so.1", kMachineX86_64);
  write_library(std::filesystem::path(root.path()) / "lib64/libx.so.1", kMachineAArch64);
  const auto system = read_host_system(root.path(), kMachineX86_64);
  REQUIRE(system);
  HostAsker asker;
  auto found = find_host_library(*system, "libx.so.1", asker, kMachineX86_64);
  REQUIRE(found);
  CHECK(found->origin == "/usr/lib");
  asker.rpath = {"/opt/rpath"};
  found = find_host_library(*system, "libx.so.1", asker, kMachineX86_64);
  REQUIRE(found);
  CHECK(found->origin == "/opt/rpath");
  asker.has_runpath = true;
  found = find_host_library(*system, "libx.so.1", asker, kMachineX86_64);
  REQUIRE(found);
  CHECK(found->origin == "/usr/lib");
  CHECK_FALSE(find_host_library(*system, "liby.so.1", asker, kMachineX86_64));
}

TEST_CASE("host_asker: $ORIGIN is the folder of the file, and RPATHs of its loaders follow its own") {
  ElfInfo elf;
  elf.machine = kMachineX86_64;
  elf.rpath = {"$ORIGIN/../lib"};
  const HostAsker asker = host_asker(elf, "/opt/app/bin", true, {"/of/loader"});
  CHECK(asker.rpath == std::vector<std::string>{"/opt/app/bin/../lib", "/of/loader"});
}
