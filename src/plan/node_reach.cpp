// A search over packages, not over files: what a package's scripts need, the package needs. It goes in rounds. A round
// follows what package.json files say, which costs nothing, and then reads the scripts of all packages that are new, in
// parallel. Each script is read once; those of packages that nothing reaches are not read.
#include "plan/node_reach.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/glob.h"
#include "base/parallel.h"
#include "base/units.h"
#include "languages/node_mentions.h"
#include "languages/node_packages.h"
#include "languages/package_paths.h"
#include "plan/file_texts.h"

namespace lambdapack {
namespace {

// Code, and of what is no package's also configuration.
bool is_evidence(const NodeReachInput& input, std::size_t file) {
  if (input.package.files[file].kind != FileKind::regular) return false;
  const FileType type = input.inventory.files[file].type;
  if (is_javascript(input.package.files[file].path) || type == FileType::script) return true;
  return !input.languages.owned(file) && is_script(input.package, input.inventory, file) && type != FileType::archive &&
         type != FileType::pe;
}

Result<NodeText> read_text(const NodeReachInput& input, std::size_t file) {
  const PackageFile& entry = input.package.files[file];
  thread_local std::vector<std::uint8_t> buffer;
  LP_TRY(const Bytes bytes, entry.content.read_once(buffer));
  const bool javascript = is_javascript(entry.path) || input.inventory.files[file].shebang.contains("node");
  NodeText text = javascript
                      ? read_javascript(as_text(bytes), parent_folder(entry.path), input.modules, input.questions)
                      : read_words(as_text(bytes), input.modules, input.questions);
  entry.content.release();
  return text;
}

Result<std::vector<NodeText>> read_texts(const NodeReachInput& input, const std::vector<std::size_t>& files) {
  std::vector<Result<NodeText>> read(files.size());
  parallel_for(files.size(), input.threads, [&](std::size_t i) { read[i] = read_text(input, files[i]); });
  std::vector<NodeText> texts;
  texts.reserve(files.size());
  for (Result<NodeText>& one : read) {
    LP_TRY(NodeText text, std::move(one));
    texts.push_back(std::move(text));
  }
  return texts;
}

void take_down(std::size_t file, NodeText text, std::vector<ReadScript>& scripts) {
  if (text.words.empty() && text.files.empty()) return;
  scripts.push_back({file, std::move(text.words), std::move(text.files)});
}

class Search {
 public:
  explicit Search(const NodeReachInput& input) : input_(input) { reach_.packages.resize(nodes().size()); }

  Result<NodeReach> run() {
    if (input_.modules.empty()) return std::move(reach_);
    mark_given();
    const std::vector<std::size_t> roots = root_files();
    if (input_.target.is_layer || (roots.empty() && fresh_.empty()))
      for (std::size_t i = 0; i < nodes().size(); ++i)
        mark(i,
             {.file = {}, .package = {}, .why = input_.target.is_layer ? "other functions use it" : "no script says"});
    LP_CHECK(read(roots));
    LP_CHECK(follow_own_imports());
    while (!fresh_.empty()) {
      follow_dependencies();
      std::vector<std::size_t> scripts;
      for (const std::size_t node : std::exchange(fresh_, {}))
        for (const std::size_t file : nodes()[node].files)
          if (is_evidence(input_, file)) scripts.push_back(file);
      LP_CHECK(read(scripts));
    }
    std::ranges::sort(reach_.scripts, {}, &ReadScript::file);
    return std::move(reach_);
  }

 private:
  const std::vector<NodePackage>& nodes() const { return input_.languages.node_packages; }
  const std::string& path(std::size_t file) const { return input_.package.files[file].path; }

  void mark(std::size_t node, NodePackageStep step) {
    if (reach_.packages[node].reached) return;
    step.reached = true;
    reach_.packages[node] = std::move(step);
    fresh_.push_back(node);
  }

  // What the user says, and what layers bring.
  void mark_given() {
    for (std::size_t i = 0; i < nodes().size(); ++i)
      if (is_layer_file(nodes()[i].folder)) mark(i, {.file = {}, .package = {}, .why = "a layer brings it"});
    for (const std::string& glob : input_.keep)
      for (std::size_t i = 0; i < input_.package.files.size(); ++i)
        if (const auto node = input_.languages.node_package_of[i]; node && glob_match(glob, path(i)))
          mark(*node, {.file = {}, .package = {}, .why = fmt::format("kept by --keep {}", glob)});
    for (const auto& [name, value] : input_.env) mark_named(value, fmt::format("named by the variable {}", name));
    for (const std::string& handler : input_.target.handlers) mark_named(handler, "the handler lies in it");
  }

  void mark_named(std::string_view text, const std::string& why) {
    for (const NodeMention& mention : mentions_in(text, input_.modules))
      for (const std::size_t node : meant(mention, {})) mark(node, {.file = {}, .package = {}, .why = why});
  }

  // Scripts and configuration that belong to no npm package, and scripts of layers.
  std::vector<std::size_t> root_files() const {
    std::vector<std::size_t> roots;
    for (std::size_t i = 0; i < input_.package.files.size(); ++i) {
      if (input_.languages.node_package_of[i] || is_npm_record(path(i))) continue;
      if (std::ranges::binary_search(input_.bundles.metafiles, i)) continue;
      if (is_evidence(input_, i)) roots.push_back(i);
    }
    return roots;
  }

  // Which packages a mention can mean for a script in `folder`.
  std::vector<std::size_t> meant(const NodeMention& mention, std::string_view folder) const {
    switch (mention.kind) {
      case NodeMentionKind::import:
        if (const auto found = input_.modules.find_from(folder, mention.name)) return {*found};
        return input_.modules.named(mention.name);
      case NodeMentionKind::head: return input_.modules.named_like(mention.name);
      case NodeMentionKind::program: return input_.modules.started_by(mention.name);
      default: return input_.modules.named(mention.name);
    }
  }

  static std::string words_for(const NodeMention& mention) {
    switch (mention.kind) {
      case NodeMentionKind::import: return fmt::format("imports {}", mention.name);
      case NodeMentionKind::string: return fmt::format("has the string \"{}\"", mention.name);
      case NodeMentionKind::path: return fmt::format("has a path of {}", mention.name);
      case NodeMentionKind::head: return fmt::format("makes names that begin with \"{}\"", mention.name);
      case NodeMentionKind::program: return fmt::format("starts node_modules/.bin/{}", mention.name);
      case NodeMentionKind::word: return fmt::format("names {}", mention.name);
    }
    return {};
  }

  Result<void> read(const std::vector<std::size_t>& files) {
    LP_TRY(std::vector<NodeText> texts, read_texts(input_, files));
    for (std::size_t i = 0; i < files.size(); ++i) {
      for (const NodeMention& mention : texts[i].mentions) follow(files[i], mention);
      take_down(files[i], std::move(texts[i]), reach_.scripts);
    }
    return {};
  }

  void follow(std::size_t file, const NodeMention& mention) {
    // What a bundle has inside it does not load by the paths that it had.
    if (mention.kind == NodeMentionKind::path && input_.bundles.holds(file, mention.name)) return;
    for (const std::size_t node : meant(mention, parent_folder(path(file))))
      mark(node, {.file = file, .package = {}, .why = words_for(mention)});
  }

  // "imports" of the user's own package.json files: {"#db": "pg"}.
  Result<void> follow_own_imports() {
    for (std::size_t i = 0; i < input_.package.files.size(); ++i) {
      if (base_name(path(i)) != "package.json" || input_.languages.node_package_of[i]) continue;
      LP_TRY(const auto parsed, read_package_json(input_.package, i));
      if (!parsed) continue;
      for (const std::string& target : parsed->imports)
        if (const std::string_view name = package_of_specifier(target); !name.empty())
          follow(i, {NodeMentionKind::import, std::string(name)});
    }
    return {};
  }

  // The closure over package.json files; what it adds is at the end of fresh_.
  void follow_dependencies() {
    for (std::size_t at = 0; at < fresh_.size(); ++at) {
      const std::size_t from = fresh_[at];
      for (const auto* names : {&nodes()[from].dependencies, &nodes()[from].imports})
        for (const std::string& name : *names)
          for (const std::size_t node : meant({NodeMentionKind::import, name}, nodes()[from].folder))
            mark(node, {.file = {}, .package = from, .why = "depends on it"});
    }
  }

  const NodeReachInput& input_;
  NodeReach reach_;
  std::vector<std::size_t> fresh_;  // reached, and their scripts were not read yet
};

std::string versioned(const NodePackage& node) {
  return node.version.empty() ? printable(node.name) : printable(node.name) + " " + printable(node.version);
}

}  // namespace

Result<NodeReach> find_node_reach(const NodeReachInput& input) {
  return Search(input).run();
}

Result<std::vector<ReadScript>> read_other_scripts(const NodeReachInput& input, const NodeReach& reach) {
  std::vector<std::size_t> files;
  for (std::size_t node = 0; node < reach.packages.size(); ++node) {
    if (reach.packages[node].reached) continue;
    std::ranges::copy_if(input.languages.node_packages[node].files, std::back_inserter(files),
                         [&](std::size_t file) { return is_evidence(input, file); });
  }
  std::ranges::sort(files);
  std::vector<ReadScript> scripts;
  LP_TRY(std::vector<NodeText> texts, read_texts(input, files));
  for (std::size_t i = 0; i < files.size(); ++i) take_down(files[i], std::move(texts[i]), scripts);
  return scripts;
}

std::vector<ProposedDrop> drop_unreached_packages(const NodeReachInput& input, const NodeReach& reach) {
  std::vector<ProposedDrop> drops;
  for (std::size_t node = 0; node < reach.packages.size(); ++node) {
    if (reach.packages[node].reached) continue;
    const NodePackage& npm = input.languages.node_packages[node];
    const std::string reason =
        fmt::format("nothing that is kept imports, needs or names the npm package {}", versioned(npm));
    for (const auto* files : {&npm.files, &input.modules.links_to(node)})
      for (const std::size_t file : *files)
        drops.push_back({file, "drop-unreached-package", reason, Confidence::possible});
  }
  std::ranges::sort(drops, {}, &ProposedDrop::file);
  return drops;
}

std::vector<std::string> explain_node_reach(const Package& package, const LanguageView& languages,
                                            const std::vector<NodePackageStep>& packages, std::size_t file) {
  std::vector<std::string> lines;
  if (packages.empty()) return lines;
  std::optional<std::size_t> at = languages.node_package_of[file];
  while (at) {
    const NodePackageStep& step = packages[*at];
    const std::string name = "npm package " + versioned(languages.node_packages[*at]);
    if (!step.reached) {
      lines.push_back(fmt::format("{}: nothing imports, needs or names it", name));
      return lines;
    }
    if (step.file) {
      lines.push_back(fmt::format("{}: {} {}", name, printable(package.files[*step.file].path), step.why));
      at = languages.node_package_of[*step.file];
    } else if (step.package) {
      lines.push_back(fmt::format("{}: {} {}", name, versioned(languages.node_packages[*step.package]), step.why));
      at = step.package;
    } else {
      lines.push_back(fmt::format("{}: {}", name, step.why));
      return lines;
    }
  }
  return lines;
}

}  // namespace lambdapack
