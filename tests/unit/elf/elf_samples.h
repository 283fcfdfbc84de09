// ELF files for the tests: fixtures/elf/library.yaml with some fields changed, and the programs that the build made.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "elf/elf_info.h"

namespace lambdapack::test {

using FileBytes = std::vector<std::uint8_t>;

// library.yaml with its [[NAME=default]] fields set as given. A name that the file does not have is an error of the
// test.
FileBytes make_library(const std::map<std::string, std::string>& fields = {});

// The same library for another class and byte order.
FileBytes make_library_32();
FileBytes make_library_big_endian();

FileBytes read_file(const std::filesystem::path& path);

// The severity-bearing part of a problem list: "elf-truncated!" when fatal, "elf-bad-sections" when not; joined by a
// space.
std::string problem_codes(const ElfInfo& info);

// A folder of this test alone, gone with it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path write(std::string_view name, Bytes bytes, bool executable = false) const;

 private:
  std::filesystem::path path_;
};

// In a child process, with the real loader: dlopens the library and calls its function `int symbol()`. The function's
// result, or -1 when it cannot be loaded.
int load_and_call(const std::filesystem::path& library, const char* symbol);

// Runs a program with its arguments, its output discarded: exit status, or -1 when it cannot be started or is killed.
int run_command(const std::vector<std::string>& command);

struct StripPeak {
  std::uint64_t file = 0, saved = 0, bytes = 0;  // bytes: most resident memory, the file's own pages included
};

// Strips a mapped file in a child process, without keeping it.
StripPeak peak_of_strip(const std::filesystem::path& path);

// Runs a program without arguments, its output discarded: exit status, or -1 when it cannot be started or is killed.
int run(const std::filesystem::path& program);

}  // namespace lambdapack::test
