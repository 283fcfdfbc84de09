#include "elf/elf_samples.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/ObjectYAML/yaml2obj.h>
#include <llvm/Support/YAMLTraits.h>
#include <llvm/Support/raw_ostream.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace lambdapack::test {

namespace {

std::string substitute(std::string text, const std::map<std::string, std::string>& fields) {
  std::map<std::string, std::string> unused = fields;
  for (std::size_t start = text.find("--- !ELF"); (start = text.find("[[", start)) != std::string::npos;) {
    const std::size_t equals = text.find('=', start), end = text.find("]]", start);
    const std::string name = text.substr(start + 2, equals - start - 2);
    const auto given = fields.find(name);
    unused.erase(name);
    text.replace(start, end + 2 - start,
                 given == fields.end() ? text.substr(equals + 1, end - equals - 1) : given->second);
  }
  if (!unused.empty()) throw std::invalid_argument("library.yaml has no field " + unused.begin()->first);
  return text;
}

int status_of(pid_t child) {
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status) == 255 ? -1 : WEXITSTATUS(status);
}

}  // namespace

FileBytes make_library(const std::map<std::string, std::string>& fields) {
  const FileBytes file = read_file(LP_SOURCE_DIR "/fixtures/elf/library.yaml");
  const std::string text = substitute(std::string(file.begin(), file.end()), fields);
  llvm::yaml::Input input(text);
  llvm::SmallString<0> output;
  llvm::raw_svector_ostream stream(output);
  std::string error;
  if (!llvm::yaml::convertYAML(input, stream, [&](const llvm::Twine& message) { error = message.str(); }))
    throw std::runtime_error("library.yaml: " + error);
  return {output.begin(), output.end()};
}

FileBytes make_library_32() {
  return make_library({{"CLASS", "ELFCLASS32"}, {"MACHINE", "EM_386"}, {"SYMENT", "16"}});
}

FileBytes make_library_big_endian() {
  return make_library(
      {{"DATA", "ELFDATA2MSB"},
       {"MACHINE", "EM_PPC64"},
       {"VERNEED", "0001000200000001000000100000000009691a75000000030000003c00000010069691b4000200040000004800000000"},
       {"VERDEF",
        "000100010001000100001234000000140000001c0000000b00000000000100000002000100005678000000140000000000000053000000"
        "00"}});
}

FileBytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path.string() + " cannot be read");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string problem_codes(const ElfInfo& info) {
  std::string codes;
  for (const ElfProblem& problem : info.problems)
    codes += (codes.empty() ? "" : " ") + problem.code + (problem.fatal ? "!" : "");
  return codes;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "lambdapack-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TemporaryFolder::write(std::string_view name, Bytes bytes, bool executable) const {
  const std::filesystem::path path = path_ / name;
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (executable) std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

int load_and_call(const std::filesystem::path& library, const char* symbol) {
  const pid_t child = fork();
  if (child == 0) {
    void* handle = dlopen(library.c_str(), RTLD_NOW);
    auto* function = handle == nullptr ? nullptr : reinterpret_cast<int (*)()>(dlsym(handle, symbol));
    _exit(function == nullptr ? 255 : function());
  }
  return status_of(child);
}

int run(const std::filesystem::path& program) {
  const pid_t child = fork();
  if (child == 0) {
    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    execl(program.c_str(), program.c_str(), nullptr);
    _exit(255);
  }
  return status_of(child);
}

}  // namespace lambdapack::test
