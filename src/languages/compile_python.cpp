// Sources go to the interpreter in batches, framed on its standard input, and code comes back the same way. The batches
// are cut by size alone, because what marshal writes depends on what the process has compiled before.
//
// The sources are untrusted, and CPython's parser can be made to crash or to eat memory: each child has limits, and a
// batch that does not come back is halved until the bad source stands alone; that one is left without bytecode. The
// interpreter's environment is empty but for the hash seed (sets of constants are written in hash order), site packages
// are off, and the current folder, which may be the package, is taken off the search path before anything is imported.
#include "languages/compile_python.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <optional>
#include <span>
#include <string>

#include <fmt/format.h>

#include "base/parallel.h"
#include "base/run_program.h"

namespace lambdapack {
namespace {

constexpr std::uint64_t kBatchBytes =
    1 << 20;  // of source: many files for each start of an interpreter, and many batches for the threads

constexpr const char* kWho =
    "import sys, _imp\n"
    "sys.path = [entry for entry in sys.path if entry]\n"
    "import importlib.util\n"
    "print(sys.implementation.name, '%d.%d' % sys.version_info[:2], '%d.%d.%d' % sys.version_info[:3],\n"
    "      int.from_bytes(importlib.util.MAGIC_NUMBER, 'little'), sys.executable, sep='\\n')\n";

constexpr const char* kCompile =
    "import sys\n"
    "sys.path = [entry for entry in sys.path if entry]\n"
    "import marshal, resource\n"
    "resource.setrlimit(resource.RLIMIT_CPU, (20, 20))\n"
    "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
    "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
    "level, read, write = int(sys.argv[1]), sys.stdin.buffer.read, sys.stdout.buffer.write\n"
    "def frame():\n"
    "    return read(int.from_bytes(read(8), 'little'))\n"
    "for _ in range(int.from_bytes(read(8), 'little')):\n"
    "    path, source = frame().decode('utf-8', 'surrogateescape'), frame()\n"
    "    try:\n"
    "        code = marshal.dumps(compile(source, path, 'exec', dont_inherit=True, optimize=level))\n"
    "    except Exception:\n"
    "        code = b''\n"
    "    write(len(code).to_bytes(8, 'little') + code)\n";

void put_number(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(value >> (i * 8) & 0xFF);
}

void put_frame(std::string& out, std::string_view bytes) {
  put_number(out, bytes.size());
  out += bytes;
}

// Nothing when the text ends too early.
std::optional<std::string_view> take_frame(std::string_view& text) {
  if (text.size() < 8) return std::nullopt;
  std::uint64_t size = 0;
  for (std::size_t i = 8; i-- > 0;) size = size << 8 | static_cast<std::uint8_t>(text[i]);
  text.remove_prefix(8);
  if (size > text.size()) return std::nullopt;
  const std::string_view frame = text.substr(0, size);
  text.remove_prefix(size);
  return frame;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// What a program says that it is; nothing when it is no Python.
struct Candidate {
  std::string implementation, minor, version, program;
  std::uint32_t magic = 0;
};
std::optional<Candidate> ask(const std::string& program) {
  const auto said = run_program({program, "-I", "-S", "-B", "-c", kWho}, {}, {});
  if (!said) return std::nullopt;
  const auto lines = lines_of(*said);
  if (lines.size() != 5 || lines[4].empty()) return std::nullopt;
  return Candidate{std::string(lines[0]), std::string(lines[1]), std::string(lines[2]), std::string(lines[4]),
                   static_cast<std::uint32_t>(std::strtoul(std::string(lines[3]).c_str(), nullptr, 10))};
}

bool fits(const Candidate& candidate, const PythonBytecode& python) {
  return candidate.implementation == "cpython" && candidate.minor == python.id && candidate.magic == python.magic;
}

// python3.11, python3 and python in each folder of PATH, as far as they are there.
std::vector<std::string> programs_in_path(const PythonBytecode& python) {
  std::vector<std::string> found;
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "";
  std::vector<std::string> folders;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    if (end > 0) folders.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  for (const std::string& name : {"python" + python.id, std::string("python3"), std::string("python")}) {
    for (const std::string& folder : folders) {
      const std::string program = folder + "/" + name;
      std::error_code ignored;
      if (std::filesystem::exists(program, ignored)) found.push_back(program);
    }
  }
  return found;
}

using Code = std::vector<std::uint8_t>;

// Nothing when the interpreter did not come back with all of them.
std::optional<std::vector<Code>> try_batch(const PythonInterpreter& interpreter,
                                           std::span<const SourceToCompile> sources, int level) {
  std::string question;
  put_number(question, sources.size());
  for (const SourceToCompile& source : sources) {
    put_frame(question, source.path);
    put_frame(question, as_text(source.bytes));
  }
  const auto answer = run_program({"/usr/bin/env", "-i", "PYTHONHASHSEED=0", interpreter.program, "-s", "-S", "-B",
                                   "-Wignore", "-c", kCompile, std::to_string(level)},
                                  question, {});
  if (!answer) return std::nullopt;
  std::string_view rest = *answer;
  std::vector<Code> codes;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto code = take_frame(rest);
    if (!code) return std::nullopt;
    const Bytes bytes = as_bytes(*code);
    codes.emplace_back(bytes.begin(), bytes.end());
  }
  return codes;
}

std::vector<Code> compile_batch(const PythonInterpreter& interpreter, std::span<const SourceToCompile> sources,
                                int level) {
  if (auto codes = try_batch(interpreter, sources, level)) return *std::move(codes);
  if (sources.size() == 1) return {Code()};
  const std::size_t half = sources.size() / 2;
  std::vector<Code> codes = compile_batch(interpreter, sources.first(half), level);
  std::ranges::move(compile_batch(interpreter, sources.subspan(half), level), std::back_inserter(codes));
  return codes;
}

std::vector<std::span<const SourceToCompile>> batches_of(const std::vector<SourceToCompile>& sources) {
  std::vector<std::span<const SourceToCompile>> batches;
  const std::span<const SourceToCompile> all(sources);
  for (std::size_t begin = 0; begin < all.size();) {
    std::size_t end = begin;
    for (std::uint64_t bytes = 0; end < all.size() && (end == begin || bytes < kBatchBytes); ++end)
      bytes += all[end].bytes.size();
    batches.push_back(all.subspan(begin, end - begin));
    begin = end;
  }
  return batches;
}

}  // namespace

Result<PythonInterpreter> find_interpreter(const std::string& program, const PythonBytecode& python) {
  if (!program.empty()) {
    const auto candidate = ask(program);
    if (!candidate) return fail(program, "is no Python interpreter that can be run", "give --python another program");
    if (!fits(*candidate, python))
      return fail(program,
                  fmt::format("is {} {}, and --bytecode compile needs CPython {}", candidate->implementation,
                              candidate->version, python.id),
                  "bytecode of one minor version is of no use to another; give --python one of this version");
    return PythonInterpreter{candidate->program, candidate->version};
  }
  for (const std::string& each : programs_in_path(python))
    if (const auto candidate = ask(each); candidate && fits(*candidate, python))
      return PythonInterpreter{candidate->program, candidate->version};
  return fail("--bytecode compile", fmt::format("needs CPython {}, the runtime's, and PATH has none", python.id),
              "install it, name it with --python PROGRAM, or leave --bytecode away");
}

Result<std::vector<std::vector<std::uint8_t>>> compile_sources(const PythonInterpreter& interpreter,
                                                               const std::vector<SourceToCompile>& sources, int level,
                                                               unsigned threads) {
  const std::vector<SourceToCompile> probe = {{"probe.py", as_bytes("1\n")}};
  if (!sources.empty() && (!try_batch(interpreter, probe, level)))
    return fail(interpreter.program, "cannot compile in an empty environment", "give --python another program");
  const auto batches = batches_of(sources);
  std::vector<std::vector<Code>> done(batches.size());
  parallel_for(batches.size(), threads,
               [&](std::size_t i) { done[i] = compile_batch(interpreter, batches[i], level); });
  std::vector<Code> codes;
  for (std::vector<Code>& batch : done) std::ranges::move(batch, std::back_inserter(codes));
  return codes;
}

}  // namespace lambdapack
