#include "pipeline_bytecode.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "languages/compile_python.h"
#include "languages/package_paths.h"
#include "languages/python_bytecode.h"
#include "plan/judge_bytecode.h"
#include "plan/missing_bytecode.h"

namespace lambdapack {
namespace {

// A layer serves functions whose variables are not known here; a template may not say what one is.
std::optional<std::string> optimisation(const Frame& frame) {
  if (frame.target.is_layer) return std::nullopt;
  const CommandLine& line = frame.command_line;
  if (line.from_template && std::ranges::binary_search(line.from_template->unknown_variables, "PYTHONOPTIMIZE"))
    return std::nullopt;
  return python_optimisation(line.env);
}

Result<JudgedBytecode> judge(const Frame& frame, const Package& package, const LanguageView& languages) {
  const CommandLine& line = frame.command_line;
  return judge_bytecode({.package = package,
                         .languages = languages,
                         .target = frame.target,
                         .rules = frame.rules,
                         .mode = line.plan.bytecode,
                         .optimisation = optimisation(frame),
                         .one_version = !frame.target.is_layer || !line.target.runtime.empty(),
                         .threads = line.threads});
}

}  // namespace

Result<std::optional<CompiledBytecode>> compile_bytecode(const Frame& frame, Package& package,
                                                         const LanguageView& languages, Progress& progress) {
  const CommandLine& line = frame.command_line;
  if (line.plan.bytecode != BytecodeMode::compile) return std::nullopt;
  const Runtime& runtime = frame.target.runtime;
  const PythonBytecode* python = frame.rules.bytecode_of(runtime.version);
  if (runtime.family != "python" || python == nullptr)
    return fail("--bytecode compile", fmt::format("does not know the bytecode of {}", runtime.id),
                "it is for Python's runtimes; --runtime NAME says which one this is for");
  LP_TRY(const PythonInterpreter interpreter, find_interpreter(line.python, *python));
  LP_TRY(const JudgedBytecode judged, judge(frame, package, languages));

  const std::string level = optimisation(frame).value_or("");
  std::string tag = runtime.version;
  std::erase(tag, '.');
  const std::string suffix = fmt::format(".cpython-{}{}.pyc", tag, level.empty() ? "" : ".opt-" + level);
  const std::vector<MissingBytecode> missing = find_missing_bytecode(package, judged, suffix, line.plan.keep);
  std::vector<SourceToCompile> sources;
  for (const MissingBytecode& each : missing) {
    const PackageFile& file = package.files[each.source];
    LP_TRY(const Bytes bytes, file.content.read());
    sources.push_back({(frame.target.is_layer ? "/opt/" : "/var/task/") + file.path, bytes});
  }
  progress.stage("compiling", 0);
  const int highest = 2;  // what more -O than -OO would mean to compile()
  LP_TRY(const auto codes,
         compile_sources(interpreter, sources, level.empty() ? 0 : std::min(highest, level[0] - '0'), line.threads));

  CompiledBytecode compiled{package, {}, {}};
  compiled.line.interpreter = fmt::format("CPython {}, {}", interpreter.version, interpreter.program);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (codes[i].empty()) {
      compiled.line.not_compiled.push_back(compiled.as_read.files[missing[i].source].path);
      continue;
    }
    const bool checked = !languages.distribution_of[missing[i].source];
    const auto head = hash_header(*python, python_source_hash(*python, sources[i].bytes), checked);
    std::vector<std::uint8_t> bytes(head.begin(), head.end());
    bytes.insert(bytes.end(), codes[i].begin(), codes[i].end());
    ++compiled.line.files;
    compiled.line.bytes += bytes.size();
    PackageFile file;
    file.path = missing[i].path;
    file.content = Content::from_bytes(std::move(bytes));
    if (const auto old = file_at(compiled.as_read, file.path))
      package.files[*old] = file;
    else
      package.files.push_back(file);
    compiled.paths.push_back(std::move(file.path));
  }
  std::ranges::sort(package.files, {}, &PackageFile::path);
  std::ranges::sort(compiled.paths);
  return compiled;
}

void explain_compiled(const CompiledBytecode& compiled, const Package& package, Plan& plan) {
  for (Decision& decision : plan.decisions)
    if (decision.action == Action::keep && decision.reason.empty() &&
        std::ranges::binary_search(compiled.paths, package.files[decision.file].path))
      decision.reason = "compiled by " + compiled.line.interpreter;
}

Result<std::vector<Finding>> propose_bytecode(const Frame& frame, PlanInput& input) {
  LP_TRY(JudgedBytecode judged, judge(frame, input.package, input.languages));
  std::vector<ProposedDrop> proposed;
  std::ranges::merge(input.proposed, judged.drops, std::back_inserter(proposed), {}, &ProposedDrop::file,
                     &ProposedDrop::file);
  input.proposed = std::move(proposed);
  input.rewrites = std::move(judged.rewrites);
  input.companions = std::move(judged.companions);
  return std::move(judged.findings);
}

}  // namespace lambdapack
