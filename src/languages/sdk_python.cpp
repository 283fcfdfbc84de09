// May the shipped boto3 go, because the runtime has one?
//
// A package without boto3 works as long as what AWS puts into the runtime stays compatible with the code that calls it,
// and with the libraries that stay in the package: modules of the package come first on sys.path, so the runtime's
// botocore would import *our* urllib3. That is why the set goes as a whole, and why every question below that has no
// sure answer ends with "it stays". docs/decisions/0008 has the reasons and what was rejected.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "languages/distributions.h"
#include "languages/find_mentions.h"
#include "languages/installed_files.h"
#include "languages/package_paths.h"
#include "languages/python_version.h"
#include "languages/sdk_sets.h"

namespace lambdapack {

namespace {

constexpr std::array<std::string_view, 4> kCore = {"boto3", "botocore", "jmespath", "s3transfer"};

bool is_core(std::string_view name) {
  return std::ranges::find(kCore, name) != kCore.end();
}

// The distributions that may go, and what is known about each; indices are into LanguageView::distributions.
class Boto3Set {
 public:
  explicit Boto3Set(const SdkInput& input) : input_(input), all_(input.languages.distributions) {}

  Result<std::optional<SdkSet>> find();
  // The search in texts that find() will make.
  std::optional<MentionSearch> search();

 private:
  bool find_core();
  // Each answers with why the set must stay, "" when this question does not hold it back.
  std::string why_target_keeps() const;
  std::string why_place_keeps() const;
  std::string why_versions_keep() const;
  std::string why_pins_keep() const;
  std::string why_requirements_keep();
  std::string why_metadata_keeps();  // all of the above
  Result<std::string> why_companions_keep();

  Result<std::string> why_it_stays();
  std::optional<SdkSet> without_dist_info() const;
  std::vector<GroupedFile> files_to_scan() const;
  std::vector<std::string> with_requirements(std::vector<std::string> needed_by) const;
  struct Words {
    std::vector<std::string> words;
    std::vector<std::size_t> owner;  // parallel: index into going_
  };
  Words words_of(const std::vector<std::string>& needed) const;
  Result<std::vector<std::string>> needed_by() const;
  bool going(std::size_t distribution) const { return std::ranges::find(going_, distribution) != going_.end(); }
  std::string provided(const Distribution& distribution) const {
    return input_.target.runtime.package_version(distribution.name).value_or("");
  }
  bool not_older(const Distribution& distribution) const;
  // Part of the SDK itself, and the runtime's is not older: whoever uses it may as well get that one.
  bool finds_runtimes(std::size_t i) const { return is_core(all_[i].name) && not_older(all_[i]); }
  std::vector<std::size_t> files() const;

  const SdkInput& input_;
  const std::vector<Distribution>& all_;
  std::vector<std::size_t> core_;   // every shipped copy of the SDK's own distributions
  std::vector<std::size_t> going_;  // the core and what only it needs
};

// Whether the runtime's version is known and the shipped one is not newer.
bool Boto3Set::not_older(const Distribution& distribution) const {
  const auto has = parse_python_version(provided(distribution));
  const auto shipped = parse_python_version(distribution.version);
  return has && shipped && *has >= *shipped;
}

std::string Boto3Set::why_target_keeps() const {
  if (input_.target.is_layer) return "a layer must bring its own SDK: the functions that use it may run on any runtime";
  const Runtime& runtime = input_.target.runtime;
  if (runtime.family != "python" || !runtime.package_version("boto3"))
    return fmt::format("the runtime {} has no boto3", runtime.id);
  return {};
}

std::string Boto3Set::why_place_keeps() const {
  std::set<std::string_view> names;
  for (const std::size_t i : core_) {
    if (is_layer_file(all_[i].folder))
      return fmt::format("a layer has {} in {}, which would take the place of this one before the runtime's does",
                         versioned(all_[i]), printable(all_[i].folder));
    if (!all_[i].folder.empty())
      return fmt::format("{} is in {}, which only the function itself puts on the module path", all_[i].name,
                         printable(all_[i].folder));
    if (!names.insert(all_[i].name).second) return fmt::format("there are two versions of {}", all_[i].name);
  }
  for (const PackageFile& file : input_.package.files)
    if (is_layer_file(file.path) && file.path.ends_with("/botocore/__init__.py"))
      return fmt::format("a layer has {}, which would take the place of this one before the runtime's does",
                         printable(file.path));
  if (!names.contains("botocore")) return "botocore itself is not among the installed distributions";
  return {};
}

// boto3 and botocore are what the user's code calls. s3transfer and jmespath stand behind them, and the runtime's boto3
// brings its own: for these the version matters only when something else uses them (why_companions_keep).
std::string Boto3Set::why_versions_keep() const {
  for (const std::size_t i : core_) {
    if ((all_[i].name != "boto3" && all_[i].name != "botocore") || not_older(all_[i])) continue;
    const std::string has = provided(all_[i]);
    return fmt::format("{} is newer than the {} of {}", versioned(all_[i]), has.empty() ? "(unknown) version" : has,
                       input_.target.runtime.id);
  }
  return {};
}

// aiobotocore and the like patch the inside of one botocore version and say so in their requirements. AWS moves the
// runtime's version on, so a later one of the same major must be allowed too.
std::string Boto3Set::why_pins_keep() const {
  std::map<std::string_view, std::size_t> shipped;
  for (const std::size_t i : core_) shipped.emplace(all_[i].name, i);
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (is_core(all_[i].name)) continue;
    for (const Requirement& requirement : all_[i].requirements) {
      const auto member = shipped.find(requirement.name);
      if (member == shipped.end()) continue;
      const Distribution& core = all_[member->second];
      const auto now = parse_python_version(provided(core));
      const auto before = parse_python_version(core.version);
      if (!now || !before) continue;  // not boto3 and botocore: they have been compared
      // An extra's requirement that the shipped version does not meet is one of an extra that is not in use.
      if (meets(*before, requirement.specifier) == std::optional(false)) continue;
      PythonVersion later = *now;
      later.release = {now->release.front(), 99999};
      if (meets(*now, requirement.specifier) == std::optional(true) &&
          meets(later, requirement.specifier) == std::optional(true))
        continue;
      return fmt::format("{} needs {} {}, and the runtime's version moves on", versioned(all_[i]), requirement.name,
                         printable(requirement.specifier));
    }
  }
  return {};
}

// Adds the closure of what the SDK requires, as far as the runtime has it too.
std::string Boto3Set::why_requirements_keep() {
  std::multimap<std::string_view, std::size_t> beside;
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (all_[i].folder.empty()) beside.emplace(all_[i].name, i);
  if (const auto awscrt = beside.find("awscrt"); awscrt != beside.end())
    return fmt::format("{} is made for the shipped botocore, and the runtime has none",
                       versioned(all_[awscrt->second]));
  for (std::size_t next = 0; next < going_.size(); ++next) {
    for (const std::string& name : all_[going_[next]].requires_) {
      if (beside.count(name) == 0 || going(beside.find(name)->second) || !input_.target.runtime.package_version(name))
        continue;
      if (beside.count(name) > 1) return fmt::format("there are two versions of {}", name);
      going_.push_back(beside.find(name)->second);
    }
  }
  std::ranges::sort(going_);
  // The runtime's SDK would import a layer's copy of what it needs: /opt/python comes before its own folders.
  for (const Distribution& other : all_) {
    if (!is_layer_file(other.folder)) continue;
    for (const std::size_t i : going_)
      if (std::ranges::binary_search(all_[i].requires_, other.name))
        return fmt::format("a layer has {}, and the runtime's {} was made with another", versioned(other),
                           all_[i].name);
  }
  return {};
}

// Group 0 is everything that certainly stays, group i + 1 the distribution going_[i], which may turn out to stay.
//
// Scanned: Python source, and ELF files that no distribution owns. An extension module that a distribution owns has its
// requirements in that distribution's metadata.
std::vector<GroupedFile> Boto3Set::files_to_scan() const {
  std::vector<std::size_t> group(input_.package.files.size(), 0);
  for (std::size_t i = 0; i < going_.size(); ++i)
    for (const std::size_t file : all_[going_[i]].files) group[file] = i + 1;
  std::vector<GroupedFile> scanned;
  for (std::size_t i = 0; i < input_.package.files.size(); ++i) {
    const PackageFile& file = input_.package.files[i];
    if (file.kind != FileKind::regular || (group[i] != 0 && finds_runtimes(going_[group[i] - 1]))) continue;
    const FileType type = input_.inventory.files[i].type;
    if (file.path.ends_with(".py") || type == FileType::script || (type == FileType::elf && !input_.languages.owned(i)))
      scanned.push_back({i, group[i]});
  }
  return scanned;
}

// needed_by, completed by what is required by something that stays, and what that requires in turn.
std::vector<std::string> Boto3Set::with_requirements(std::vector<std::string> needed_by) const {
  std::vector<std::size_t> pending;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const auto place = std::ranges::find(going_, i);
    if (place == going_.end() || !needed_by[static_cast<std::size_t>(place - going_.begin())].empty())
      pending.push_back(i);
  }
  while (!pending.empty()) {
    const std::size_t stays = pending.back();
    pending.pop_back();
    for (std::size_t i = 0; i < going_.size(); ++i) {
      if (!needed_by[i].empty() || going_[i] == stays || finds_runtimes(going_[i])) continue;
      if (!std::ranges::binary_search(all_[stays].requires_, all_[going_[i]].name)) continue;
      needed_by[i] = printable(all_[stays].name);
      pending.push_back(going_[i]);
    }
  }
  return needed_by;
}

// What those of going_ are called in source that no requirement has decided on already.
Boto3Set::Words Boto3Set::words_of(const std::vector<std::string>& needed) const {
  Words words;
  for (std::size_t i = 0; i < going_.size(); ++i) {
    if (finds_runtimes(going_[i]) || !needed[i].empty()) continue;
    for (const std::string& top : all_[going_[i]].top_level) {
      words.words.push_back(top);
      words.owner.push_back(i);
    }
  }
  return words;
}

// For each of going_: what that stays needs it, "" when nothing does. Reading all source is the expensive part.
Result<std::vector<std::string>> Boto3Set::needed_by() const {
  std::vector<std::string> needed = with_requirements(std::vector<std::string>(going_.size()));
  const Words words = words_of(needed);
  if (words.words.empty()) return needed;
  LP_TRY(const auto mentions,
         input_.boto3_search != nullptr
             ? input_.boto3_search->finish(input_.package, input_.threads)
             : find_mentions(input_.package, files_to_scan(), words.words, is_whole_word, input_.threads));
  for (bool changed = true; changed;) {
    changed = false;
    for (const GroupMention& mention : mentions) {
      const std::size_t owner = words.owner[mention.name];
      const bool by_what_stays = mention.group == 0 || !needed[mention.group - 1].empty();
      if (!needed[owner].empty() || mention.group == owner + 1 || !by_what_stays) continue;
      needed[owner] = printable(input_.package.files[mention.file].path);
      needed = with_requirements(std::move(needed));
      changed = true;
    }
  }
  return needed;
}

// Takes out of going_ what something else needs, and looks whether that and the runtime's SDK fit together.
Result<std::string> Boto3Set::why_companions_keep() {
  LP_TRY(const auto needed, needed_by());
  std::vector<std::size_t> going;
  for (std::size_t i = 0; i < going_.size(); ++i) {
    const Distribution& distribution = all_[going_[i]];
    if (needed[i].empty()) {
      going.push_back(going_[i]);
      continue;
    }
    // The package's copy comes first on sys.path: the runtime's SDK will have to work with it.
    const std::string has = provided(distribution);
    const auto theirs = parse_python_version(has), ours = parse_python_version(distribution.version);
    if (is_core(distribution.name) || !theirs || !ours || theirs->release.front() != ours->release.front())
      return fmt::format("{} is needed by {} and stays, but the SDK of {} was made for {} {}", versioned(distribution),
                         needed[i], input_.target.runtime.id, distribution.name, has);
  }
  going_ = std::move(going);
  return std::string();
}

std::string Boto3Set::why_metadata_keeps() {
  for (const auto& question : {&Boto3Set::why_target_keeps, &Boto3Set::why_place_keeps, &Boto3Set::why_versions_keep,
                               &Boto3Set::why_pins_keep})
    if (std::string why = (this->*question)(); !why.empty()) return why;
  return why_requirements_keep();
}

Result<std::string> Boto3Set::why_it_stays() {
  if (std::string why = why_metadata_keeps(); !why.empty()) return why;
  LP_TRY(std::string companions, why_companions_keep());
  if (!companions.empty()) return companions;
  return why_not_as_installed(input_.package, all_, going_, input_.threads);
}

// Files of the set, without those that another distribution installed as well; leftover bytecode in its folders
// included.
std::vector<std::size_t> Boto3Set::files() const {
  std::set<std::size_t> files;
  for (const std::size_t i : going_) {
    files.insert(all_[i].files.begin(), all_[i].files.end());
    for (const std::string& top : all_[i].top_level) {
      const auto [first, last] = files_below(input_.package, join_path(all_[i].folder, top));
      for (std::size_t file = first; file < last; ++file)
        if (input_.package.files[file].path.contains("__pycache__/") && !input_.languages.owned(file))
          files.insert(file);
    }
  }
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (!going(i))
      for (const std::size_t file : all_[i].files) files.erase(file);
  return {files.begin(), files.end()};
}

// Packagers that delete *.dist-info leave an SDK of which nothing is known: shown, never dropped.
std::optional<SdkSet> Boto3Set::without_dist_info() const {
  SdkSet set{.name = "boto3",
             .members = {},
             .files = {},
             .droppable = false,
             .reason = "its dist-info folders are missing, so neither its version nor its files are known"};
  for (const std::string_view name : kCore) {
    if (!file_at(input_.package, join_path(name, "__init__.py"))) continue;
    set.members.push_back({.name = std::string(name),
                           .shipped = {},
                           .provided = input_.target.runtime.package_version(name).value_or("")});
    const auto [first, last] = files_below(input_.package, name);
    for (std::size_t i = first; i < last; ++i) set.files.push_back(i);
  }
  std::ranges::sort(set.files);
  const bool has_botocore = std::ranges::any_of(set.members, [](const SdkMember& m) { return m.name == "botocore"; });
  return has_botocore ? std::optional(std::move(set)) : std::nullopt;
}

bool Boto3Set::find_core() {
  bool sdk = false;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (!is_core(all_[i].name)) continue;
    core_.push_back(i);
    sdk = sdk || all_[i].name != "jmespath";  // jmespath alone is a library like any other
  }
  going_ = core_;
  return sdk;
}

std::optional<MentionSearch> Boto3Set::search() {
  if (!find_core() || !why_metadata_keeps().empty()) return std::nullopt;
  Words words = words_of(with_requirements(std::vector<std::string>(going_.size())));
  if (words.words.empty()) return std::nullopt;
  return MentionSearch(files_to_scan(), std::move(words.words), is_whole_word);
}

Result<std::optional<SdkSet>> Boto3Set::find() {
  if (!find_core()) return without_dist_info();

  LP_TRY(const std::string why, why_it_stays());
  if (!why.empty()) going_ = core_;
  SdkSet set{.name = "boto3", .members = {}, .files = files(), .droppable = why.empty(), .reason = why};
  for (const std::size_t i : going_)
    set.members.push_back({.name = all_[i].name, .shipped = all_[i].version, .provided = provided(all_[i])});
  std::ranges::sort(set.members, {}, [](const SdkMember& member) { return std::tie(member.name, member.shipped); });
  if (set.droppable) {
    const auto botocore = std::ranges::find(set.members, "botocore", &SdkMember::name);
    set.reason = fmt::format("{} has botocore {}, the package {}; AWS updates the runtime's without notice",
                             input_.target.runtime.id, botocore->provided, printable(botocore->shipped));
  }
  return set;
}

}  // namespace

std::optional<MentionSearch> boto3_search(const SdkInput& input) {
  return Boto3Set(input).search();
}

Result<std::optional<SdkSet>> find_boto3_set(const SdkInput& input) {
  return Boto3Set(input).find();
}

}  // namespace lambdapack
