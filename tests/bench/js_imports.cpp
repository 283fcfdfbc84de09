// How fast does one core read the imports of JavaScript? Paths on standard input, all read into memory first; prints
// bytes, CPU seconds of each of ROUNDS rounds over all of them, and how many imports there are. See
// tests/bench/js_imports_speed.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "languages/js_imports.h"

namespace {

double cpu_seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 3;
  std::vector<std::string> texts;
  std::size_t bytes = 0;
  std::string path;
  while (std::getline(std::cin, path)) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
      return 1;
    }
    texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    bytes += texts.back().size();
  }
  std::printf("%zu", bytes);
  std::size_t imports = 0;
  for (int round = 0; round < rounds; ++round) {
    imports = 0;
    const double start = cpu_seconds();
    for (const std::string& text : texts) imports += lambdapack::read_js_module(text).imports.size();
    std::printf(" %.4f", cpu_seconds() - start);
  }
  std::printf(" %zu\n", imports);
}
