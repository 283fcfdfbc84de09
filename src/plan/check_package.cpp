// Checks of the package as a whole: entry point, modes, limits, dates. ELF files: check_native.cpp.
#include "plan/check_package.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/units.h"
#include "package/layers.h"
#include "plan/check_npm.h"

namespace lambdapack {
namespace {

bool is_entry(const CheckInput& input, const PackageFile& file) {
  if (file.kind != FileKind::regular) return false;
  if (is_extension(file.path, input.target.is_layer)) return true;
  return file.path == "bootstrap" && (input.target.runtime.family == "provided" || input.target.is_layer);
}

// Where an absolute path leads when it points into the deployed package: "/var/task/x" is "x".
std::optional<std::string> in_package(const CheckInput& input, std::string_view path) {
  const std::string_view mount = input.target.is_layer ? "/opt/" : "/var/task/";
  if (path.starts_with("/opt/") && !input.target.is_layer) return std::string(path);
  if (!path.starts_with(mount)) return std::nullopt;
  return std::string(path.substr(mount.size()));
}

bool program_exists(const CheckInput& input, const std::string& path) {
  if (std::ranges::binary_search(input.target.runtime.programs, path)) return true;
  if (std::ranges::find(input.target.runtime.programs, path) != input.target.runtime.programs.end()) return true;
  const auto inside = in_package(input, path);
  return inside && input.package.find(*inside) != nullptr;
}

Finding bad_interpreter(const std::string& path, std::string message, std::string help) {
  return {"bad-interpreter", Severity::error, path, {}, std::move(message), std::move(help)};
}

void check_shebang(const CheckInput& input, const std::string& path, const std::string& shebang,
                   std::vector<Finding>& findings) {
  if (shebang.ends_with('\r')) {
    findings.push_back(
        bad_interpreter(path, "its #! line ends in CRLF, so the kernel looks for a program whose name ends in \\r",
                        "save it with Unix line ends (dos2unix)"));
    return;
  }
  const std::size_t start = std::min(shebang.find_first_not_of(" \t"), shebang.size());
  const std::size_t end = std::min(shebang.find_first_of(" \t", start), shebang.size());
  const std::string program = shebang.substr(start, end - start);
  if (!program_exists(input, program)) {
    findings.push_back(bad_interpreter(
        path, fmt::format("its #! line names {}, which {} does not have", program, input.target.runtime.id),
        "use a program of the runtime, such as /bin/sh, or bundle the interpreter"));
    return;
  }
  if (program != "/usr/bin/env" && program != "/bin/env") return;
  const std::size_t name_start = std::min(shebang.find_first_not_of(" \t", end), shebang.size());
  const std::size_t name_end = std::min(shebang.find_first_of(" \t", name_start), shebang.size());
  const std::string name = shebang.substr(name_start, name_end - name_start);
  if (name.empty() || name.starts_with('-') || name.find('=') != std::string::npos)
    return;  // options of env: not judged
  const auto on_path = [&](const std::string& folder) {
    return program_exists(input, folder + (folder.ends_with('/') ? "" : "/") + name);
  };
  if (!std::ranges::any_of(input.target.runtime.program_path, on_path))
    findings.push_back(bad_interpreter(
        path, fmt::format("its #! line asks env for {}, which {} does not have", name, input.target.runtime.id),
        "use a program of the runtime, such as /bin/sh, or bundle the interpreter"));
}

void check_elf_interpreter(const CheckInput& input, const std::string& path, const ElfInfo& elf,
                           std::vector<Finding>& findings) {
  if (elf.interpreter.empty() || elf.machine != elf_machine(input.target.arch)) return;
  if (elf.interpreter == input.target.runtime.loader || program_exists(input, elf.interpreter)) return;
  findings.push_back(
      bad_interpreter(path,
                      fmt::format("asks for the loader {}, {} has {}", elf.interpreter, input.target.runtime.id,
                                  input.target.runtime.loader),
                      fmt::format("build it outside Nix or Homebrew, or run patchelf --set-interpreter {} on it",
                                  input.target.runtime.loader)));
}

void check_budget(const CheckInput& input, std::vector<Finding>& findings) {
  const Limits& limits = input.rules.limits;
  const std::uint64_t unzipped = input.package.total_size() + input.layers_bytes;
  if (unzipped > limits.unzipped) {
    findings.push_back({"unzipped-too-large",
                        Severity::error,
                        {},
                        {},
                        fmt::format("unzipped, function and layers are {} bytes, Lambda takes {}",
                                    format_count(unzipped), format_count(limits.unzipped)),
                        "run lambdapack pack, move data to S3 or EFS, or deploy a container image (up to 10 GB)"});
  }
  if (input.zip_bytes > limits.zip_direct_upload) {
    findings.push_back({"zip-too-large",
                        Severity::warning,
                        {},
                        {},
                        fmt::format("the zip is {} bytes, a direct upload takes {}", format_count(input.zip_bytes),
                                    format_count(limits.zip_direct_upload)),
                        "upload it through S3, or make it smaller"});
  }
}

void check_dates(const CheckInput& input, std::vector<Finding>& findings) {
  const Runtime& runtime = input.target.runtime;
  if (!runtime.block_update.empty() && runtime.block_update <= input.today) {
    findings.push_back({"runtime-blocked",
                        Severity::error,
                        {},
                        runtime.id,
                        fmt::format("{} takes no updates since {}", runtime.id, runtime.block_update),
                        "move the function to a supported runtime (lambdapack runtimes)"});
  } else if (!runtime.deprecation.empty() && runtime.deprecation <= input.today) {
    findings.push_back({"deprecated-runtime",
                        Severity::warning,
                        {},
                        runtime.id,
                        fmt::format("{} is deprecated since {}; updates are refused from {}", runtime.id,
                                    runtime.deprecation, runtime.block_update),
                        "move the function to a supported runtime (lambdapack runtimes)"});
  }
}

}  // namespace

std::vector<Finding> check_bootstrap(const CheckInput& input) {
  std::vector<Finding> findings;
  const bool starts_bootstrap = input.target.runtime.family == "provided" && !input.target.is_layer;
  const bool needs_bootstrap = starts_bootstrap && !input.layers_have_bootstrap;
  const auto bootstrap = resolve_path(input.package, "bootstrap");
  const auto layer_bootstrap = resolve_path(input.package, "/opt/bootstrap");
  if (needs_bootstrap && !bootstrap) {
    const bool alone = input.package.kind == InputKind::elf;
    findings.push_back(
        {"bootstrap-missing",
         Severity::error,
         "bootstrap",
         {},
         fmt::format("{} starts /var/task/bootstrap, and {} has none at its top", input.target.runtime.id,
                     alone ? "what was given, a file that is no program," : "the package"),
         alone ? "pass the folder or archive that the file belongs to; alone it is packed as it is"
               : "name the program bootstrap, or bring it in a layer"});
  }
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    const PackageFile& file = input.package.files[i];
    const bool entry = is_entry(input, file) || (needs_bootstrap && bootstrap == i) ||
                       (starts_bootstrap && !bootstrap && layer_bootstrap == i);
    const FileRecord& record = input.inventory.files[i];
    if (record.elf && record.elf->is_executable()) check_elf_interpreter(input, file.path, *record.elf, findings);
    if (!entry) continue;
    if ((file.mode & 0111) == 0) {
      findings.push_back({"bootstrap-not-executable",
                          Severity::error,
                          file.path,
                          {},
                          fmt::format("has mode {:04o}, and Lambda can only start an executable file", file.mode),
                          "chmod 755 it before zipping; lambdapack pack writes it as 0755"});
    }
    if (record.type == FileType::script) check_shebang(input, file.path, record.shebang, findings);
    if (record.type == FileType::other) {
      findings.push_back(bad_interpreter(file.path, "is neither an ELF executable nor a script with a #! line",
                                         "build it for Linux, or start it with #!/bin/sh"));
    }
  }
  return findings;
}

std::vector<Finding> check_modes(const CheckInput& input) {
  std::vector<Finding> findings;
  for (const PackageFile& file : input.package.files) {
    if (file.kind != FileKind::regular || (file.mode & 0004) != 0) continue;
    findings.push_back({"not-world-readable",
                        Severity::warning,
                        file.path,
                        {},
                        fmt::format("has mode {:04o}, and the function runs as another user", file.mode),
                        "chmod o+r it before zipping; lambdapack pack writes 0644 or 0755"});
  }
  return findings;
}

std::vector<Finding> check_limits(const CheckInput& input) {
  std::vector<Finding> findings;
  check_budget(input, findings);
  check_dates(input, findings);
  return findings;
}

std::optional<Finding> check_zip_budget(std::uint64_t zip_bytes, std::optional<std::uint64_t> most) {
  if (!most || zip_bytes <= *most) return std::nullopt;
  return Finding{
      "zip-too-large",
      Severity::error,
      {},
      "--max-zip-size",
      fmt::format("the zip is {} bytes, --max-zip-size allows {}", format_count(zip_bytes), format_count(*most)),
      "look at the largest files in the report (-v), or raise --max-zip-size"};
}

std::vector<Finding> check_package(const CheckInput& input) {
  std::vector<Finding> findings = input.package.findings;
  findings.insert(findings.end(), input.inventory.findings.begin(), input.inventory.findings.end());
  for (const auto check :
       {check_machines, check_platform_packages, check_other_arch_libraries, check_jars, check_links, check_opens,
        check_versions, check_relr, check_python_extensions, check_node_addons, check_npm_packages, check_gems,
        check_dotnet, check_go, check_processor, check_bootstrap, check_modes, check_limits}) {
    std::vector<Finding> more = check(input);
    findings.insert(findings.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  std::ranges::move(check_wheels(input, findings), std::back_inserter(findings));
  sort_findings(findings);
  return findings;
}

}  // namespace lambdapack
