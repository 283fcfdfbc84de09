// Strips every file named on standard input as `pack` would, for tests/bench/strip_real: writes the result (or the
// unchanged original) to OUT/<line number> and one line per file: number, bytes before, bytes after, CPU µs, outcome,
// reason, most memory the process had so far (KiB; the mapped input counts).
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>

#include "base/bytes.h"
#include "elf/read_elf.h"
#include "elf/strip_elf.h"

namespace {

long cpu_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

// Not getrusage's: that one starts with what the parent had when it forked.
std::string peak_kibibytes() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line))
    if (line.starts_with("VmHWM:")) return std::to_string(std::stol(line.substr(6)));
  return "0";
}

}  // namespace

int main(int argc, char** argv) {
  using namespace lambdapack;
  if (argc != 2) {
    fmt::print(stderr, "usage: strip_files OUT < list of files\n");
    return 2;
  }
  std::string path;
  for (int number = 0; std::getline(std::cin, path); ++number) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status{};
    if (file < 0 || fstat(file, &status) != 0 || status.st_size == 0) {
      fmt::print(stderr, "strip_files: {}: cannot be read\n", path);
      return 2;
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    void* mapping = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (mapping == MAP_FAILED) return 2;
    const Bytes original(static_cast<const std::uint8_t*>(mapping), size);
    const long start = cpu_microseconds();
    const StripOutcome outcome = strip_elf(original, read_elf(original));
    const long spent = cpu_microseconds() - start;
    const Bytes result = outcome.stripped() ? Bytes(outcome.bytes) : original;
    std::ofstream output(fmt::format("{}/{}", argv[1], number), std::ios::binary);
    output.write(reinterpret_cast<const char*>(result.data()), static_cast<std::streamsize>(result.size()));
    if (!output.flush()) return 2;
    fmt::print("{}\t{}\t{}\t{}\t{}\t{}\t{}\n", number, size, result.size(), spent,
               outcome.stripped() ? "stripped" : "kept", outcome.reason, peak_kibibytes());
    munmap(mapping, size);
  }
}
