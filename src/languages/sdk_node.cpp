// May the shipped @aws-sdk/* go, because the runtime has them?
//
// /var/runtime/node_modules is on NODE_PATH, so what is not in the package is looked for there: only @aws-sdk/* is,
// each with its own @smithy/*, @aws-crypto/* and tslib nested where the package's code cannot see them. So the set goes
// only when the runtime has every @aws-sdk package that other code names, and its dependencies go only when nothing
// else names or depends on them. docs/decisions/0008 has the reasons and what was rejected.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <unordered_map>

#include "base/parallel.h"
#include "languages/find_mentions.h"
#include "languages/node_mentions.h"
#include "languages/node_packages.h"
#include "languages/package_paths.h"
#include "languages/sdk_sets.h"

namespace lambdapack {

namespace {

constexpr std::string_view kScope = "@aws-sdk/";

bool is_sdk(const NodePackage& package) {
  return package.name.starts_with(kScope);
}

// What a text says about @aws-sdk packages inside quotes. Comments of bundlers ("// node_modules/@aws-sdk/…") do not
// count.
struct SdkUse {
  std::set<std::string, std::less<>> names;  // "@aws-sdk/client-s3"
  std::string deep;                          // the first path inside a package: "@aws-sdk/client-s3/dist-es/S3Client"
  bool computed = false;                     // "@aws-sdk/client-" + name: any package may be meant
};

SdkUse sdk_use(std::string_view text) {
  SdkUse use;
  constexpr std::string_view scope = "@aws-sdk";
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  for (std::size_t at = text.find(scope); at != std::string_view::npos; at = text.find(scope, at + 1)) {
    if (at == 0) continue;
    const char quote = text[at - 1];
    if (quote != '"' && quote != '\'' && quote != '`') continue;
    std::size_t end = at + scope.size();
    if (end == text.size() || text[end] != '/') {
      use.computed = use.computed || end == text.size() || text[end] == quote;
      continue;
    }
    const std::size_t name = ++end;
    while (end < text.size() && in_name(text[end])) ++end;
    const char after = end < text.size() ? text[end] : '\0';
    if (end == name || text[end - 1] == '-' || after == '$') {
      use.computed = true;
    } else if (after == quote) {
      use.names.emplace(text.substr(at, end - at));
    } else if (after == '/') {
      use.names.emplace(text.substr(at, end - at));
      if (use.deep.empty()) use.deep = text.substr(at, std::min(text.find(quote, end), end + 60) - at);
    }  // else prose in a string: "@aws-sdk/client-s3 is required"
  }
  return use;
}

class AwsSdkSet {
 public:
  explicit AwsSdkSet(const SdkInput& input) : input_(input), all_(input.languages.node_packages) {}

  Result<std::optional<SdkSet>> find();

 private:
  std::string why_target_keeps() const;
  std::string why_place_keeps() const;
  Result<std::string> why_uses_keep() const;
  Result<std::string> why_it_stays() const;

  bool provided(std::string_view name) const { return input_.target.runtime.package_version(name).has_value(); }
  std::pair<std::size_t, std::size_t> nested_in(std::size_t i) const;
  void let_go(std::size_t i);
  bool is_script(std::size_t file) const;
  void add_dependencies();
  Result<void> keep_what_others_need();
  Result<std::set<std::string, std::less<>>> own_dependencies() const;

  const SdkInput& input_;
  const std::vector<NodePackage>& all_;
  std::string modules_;      // the node_modules folder of the set, with "/"
  std::vector<bool> sdk_;    // per NodePackage: of the SDK, or nested inside such a package
  std::vector<bool> going_;  // those and what only they need
};

// Folder that a package is installed in: "node_modules/" of "node_modules/@aws-sdk/core".
std::string modules_of(const NodePackage& package) {
  return package.folder.substr(0, package.folder.size() - package.name.size());
}

bool AwsSdkSet::is_script(std::size_t file) const {
  if (input_.package.files[file].kind != FileKind::regular) return false;
  return is_javascript(input_.package.files[file].path) || input_.inventory.files[file].type == FileType::script;
}

std::string AwsSdkSet::why_target_keeps() const {
  if (input_.target.is_layer) return "a layer must bring its own SDK: the functions that use it may run on any runtime";
  const Runtime& runtime = input_.target.runtime;
  int major = 0;
  std::from_chars(runtime.version.data(), runtime.version.data() + runtime.version.size(), major);
  const bool has = std::ranges::any_of(runtime.packages, [](const auto& p) { return p.name.starts_with(kScope); });
  // Up to 16 the runtime has aws-sdk 2, and `import` does not search NODE_PATH.
  if (runtime.family != "nodejs" || major < 18 || !has)
    return fmt::format("the runtime {} has no @aws-sdk packages", runtime.id);
  return {};
}

std::string AwsSdkSet::why_place_keeps() const {
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (is_sdk(all_[i]) && !sdk_[i] && is_layer_file(all_[i].folder))
      return fmt::format("a layer has {} in {}, which would take the place of this one before the runtime's does",
                         printable(all_[i].name), printable(all_[i].folder));
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (is_sdk(all_[i]) && !sdk_[i])
      return fmt::format("{} is a copy of its own and may share packages with the others", printable(all_[i].folder));
  for (const PackageFile& file : input_.package.files) {
    if (file.path.contains("patches/@aws-sdk")) return fmt::format("{} patches it", printable(file.path));
    if (file.kind == FileKind::symlink && file.path.starts_with(modules_) && file.path.contains(kScope))
      return fmt::format("{} is a link", printable(file.path));
  }
  return {};
}

Result<std::string> AwsSdkSet::why_uses_keep() const {
  std::vector<std::size_t> scripts;
  for (std::size_t i = 0; i < input_.package.files.size(); ++i) {
    const auto owner = input_.languages.node_package_of[i];
    if (is_script(i) && !(owner && going_[*owner])) scripts.push_back(i);
  }
  std::vector<Result<SdkUse>> uses(scripts.size());
  parallel_for(scripts.size(), input_.threads, [&](std::size_t i) {
    const Content& content = input_.package.files[scripts[i]].content;
    const auto bytes = content.read();
    if (bytes) {
      uses[i] = sdk_use(as_text(*bytes));
      content.release();
    } else {
      uses[i] = std::unexpected(bytes.error());
    }
  });

  std::set<std::string, std::less<>> shipped;
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (is_sdk(all_[i])) shipped.insert(all_[i].name);
  const auto lacking = std::ranges::find_if(shipped, [&](const std::string& name) { return !provided(name); });
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    LP_TRY(const SdkUse use, uses[i]);
    const std::string& path = input_.package.files[scripts[i]].path;
    if (!use.deep.empty())
      return fmt::format("{} reaches inside a package ({}), and the runtime's are built in another way",
                         printable(path), printable(use.deep));
    if (use.computed && lacking != shipped.end())
      return fmt::format("{} may load {} by a computed name, and {} does not have it", printable(path),
                         printable(*lacking), input_.target.runtime.id);
    for (const std::string& name : use.names)
      if (shipped.contains(name) && !provided(name))
        return fmt::format("{} names {}, which {} does not have", printable(path), printable(name),
                           input_.target.runtime.id);
  }
  // What a package that stays depends on, it may load by a computed name.
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (!going_[i])
      for (const std::string& name : all_[i].dependencies)
        if (shipped.contains(name) && !provided(name))
          return fmt::format("{} depends on {}, which {} does not have", printable(all_[i].name), name,
                             input_.target.runtime.id);
  return std::string();
}

Result<std::string> AwsSdkSet::why_it_stays() const {
  for (const std::string& why : {why_target_keeps(), why_place_keeps()})
    if (!why.empty()) return why;
  return why_uses_keep();
}

// [first, last) of the packages in the node_modules folders below package i: only i and they can find them. The list is
// sorted by folder.
std::pair<std::size_t, std::size_t> AwsSdkSet::nested_in(std::size_t i) const {
  const std::string below = all_[i].folder + "/";
  const auto first = std::ranges::lower_bound(all_, below, {}, &NodePackage::folder);
  const auto last =
      std::partition_point(first, all_.end(), [&](const NodePackage& p) { return p.folder.starts_with(below); });
  return {static_cast<std::size_t>(first - all_.begin()), static_cast<std::size_t>(last - all_.begin())};
}

void AwsSdkSet::let_go(std::size_t i) {
  going_[i] = true;
  const auto [first, last] = nested_in(i);
  for (std::size_t nested = first; nested < last; ++nested) going_[nested] = true;
}

// Everything beside the SDK that it can reach over dependencies: may go, until something else turns out to need it.
void AwsSdkSet::add_dependencies() {
  std::unordered_map<std::string_view, std::size_t> beside;
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (modules_of(all_[i]) == modules_) beside.emplace(all_[i].name, i);
  std::vector<std::size_t> pending;
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (going_[i]) pending.push_back(i);
  while (!pending.empty()) {
    const NodePackage& package = all_[pending.back()];
    pending.pop_back();
    for (const std::string& name : package.dependencies) {
      const auto found = beside.find(name);
      if (found == beside.end() || going_[found->second]) continue;
      let_go(found->second);
      pending.push_back(found->second);
      const auto [first, last] = nested_in(found->second);
      for (std::size_t nested = first; nested < last; ++nested) pending.push_back(nested);
    }
  }
}

// Names that a package.json of the user's own depends on.
Result<std::set<std::string, std::less<>>> AwsSdkSet::own_dependencies() const {
  std::set<std::string, std::less<>> names;
  for (std::size_t i = 0; i < input_.package.files.size(); ++i) {
    if (base_name(input_.package.files[i].path) != "package.json" || input_.languages.owned(i)) continue;
    LP_TRY(const auto parsed, read_package_json(input_.package, i));
    if (parsed) names.insert(parsed->dependencies.begin(), parsed->dependencies.end());
  }
  return names;
}

// Takes out of going_, beside the SDK itself, what something that stays names or depends on.
Result<void> AwsSdkSet::keep_what_others_need() {
  // Group 0: what certainly stays. Group c + 1: the c-th dependency of the SDK with all that is nested in it.
  std::vector<std::string> names;
  std::vector<std::size_t> group_of(all_.size(), 0);
  std::unordered_map<std::string_view, std::size_t> group_by_name;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (!going_[i] || sdk_[i] || modules_of(all_[i]) != modules_) continue;
    names.push_back(all_[i].name);
    group_of[i] = names.size();
    group_by_name.emplace(all_[i].name, names.size());
    const auto [first, last] = nested_in(i);
    for (std::size_t nested = first; nested < last; ++nested) group_of[nested] = names.size();
  }

  std::vector<GroupedFile> scanned;
  for (std::size_t i = 0; i < input_.package.files.size(); ++i) {
    const auto owner = input_.languages.node_package_of[i];
    if (is_script(i) && !(owner && sdk_[*owner])) scanned.push_back({i, owner ? group_of[*owner] : 0});
  }
  LP_TRY(const auto mentions, find_mentions(input_.package, scanned, names, is_quoted_module, input_.threads));
  LP_TRY(const auto own, own_dependencies());

  std::vector<std::vector<std::size_t>> needs(names.size() + 1);  // per group: the groups that it needs
  for (const GroupMention& mention : mentions) needs[mention.group].push_back(mention.name + 1);
  const auto add_needs = [&](std::size_t group, const auto& dependencies) {
    for (const std::string& name : dependencies)
      if (const auto found = group_by_name.find(name); found != group_by_name.end())
        needs[group].push_back(found->second);
  };
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (!sdk_[i]) add_needs(group_of[i], all_[i].dependencies);
  add_needs(0, own);

  std::vector<bool> stays(names.size() + 1, false);
  std::vector<std::size_t> pending = {0};
  stays[0] = true;
  while (!pending.empty()) {
    const std::size_t group = pending.back();
    pending.pop_back();
    for (const std::size_t needed : needs[group]) {
      if (stays[needed]) continue;
      stays[needed] = true;
      pending.push_back(needed);
    }
  }
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (!sdk_[i] && stays[group_of[i]]) going_[i] = false;
  return {};
}

Result<std::optional<SdkSet>> AwsSdkSet::find() {
  const auto first = std::ranges::find_if(all_, is_sdk);
  if (first == all_.end()) return std::nullopt;
  // The shallowest node_modules folder that has one is the set's place.
  modules_ = modules_of(*first);
  const auto is_better = [&](const std::string& place) {  // the function's own before a layer's
    if (is_layer_file(place) != is_layer_file(modules_)) return is_layer_file(modules_);
    return place.size() < modules_.size();
  };
  for (const NodePackage& package : all_)
    if (is_sdk(package) && is_better(modules_of(package))) modules_ = modules_of(package);

  going_.assign(all_.size(), false);
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (is_sdk(all_[i]) && modules_of(all_[i]) == modules_) let_go(i);
  sdk_ = going_;
  add_dependencies();
  LP_CHECK(keep_what_others_need());
  LP_TRY(const std::string why, why_it_stays());
  if (!why.empty()) going_ = sdk_;

  SdkSet set{.name = "@aws-sdk", .members = {}, .files = {}, .droppable = why.empty(), .reason = why};
  std::size_t packages = 0;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (!going_[i]) continue;
    set.files.insert(set.files.end(), all_[i].files.begin(), all_[i].files.end());
    if (is_sdk(all_[i])) ++packages;
    if (modules_of(all_[i]) == modules_)
      set.members.push_back({.name = all_[i].name,
                             .shipped = all_[i].version,
                             .provided = input_.target.runtime.package_version(all_[i].name).value_or("")});
  }
  std::ranges::sort(set.files);
  std::ranges::sort(set.members, {}, &SdkMember::name);
  if (set.droppable)
    set.reason =
        fmt::format("{} has every @aws-sdk package that other code names, out of {}; AWS updates them without notice",
                    input_.target.runtime.id, packages);
  return set;
}

}  // namespace

Result<std::optional<SdkSet>> find_aws_sdk_set(const SdkInput& input) {
  return AwsSdkSet(input).find();
}

}  // namespace lambdapack
