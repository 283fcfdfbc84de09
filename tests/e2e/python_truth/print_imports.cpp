// What lambdapack finds in Python files, as lines that the truth test compares with what CPython's own parser finds.
//
//   print_imports [--time] < LIST
//
// LIST has one path per line. Per file: "file PATH", then "import LEVEL MODULE TYPE-CHECKING NAMES…" in the file's
// order, "call FUNCTION NAME" (no NAME when it is computed), "word WORD", and "incomplete" when a string or bracket is
// not closed. Fields are separated by tabs. With --time nothing but the bytes read and the CPU seconds of the scan.
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "languages/python_imports.h"

namespace {

using namespace lambdapack;

double cpu_seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void print(const std::string& path, const PythonSource& source) {
  std::cout << "file\t" << path << "\n";
  for (const PythonImport& import : source.imports) {
    std::cout << "import\t" << import.level << "\t" << import.module << "\t" << (import.type_checking ? 1 : 0);
    for (const std::string& name : import.names) std::cout << "\t" << name;
    std::cout << "\n";
  }
  for (const PythonCall& call : source.calls) {
    std::cout << "call\t" << call.function;
    if (call.name) std::cout << "\t" << *call.name;
    std::cout << "\n";
  }
  for (const std::string_view word : source.words) std::cout << "word\t" << word << "\n";
  if (!source.complete) std::cout << "incomplete\n";
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const bool timed = argc == 2 && std::string_view(argv[1]) == "--time";
  if (argc > 1 && !timed) {
    std::cerr << "usage: print_imports [--time] < LIST\n";
    return 2;
  }
  std::size_t bytes = 0, imports = 0;
  double seconds = 0;
  for (std::string path; std::getline(std::cin, path);) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file && !file.eof()) {
      std::cerr << "print_imports: " << path << ": cannot be read\n";
      return 2;
    }
    const double start = cpu_seconds();
    const PythonSource source = scan_python(text);
    seconds += cpu_seconds() - start;
    bytes += text.size();
    imports += source.imports.size();
    if (!timed) print(path, source);
  }
  if (timed) std::cout << bytes << "\t" << seconds << "\t" << imports << "\n";
}
