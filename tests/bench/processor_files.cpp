// What find_above_baseline says of files, and how long it takes: for tests/bench/processor_real.
//
// usage: processor_files < LIST (one path per line). Per file with code above the baseline: path, feature, functions
// read, above, with vector code, with SSE code, 1 when it chooses, what runs at load; tab-separated. The last line has
// the number of ELF files and the CPU seconds of read_elf and of find_above_baseline.
#include <ctime>
#include <iostream>
#include <string>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "elf/find_above_baseline.h"
#include "elf/read_elf.h"

namespace {

double cpu_seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

struct Total {
  std::size_t files = 0;
  double read = 0, find = 0;
};

void look_at(const std::string& path, lambdapack::Bytes bytes, Total& total) {
  if (!lambdapack::has_elf_magic(bytes)) return;
  const double start = cpu_seconds();
  const lambdapack::ElfInfo info = lambdapack::read_elf(bytes);
  const double middle = cpu_seconds();
  const auto code = lambdapack::find_above_baseline(bytes, info);
  ++total.files;
  total.read += middle - start;
  total.find += cpu_seconds() - middle;
  if (code)
    fmt::print("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", path, code->feature, code->read, code->above, code->vector,
               code->sse, code->chooses ? 1 : 0, code->at_load);
}

}  // namespace

int main() {
  Total total;
  for (std::string path; std::getline(std::cin, path);) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status{};
    if (file < 0 || fstat(file, &status) != 0 || status.st_size < 64) {
      if (file >= 0) close(file);
      continue;
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    void* const mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (mapped == MAP_FAILED) continue;
    look_at(path, {static_cast<const std::uint8_t*>(mapped), size}, total);
    munmap(mapped, size);
  }
  fmt::print("{}\t{:.4f}\t{:.4f}\n", total.files, total.read, total.find);
}
