// Which npm packages of a function can its code load?
//
// A package is reached if kept code imports it: the user's own, or that of a reached package; if a reached package
// depends on it (dependencies, optional and peer ones alike); or if kept code has its name as a string constant:
// sequelize requires "pg" by a variable, express its view engine. Roots are the user's own files, the layers', what
// --keep names, and the values of --env. What is left may still be loaded by a name that is put together at run time,
// so it is `possible` only.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "languages/function_target.h"
#include "languages/language_view.h"
#include "languages/node_bundle.h"
#include "languages/node_mentions.h"
#include "languages/node_modules.h"
#include "plan/plan.h"

namespace lambdapack {

struct NodePackageStep {
  bool reached = false;
  std::optional<std::size_t> file;     // the file whose text names it
  std::optional<std::size_t> package;  // the package that depends on it
  std::string why;                     // 'imports pg', 'has the string "pg"', "depends on it", "a layer brings it"
};

// What a script says that was read on the way; see TextQuestions.
struct ReadScript {
  std::size_t file = 0;
  std::vector<std::size_t> words;  // positions in the questions; sorted
  std::vector<NamedFile> files;
};

struct NodeReach {
  std::vector<NodePackageStep> packages;  // parallel to LanguageView::node_packages
  std::vector<ReadScript> scripts;        // of reached code, and only those that say something; sorted by file
};

struct NodeReachInput {
  const Package& package;
  const Inventory& inventory;
  const LanguageView& languages;
  const NodeModules& modules;  // of package and languages
  const FunctionTarget& target;
  const std::vector<std::string>& keep;           // --keep globs
  const std::map<std::string, std::string>& env;  // --env and a template's variables
  const NodeBundles& bundles;                     // files that hold packages already
  const TextQuestions& questions;                 // what else is looked for in scripts
  unsigned threads = 0;
};

// Every package is reached in a layer, and where no JavaScript of the user's own says what it needs. Errors: a file
// that cannot be read.
Result<NodeReach> find_node_reach(const NodeReachInput& input);

// The same for the scripts of packages that are not reached, which find_node_reach does not read.
Result<std::vector<ReadScript>> read_other_scripts(const NodeReachInput& input, const NodeReach& reach);

// Rule drop-unreached-package: the files of packages that are not reached, and the links to them. Sorted by file.
std::vector<ProposedDrop> drop_unreached_packages(const NodeReachInput& input, const NodeReach& reach);

// Lines such as "npm package pg 8.16.3: app.js has the string "pg"", for the file's package, then for what reached
// that, up to a root. Empty for a file that belongs to no npm package, and when nobody looked: `packages` is empty.
std::vector<std::string> explain_node_reach(const Package& package, const LanguageView& languages,
                                            const std::vector<NodePackageStep>& packages, std::size_t file);

}  // namespace lambdapack
