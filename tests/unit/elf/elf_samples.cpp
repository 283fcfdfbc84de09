#include "elf/elf_samples.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <llvm/ADT/SmallString.h>
#include <llvm/ObjectYAML/yaml2obj.h>
#include <llvm/Support/YAMLTraits.h>
#include <llvm/Support/raw_ostream.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "elf/read_elf.h"
#include "elf/strip_elf.h"

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

int run_command(const std::vector<std::string>& command) {
  const pid_t child = fork();
  if (child == 0) {
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    std::vector<char*> arguments;
    for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    execv(arguments[0], arguments.data());
    _exit(255);
  }
  return status_of(child);
}

int run(const std::filesystem::path& program) {
  return run_command({program.string()});
}

namespace {

std::uint64_t status_kilobytes(std::string_view field) {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line))
    if (line.starts_with(field)) return std::stoull(line.substr(field.size()));
  return 0;
}

StripPeak strip_mapped(const std::filesystem::path& path) {
  const std::uint64_t size = std::filesystem::file_size(path);
  const std::uint64_t before = status_kilobytes("VmRSS:");
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak starts anew: proc_pid_clear_refs(5)
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  void* mapping = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (mapping == MAP_FAILED) return {};
  const Bytes bytes(static_cast<const std::uint8_t*>(mapping), size);
  const StripOutcome outcome = strip_elf(bytes, read_elf(bytes));
  return {size, outcome.saved, (status_kilobytes("VmHWM:") - before) * 1024};
}

}  // namespace

StripPeak peak_of_strip(const std::filesystem::path& path) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    const StripPeak peak = strip_mapped(path);
    _exit(write(ends[1], &peak, sizeof(peak)) == sizeof(peak) ? 0 : 1);
  }
  close(ends[1]);
  StripPeak peak;
  if (read(ends[0], &peak, sizeof(peak)) != sizeof(peak)) peak = {};
  close(ends[0]);
  return status_of(child) == 0 ? peak : StripPeak{};
}

}  // namespace lambdapack::test
