// A Python function with distributions as pip installs them, built in memory; and what is proposed to be dropped of it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "fake_function.h"
#include "plan/propose_drops.h"

namespace lambdapack::test {

using Files = std::vector<std::pair<std::string, std::string>>;  // path and text

class PythonFunction {
 public:
  PythonFunction() {
    function.target.runtime.id = "python3.12";
    function.target.runtime.family = "python";
    function.target.runtime.version = "3.12";
    function.target.runtime.python_tag = "cp312";
  }

  PythonFunction& file(const std::string& path, const std::string& text) {
    function.text(path, text);
    return *this;
  }

  // A path NAME in `files` that starts with "@/" is one of the dist-info folder.
  PythonFunction& install(const std::string& name, const Files& files,
                          const std::vector<std::string>& requirements = {}, const std::string& folder = "") {
    const std::string info = name + "-1.0.dist-info/";
    std::string metadata = "Name: " + name + "\nVersion: 1.0\n", record;
    for (const std::string& requirement : requirements) metadata += "Requires-Dist: " + requirement + "\n";
    for (const auto& [path, text] : files) {
      const std::string place = path.starts_with("@/") ? info + path.substr(2) : path;
      function.text(folder + place, text);
      record += place + ",,\n";
    }
    function.text(folder + info + "METADATA", metadata);
    function.text(folder + info + "RECORD", record);
    return *this;
  }

  // By path: what is proposed first.
  std::map<std::string, ProposedDrop> drops() {
    std::map<std::string, ProposedDrop> by_path;
    for (const ProposedDrop& drop : propose().drops) by_path.try_emplace(function.package.files[drop.file].path, drop);
    return by_path;
  }

  // By distribution: the evidence that reaches it.
  std::map<std::string, std::string> evidence() {
    const Proposals proposals = propose();
    std::map<std::string, std::string> by_name;
    for (std::size_t i = 0; i < proposals.distribution_evidence.size(); ++i)
      by_name[function.languages.distributions[i].name] = proposals.distribution_evidence[i];
    return by_name;
  }

  // Paths of the files that a rule proposes to drop.
  std::vector<std::string> dropped_by(const std::string& rule) {
    std::vector<std::string> paths;
    for (const ProposedDrop& drop : propose().drops)
      if (drop.rule == rule) paths.push_back(function.package.files[drop.file].path);
    return paths;
  }

  FakeFunction function;
  std::vector<std::string> keep;
  std::map<std::string, std::string> env;
  bool unknown_layers = false;

 private:
  Proposals propose() {
    function.done();
    auto languages = read_languages(function.package, function.inventory, 1);
    REQUIRE(languages);
    function.languages = *std::move(languages);
    const Reach reach = function.reach();
    const PlanInput input{function.package, function.inventory, function.languages, function.links, reach,
                          function.target,  function.rules,     function.sdk_sets};
    function.options.keep = keep;
    auto proposals = propose_drops({input, function.options, env, unknown_layers}, 2);
    REQUIRE(proposals);
    return *std::move(proposals);
  }
};

}  // namespace lambdapack::test
