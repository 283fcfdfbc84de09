// A function on Node.js built in memory, read as the program reads it, and what is proposed to drop of it.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fake_function.h"
#include "plan/check_node_imports.h"
#include "plan/node_drops.h"
#include "rules/rules.h"

namespace lambdapack::test {

class NodeFunction {
 public:
  NodeFunction() {
    target.runtime.id = "nodejs22.x";
    target.runtime.family = "nodejs";
    target.runtime.os = "al2023";
    target.runtime.node_module_version = 127;
  }

  NodeFunction& file(std::string path, std::string text) {
    files_[std::move(path)] = std::move(text);
    return *this;
  }
  NodeFunction& replace(const std::string& path, std::string text) { return file(path, std::move(text)); }

  // A package with its package.json and an empty script.
  NodeFunction& npm(const std::string& name, std::string json, std::string folder = "") {
    if (folder.empty()) folder = "node_modules/" + name;
    file(folder + "/package.json", std::move(json));
    return file(folder + "/index.js", "module.exports = {}");
  }

  NodeFunction& link(std::string path, std::string destination) {
    links_[std::move(path)] = std::move(destination);
    return *this;
  }

  // An addon for one NODE_MODULE_VERSION; 0: one on Node-API.
  NodeFunction& addon(std::string path, int version) {
    addons_[std::move(path)] = version;
    return *this;
  }

  std::vector<ProposedDrop> drops() const {
    return ask<std::vector<ProposedDrop>>([](const ProposalInput& input) -> Result<std::vector<ProposedDrop>> {
      Proposals proposals;
      LP_CHECK(propose_node_drops(input, 2, proposals));
      return std::move(proposals.drops);
    });
  }

  std::vector<std::string> explain(std::string_view path) const {
    return ask<std::vector<std::string>>([&](const ProposalInput& input) -> Result<std::vector<std::string>> {
      const Package& package = input.plan.package;
      std::size_t file = 0;
      while (package.files.at(file).path != path) ++file;
      Proposals proposals;
      LP_CHECK(propose_node_drops(input, 2, proposals));
      return explain_node_reach(package, input.plan.languages, proposals.npm_steps, file);
    });
  }

  // Paths that a rule proposes to drop.
  std::vector<std::string> dropped(std::string_view rule) const {
    std::vector<std::string> paths;
    const FakeFunction made = make();
    for (const ProposedDrop& drop : drops())
      if (drop.rule == rule) paths.push_back(made.package.files[drop.file].path);
    std::ranges::sort(paths);
    return paths;
  }

  // Folders of the packages that nothing reaches.
  std::vector<std::string> unreached_folders() const {
    std::vector<std::string> folders;
    for (const std::string& path : dropped("drop-unreached-package"))
      if (path.ends_with("/package.json")) folders.push_back(path.substr(0, path.rfind('/')));
    return folders;
  }

  std::vector<std::string> unreached() const {
    std::vector<std::string> names = unreached_folders();
    for (std::string& name : names) name = name.substr(name.rfind("node_modules/") + 13);
    return names;
  }

  // "CODE DETAIL" of what check_node_imports finds.
  std::vector<std::string> import_findings(bool unknown_layers = false) const {
    const FakeFunction made = make();
    const std::vector<Finding> findings =
        check_node_imports({made.package, made.languages, made.target, env, unknown, unknown_layers}).value();
    std::vector<std::string> found;
    for (const Finding& finding : findings) found.push_back(finding.code + " " + finding.detail);
    return found;
  }

  FunctionTarget target;
  std::map<std::string, std::string> env;
  std::vector<std::string> keep, unknown;
  std::string metafile;

 private:
  FakeFunction make() const {
    FakeFunction made;
    for (const auto& [path, text] : files_) made.text(path, text);
    for (const auto& [path, destination] : links_) made.link(path, destination);
    for (const auto& [path, version] : addons_) {
      ElfInfo elf = library("");
      elf.entry_points = {version == 0 ? "napi_register_module_v1"
                                       : "node_register_module_v" + std::to_string(version)};
      made.elf(path, std::move(elf));
    }
    made.done();
    made.target = target;
    made.languages = read_languages(made.package, made.inventory, 1).value();
    return made;
  }

  template <class Value>
  Value ask(const std::function<Result<Value>(const ProposalInput&)>& question) const {
    static const Rules rules = load_rules("").value();
    const FakeFunction made = make();
    const Reach reach = made.reach();
    const PlanInput plan{made.package, made.inventory, made.languages, made.links, reach,
                         made.target,  rules,          made.sdk_sets,  {},         {}};
    PlanOptions options;
    options.keep = keep;
    return question(ProposalInput{plan, options, env, false, unknown, metafile}).value();
  }

  std::map<std::string, std::string> files_, links_;
  std::map<std::string, int> addons_;
};

}  // namespace lambdapack::test
