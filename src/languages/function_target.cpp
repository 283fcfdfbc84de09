// What is the package for: which runtime, which architecture, which handler, function or layer? What the user says
// wins; the rest is concluded, and each conclusion says from what, because every later stage judges by it.

#include "languages/function_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "languages/detect_runtime.h"
#include "languages/find_handlers.h"
#include "languages/package_paths.h"
#include "languages/python_extension.h"

namespace lambdapack {

namespace {

// https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
constexpr std::array<std::string_view, 7> kLayerFolders = {"python", "nodejs", "java",      "ruby",
                                                           "lib",    "bin",    "extensions"};

// A zip of nothing but layer folders is a layer; one of nothing but lib/*.jar is a Java function.
bool looks_like_layer(const Package& package) {
  bool language = false, native = false, jars_only = true;
  for (const PackageFile& file : package.files) {
    const std::size_t slash = file.path.find('/');
    const std::string_view top = std::string_view(file.path).substr(0, slash);
    const bool folder = slash != std::string::npos || file.kind == FileKind::directory;
    if (!folder || !is_layer_folder(top)) return false;
    (top == "lib" || top == "bin" ? native : language) = true;
    if (top != "lib" || !file.path.ends_with(".jar")) jars_only = false;
  }
  return language || (native && !jars_only);
}

struct ArchCount {
  std::size_t x86_64 = 0, arm64 = 0;

  void add(std::uint16_t machine) {
    if (machine == kMachineX86_64) ++x86_64;
    if (machine == kMachineAArch64) ++arm64;
  }
  bool decides() const { return x86_64 != arm64; }
  Arch arch() const { return arm64 > x86_64 ? Arch::arm64 : Arch::x86_64; }
};

struct DetectedArch {
  Arch arch = Arch::x86_64;
  std::string from;
  bool guessed = false;
};

// Packages carry native files for platforms they will never run on (prebuilds, jars), so files that certainly are for
// this one are asked first: the program Lambda starts, then the modules that the interpreter imports, then all.
DetectedArch detect_arch(const Package& package, const Inventory& inventory) {
  ArchCount program, modules, all;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const auto& elf = inventory.files[i].elf;
    if (!elf || !elf->is64 || (elf->type != ElfType::shared && elf->type != ElfType::executable)) continue;
    const std::string_view path = package.files[i].path;
    all.add(elf->machine);
    if (path == "bootstrap" || package.kind == InputKind::elf) program.add(elf->machine);
    const auto extension = parse_python_extension(base_name(path));
    if ((extension && !extension->abi.empty()) || (path.ends_with(".node") && !path.contains("prebuilds/")))
      modules.add(elf->machine);
  }
  const auto share = [](const ArchCount& count, std::string_view what) {
    const std::size_t most = std::max(count.x86_64, count.arm64), sum = count.x86_64 + count.arm64;
    const std::string machine = machine_name(elf_machine(count.arch()));
    if (sum == 1) return fmt::format("the only {} is {}", what, machine);
    return most == sum ? fmt::format("all {} {}s are {}", sum, what, machine)
                       : fmt::format("{} of {} {}s are {}", most, sum, what, machine);
  };
  if (program.decides())
    return {program.arch(), fmt::format("{} is {}", package.kind == InputKind::elf ? "the file" : "bootstrap",
                                        machine_name(elf_machine(program.arch())))};
  if (modules.decides()) return {modules.arch(), share(modules, "native module")};
  if (all.decides()) return {all.arch(), share(all, "ELF file")};
  if (all.x86_64 != 0)
    return {Arch::x86_64, "as many ELF files for x86-64 as for arm64: Lambda's default; --arch says another"};
  return {Arch::x86_64, "no native code: Lambda's default", true};
}

struct DetectedHandlers {
  std::vector<std::string> handlers;
  std::string from;
};

Result<DetectedHandlers> detect_handlers(const Package& package, const FunctionTarget& target) {
  if (target.is_layer) return DetectedHandlers{{}, "a layer has no handler"};
  const std::string& family = target.runtime.family;
  if (family == "provided") return DetectedHandlers{{"bootstrap"}, "the runtime starts bootstrap"};
  std::vector<std::string> found;
  if (family == "python") {
    LP_TRY(found, find_python_handlers(package));
  } else if (family == "nodejs") {
    LP_TRY(found, find_node_handlers(package));
  } else if (family == "ruby") {
    LP_TRY(found, find_ruby_handlers(package));
  } else {
    return DetectedHandlers{{}, "named only in the function's configuration; --handler says it"};
  }
  if (found.empty()) return DetectedHandlers{{}, "no file at the top defines a handler; --handler says it"};
  if (found.size() == 1) return DetectedHandlers{found, "the only file at the top that defines a handler"};
  return DetectedHandlers{{},
                          fmt::format("{} candidates, such as {} and {}; --handler says which", found.size(),
                                      printable(found[0]), printable(found[1]))};
}

}  // namespace

bool is_layer_folder(std::string_view top) {
  return std::ranges::find(kLayerFolders, top) != kLayerFolders.end();
}

Result<FunctionTarget> detect_target(const Package& package, const Inventory& inventory, const LanguageView& languages,
                                     const Rules& rules, const TargetRequest& request) {
  FunctionTarget target;
  if (!request.arch.empty()) {
    const auto arch = parse_arch(request.arch);
    if (!arch)
      return fail(request.arch_from, fmt::format("'{}' is not an architecture of Lambda", printable(request.arch)),
                  "say x86_64 or arm64");
    target.arch = *arch;
    target.arch_from = request.arch_from;
  } else {
    DetectedArch detected = detect_arch(package, inventory);
    target.arch = detected.arch;
    target.arch_from = std::move(detected.from);
    target.arch_guessed = detected.guessed;
  }

  std::string runtime_id = request.runtime;
  target.runtime_from = request.runtime_from;
  if (runtime_id.empty()) {
    LP_TRY(DetectedRuntime detected, detect_runtime(package, inventory, languages, rules));
    target.runtime_guessed = detected.guessed;
    runtime_id = std::move(detected.id);
    target.runtime_from = std::move(detected.from);
  }
  LP_TRY(target.runtime, rules.runtime(runtime_id, target.arch));

  target.is_layer = !request.layer.empty() || looks_like_layer(package);
  target.handlers = request.handlers;
  target.handler_from = request.handler_from;
  if (target.handlers.empty()) {
    LP_TRY(DetectedHandlers detected, detect_handlers(package, target));
    target.handlers = std::move(detected.handlers);
    target.handler_from = std::move(detected.from);
  }
  return target;
}

}  // namespace lambdapack
