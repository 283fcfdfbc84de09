// Runs a fuzz target over seeds that are committed as text: hexadecimal digits, with "#" comments. With --write FOLDER
// it writes them as the binary files that libFuzzer wants for a corpus.
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::optional<std::vector<std::uint8_t>> read_hex(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  std::string line, digits;
  while (std::getline(file, line))
    for (const char c : std::string_view(line).substr(0, line.find('#'))) {
      if (std::isxdigit(static_cast<unsigned char>(c)) == 0) continue;
      digits += c;
      if (digits.size() < 2) continue;
      bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits, nullptr, 16)));
      digits.clear();
    }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  int first = 1;
  std::string folder;
  if (argc > 2 && std::string_view(argv[1]) == "--write") {
    folder = argv[2];
    first = 3;
    std::filesystem::create_directories(folder);
  }
  if (first >= argc) {
    std::fprintf(stderr, "usage: %s [--write FOLDER] SEED.hex...\n", argv[0]);
    return 2;
  }
  for (int i = first; i < argc; ++i) {
    const auto bytes = read_hex(argv[i]);
    if (!bytes || bytes->empty()) {
      std::fprintf(stderr, "%s: holds no bytes\n", argv[i]);
      return 1;
    }
    if (!folder.empty()) {
      std::ofstream seed(std::filesystem::path(folder) / std::filesystem::path(argv[i]).stem(), std::ios::binary);
      seed.write(reinterpret_cast<const char*>(bytes->data()), static_cast<std::streamsize>(bytes->size()));
      continue;
    }
    // Every length too: a seed cut anywhere is a seed.
    for (std::size_t size = 0; size <= bytes->size(); ++size) {
      const std::vector<std::uint8_t> input(bytes->begin(), bytes->begin() + static_cast<std::ptrdiff_t>(size));
      LLVMFuzzerTestOneInput(input.data(), input.size());
    }
  }
}
