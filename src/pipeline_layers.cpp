// See pipeline_layers.h. What a layer is stands in package/layers.h; what is wrong with one in plan/check_layers.h.
#include "pipeline_layers.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "apply/verify_result.h"
#include "languages/detect_runtime.h"
#include "languages/layer_layout.h"
#include "package/add_files.h"
#include "pipeline_trial.h"
#include "plan/layer_copies.h"
#include "plan/layer_fit.h"

namespace lambdapack {
namespace {

constexpr std::string_view kOpt = "/opt/";
// Copies are tried one by one when not all of them can go; each try resolves the links of the whole package.
constexpr std::size_t kTries = 64;

std::size_t index_of(const Package& package, std::string_view path) {
  const auto found = std::ranges::lower_bound(package.files, path, {},
                                              [](const PackageFile& file) -> std::string_view { return file.path; });
  return static_cast<std::size_t>(found - package.files.begin());
}

// Whether every name binds as before when these files are not in the function.
bool binds_as_before(const PlanInput& input, const Frame& frame, const std::vector<LayerCopy>& copies) {
  std::vector<Decision> drops;
  for (const LayerCopy& copy : copies) {
    Decision drop;
    drop.file = copy.file;
    drop.action = Action::drop;
    drop.replaced_by = copy.layer_file;
    drops.push_back(std::move(drop));
  }
  const Trial trial = leave_out(input, frame, drops);
  return trial.links.complete &&
         changed_bindings(input.package, input.links, trial.applied.package, trial.links, trial.applied).empty();
}

std::string arch_of(const LayerInfo& layer) {
  if (layer.x86_64 > 0 && layer.arm64 > 0) return "both";
  if (layer.x86_64 > 0) return "x86_64";
  return layer.arm64 > 0 ? "arm64" : "any";
}

// What a person knows a layer by.
struct Contents {
  std::size_t libraries = 0, extensions = 0, jars = 0;
  bool bootstrap = false;
};

std::vector<std::string> in_words(const Contents& contents) {
  std::vector<std::string> words;
  const auto add = [&](std::size_t count, std::string_view one, std::string_view many) {
    if (count > 0) words.push_back(count == 1 ? std::string(one) : fmt::format("{} {}", count, many));
  };
  add(contents.libraries, "1 library in lib/", "libraries in lib/");
  add(contents.jars, "1 jar", "jars");
  add(contents.extensions, "1 extension", "extensions");
  if (contents.bootstrap) words.emplace_back("bootstrap");
  return words;
}

Contents contents_of(const LayerFacts& layers, std::size_t layer) {
  Contents contents;
  for (std::size_t i = 0; i < layers.merged.files.size(); ++i) {
    if (layers.merged.layer_of[i] != layer) continue;
    const PackageFile& file = layers.merged.files[i];
    if (file.kind != FileKind::regular) continue;
    if (file.path.starts_with("lib/") && layers.inventory.files[i].elf) ++contents.libraries;
    if (file.path.starts_with("java/lib/") && file.path.ends_with(".jar")) ++contents.jars;
    if (is_extension(file.path, true)) ++contents.extensions;
    if (file.path == "bootstrap") contents.bootstrap = true;
  }
  return contents;
}

}  // namespace

Result<LayerFacts> read_layers(const CommandLine& command_line, Progress& progress) {
  LayerFacts facts;
  std::vector<Package> packages;
  std::vector<Inventory> inventories;
  for (const std::string& path : command_line.layers) {
    LP_TRY(Package layer, read_package(path, command_line.read));
    LP_TRY(Inventory inventory, take_inventory(layer, command_line.threads, progress));
    facts.layers.push_back(describe_layer(layer, inventory));
    facts.bytes += layer.total_size();
    packages.push_back(std::move(layer));
    inventories.push_back(std::move(inventory));
  }
  facts.merged = merge_layers(packages);
  for (std::size_t i = 0; i < facts.layers.size(); ++i) facts.layers[i].hidden = facts.merged.hidden[i];
  Package merged;
  merged.files = facts.merged.files;
  for (std::size_t i = 0; i < merged.files.size(); ++i) {
    const std::string& path = merged.files[i].path;
    const std::size_t layer = facts.merged.layer_of[i];
    facts.inventory.files.push_back(inventories[layer].files[index_of(packages[layer], path)]);
    if (path == "bootstrap") facts.bootstrap = true;
  }
  for (const PackageFile& file : merged.files)
    if (const auto real = resolve_path(merged, file.path); real && facts.inventory.files[*real].elf)
      facts.libraries.push_back(std::string(kOpt) + file.path);
  return facts;
}

Result<FunctionTarget> ask_layers(const CommandLine& command_line, const Rules& rules, const Package& package,
                                  const Inventory& inventory, const LanguageView& languages, const LayerFacts& layers,
                                  FunctionTarget target) {
  if (layers.layers.empty() || !(target.runtime_guessed || target.arch_guessed)) return target;
  TargetRequest request = command_line.target;
  std::string runtime_from, arch_from;
  if (target.arch_guessed) {
    std::size_t x86_64 = 0, arm64 = 0;
    for (const LayerInfo& layer : layers.layers) {
      x86_64 += layer.x86_64;
      arm64 += layer.arm64;
    }
    if (x86_64 != arm64) {
      request.arch = arm64 > x86_64 ? "arm64" : "x86_64";
      arch_from = "the ELF files of the layers";
    }
  }
  if (target.runtime_guessed) {
    Package merged;
    merged.files = layers.merged.files;
    LP_TRY(const LanguageView merged_languages, read_languages(merged, layers.inventory, command_line.threads));
    LP_TRY(const DetectedRuntime detected, detect_runtime(merged, layers.inventory, merged_languages, rules));
    if (!detected.guessed) {
      LP_TRY(const Runtime runtime, rules.runtime(detected.id, target.arch));
      if (runtime.family == target.runtime.family || runtime.family == "provided") {
        request.runtime = detected.id;
        runtime_from = "the layers: " + detected.from;
      }
    }
  }
  if (runtime_from.empty() && arch_from.empty()) return target;
  LP_TRY(FunctionTarget asked, detect_target(package, inventory, languages, rules, request));
  if (!runtime_from.empty()) asked.runtime_from = runtime_from;
  if (!arch_from.empty()) asked.arch_from = arch_from;
  return asked;
}

Result<Package> as_layer(Package package, const Inventory& inventory, const CommandLine& command_line,
                         const Rules& rules) {
  // A single program was named bootstrap, for a function.
  if (package.kind == InputKind::elf && package.files.size() == 1)
    package.files.front().path = package.source.substr(package.source.rfind('/') + 1);
  std::string version;
  if (!command_line.target.runtime.empty()) {
    LP_TRY(const Runtime runtime, rules.runtime(command_line.target.runtime, Arch::x86_64));
    version = runtime.version;
  }
  LP_TRY(const LayerLayout layout, lay_out_layer(package, inventory, command_line.target.layer, version));
  if (layout.summary.empty()) return package;
  std::map<std::string, std::string> moved;
  std::vector<PackageFile> files = package.files;
  for (std::size_t i = 0; i < files.size(); ++i) {
    moved.emplace(files[i].path, layout.paths[i]);
    files[i].path = layout.paths[i];
  }
  for (Finding& finding : package.findings)
    if (const auto found = moved.find(finding.path); found != moved.end()) finding.path = found->second;
  package.findings.push_back({"laid-out-as-layer",
                              Severity::info,
                              {},
                              command_line.target.layer,
                              "the input is laid out as a layer: " + layout.summary,
                              "paths in this report and in --keep are those in the layer"});
  return with_files(std::move(package), std::move(files), command_line.read);
}

Result<std::vector<LayerFit>> layer_fits(const Frame& frame, const Package& package, const Inventory& inventory) {
  std::vector<LayerFit> lines;
  if (!frame.target.is_layer) return lines;
  LP_TRY(const auto fits, find_layer_fits(package, inventory, frame.rules, frame.today));
  for (const RuntimeFit& fit : fits) lines.push_back({fit.runtime, std::string(to_string(fit.arch)), fit.obstacle});
  return lines;
}

bool add_layers(Package& package, const Frame& frame) {
  if (frame.target.is_layer || frame.layers.merged.files.empty()) return false;
  package = with_layers(std::move(package), frame.layers.merged);
  return true;
}

Result<std::vector<LayerCopy>> provable_layer_copies(const PlanInput& input, const Frame& frame) {
  LP_TRY(std::vector<LayerCopy> copies, find_layer_copies(input, frame.profile, frame.command_line.threads));
  // What waits for --aggressive does not go, so it is no part of the proof of the others.
  std::vector<LayerCopy> waiting;
  for (LayerCopy& copy : copies) {
    const std::string_view path = std::string_view(input.package.files[copy.layer_file].path).substr(kOpt.size());
    const auto merged = std::ranges::lower_bound(frame.layers.merged.files, path, {},
                                                 [](const PackageFile& file) { return std::string_view(file.path); });
    const std::size_t layer =
        frame.layers.merged.layer_of[static_cast<std::size_t>(merged - frame.layers.merged.files.begin())];
    copy.reason += fmt::format(" of the layer {}; a layer changes on its own, so pin its version",
                               frame.layers.layers[layer].source);
    if (copy.confidence > frame.command_line.plan.level) waiting.push_back(copy);
  }
  std::erase_if(copies, [&](const LayerCopy& copy) { return copy.confidence > frame.command_line.plan.level; });
  if (!binds_as_before(input, frame, copies)) {
    std::vector<LayerCopy> proven;
    for (std::size_t i = 0; i < std::min(copies.size(), kTries); ++i) {
      proven.push_back(copies[i]);
      if (!binds_as_before(input, frame, proven)) proven.pop_back();
    }
    copies = std::move(proven);
  }
  copies.insert(copies.end(), waiting.begin(), waiting.end());
  std::ranges::sort(copies, {}, &LayerCopy::file);
  return copies;
}

std::vector<LayerLine> layer_lines(const Frame& frame, const Package& package, const LanguageView& languages,
                                   const Plan& plan) {
  const LayerFacts& layers = frame.layers;
  std::vector<LayerLine> lines;
  for (std::size_t i = 0; i < layers.layers.size(); ++i) {
    const LayerInfo& info = layers.layers[i];
    lines.push_back(
        {info.source, arch_of(info), info.files, info.bytes, info.hidden, in_words(contents_of(layers, i)), 0, 0});
  }
  const auto line_of = [&](std::string_view path) -> LayerLine* {  // "/opt/python/x.dist-info"
    if (!is_layer_file(path)) return nullptr;
    const std::string_view relative = path.substr(std::min(path.size(), kOpt.size()));
    const auto found = std::ranges::lower_bound(layers.merged.files, relative, {},
                                                [](const PackageFile& file) { return std::string_view(file.path); });
    if (found == layers.merged.files.end() || !found->path.starts_with(relative)) return nullptr;
    return &lines[layers.merged.layer_of[static_cast<std::size_t>(found - layers.merged.files.begin())]];
  };
  for (const Distribution& distribution : languages.distributions)
    if (LayerLine* line = line_of(distribution.info))
      line->brings.push_back(distribution.name + " " + distribution.version);
  for (const NodePackage& npm : languages.node_packages)
    if (npm.folder.find("node_modules/") == npm.folder.rfind("node_modules/"))
      if (LayerLine* line = line_of(npm.folder + "/")) line->brings.push_back(npm.name + " " + npm.version);
  for (const Decision& decision : plan.decisions) {
    if (!decision.replaced_by || !decision.applied || decision.action != Action::drop) continue;
    if (LayerLine* line = line_of(package.files[*decision.replaced_by].path)) {
      ++line->copies;
      line->copy_bytes += decision.saved;
    }
  }
  return lines;
}

}  // namespace lambdapack
