#include <filesystem>
#include <fstream>
int main(int, char** argv) {
  std::filesystem::create_directories(std::filesystem::path(argv[1]).parent_path());
  std::ofstream(argv[1]) << "#define TEXT \"made by a program of the target\"\n";
}
