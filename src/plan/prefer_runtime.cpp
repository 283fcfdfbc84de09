// A bundled copy goes only when all that binds to it is known to be in the runtime's build, from its first day on. The
// names of symbol versions alone do not tell that: OpenSSL's builds leave out symbols of a version, and SQLite, libxml2
// or curl have none. So a rule (rules/exports) lists the symbols, and a library without such a rule stays. See
// docs/decisions/0018.
#include "plan/prefer_runtime.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/find_strings.h"
#include "languages/package_paths.h"
#include "package/layers.h"
#include "plan/file_texts.h"
#include "plan/opened_by_path.h"
#include "plan/roots.h"
#include "plan/symbol_version.h"
#include "plan/unknown_openers.h"

namespace lambdapack {
namespace {

constexpr std::size_t kMostCopies = 256;  // a package with more was made to keep us busy

// The first folder in the loader's order, outside the package, that has the library.
std::optional<std::string> runtime_folder(const LoaderProfile& profile, const std::string& soname) {
  for (const auto* folders : {&profile.library_path, &profile.default_path})
    for (const std::string& folder : *folders) {
      const auto found = profile.outside.find(folder);
      if (found != profile.outside.end() && found->second.contains(soname)) return folder;
    }
  return std::nullopt;
}

class Finder {
 public:
  explicit Finder(const PreferInput& input)
      : input_(input),
        package_(input.reach_input.package),
        inventory_(input.reach_input.inventory),
        target_(input.reach_input.target) {}

  Result<std::vector<RuntimeCopy>> run() {
    if (target_.is_layer || target_.brings_libc) return std::move(copies_);
    collect();
    if (copies_.size() > kMostCopies) copies_.clear();
    if (copies_.empty()) return std::move(copies_);
    LP_CHECK(read_exports());
    for (RuntimeCopy& copy : copies_) judge(copy);
    LP_CHECK(look_for_names());
    do refuse_with_what_stays(input_, copies_);
    while (refuse_for_copies_that_stay());
    return std::move(copies_);
  }

 private:
  const ElfInfo& elf(std::size_t file) const { return *inventory_.files[file].elf; }
  const std::string& path(std::size_t file) const { return package_.files[file].path; }

  // True when it refused one.
  bool refuse_for_copies_that_stay() {
    const auto copy_at = [&](std::size_t file) { return std::ranges::find(copies_, file, &RuntimeCopy::file); };
    bool refused = false;
    for (const auto& [files, refusal] : conditions_) {
      const auto copy = copy_at(files.first);
      if (!copy->refusal.empty() || copy_at(files.second)->refusal.empty()) continue;
      copy->refusal = refusal;
      refused = true;
    }
    return refused;
  }

  // The refusal, or nothing when it is only a condition.
  std::string lacks(const RuntimeCopy& copy, std::size_t needed_by, std::string refusal) {
    if (std::ranges::find(copies_, needed_by, &RuntimeCopy::file) == copies_.end()) return refusal;
    conditions_.try_emplace({copy.file, needed_by}, std::move(refusal));
    return {};
  }

  void collect() {
    std::vector<char> loaded(package_.files.size());
    for (const Edge& edge : input_.reach_input.links.edges)
      if (edge.state == EdgeState::bundled && edge.target && input_.reach.reached(edge.from)) loaded[*edge.target] = 1;
    for (const std::size_t file : input_.reach_input.links.overriding) loaded[file] = 1;
    for (std::size_t i = 0; i < package_.files.size(); ++i) {
      if (loaded[i] == 0 || is_layer_file(path(i)) || input_.reach.foreign[i] || is_given_file(package_, i) ||
          !is_plain_shared_library(inventory_.files[i]) || elf(i).soname.empty())
        continue;
      if (const auto folder = runtime_folder(input_.profile, elf(i).soname)) {
        RuntimeCopy copy{i, {*folder + "/" + elf(i).soname, {}}, {}, {}, {}, Confidence::likely};
        copies_.push_back(std::move(copy));
      }
    }
  }

  Result<void> read_exports() {
    for (const RuntimeCopy& copy : copies_) {
      const std::string& soname = elf(copy.file).soname;
      if (exports_.contains(soname)) continue;
      LP_TRY(exports_[soname], input_.reach_input.rules.exports(target_.runtime.os, soname));
    }
    return {};
  }

  void judge(RuntimeCopy& copy) {
    const auto& exports = exports_.at(elf(copy.file).soname);
    copy.refusal = why_unknown(copy, exports);
    if (copy.refusal.empty()) copy.refusal = why_reached_otherwise(copy);
    if (copy.refusal.empty()) copy.refusal = missing_version(copy);
    if (copy.refusal.empty()) copy.refusal = missing_symbol(copy, *exports);
    if (!exports) return;
    copy.needs = exports->needs;
    copy.reason = fmt::format("{} has {} ({} {}) and every symbol that is bound to this copy; {}", target_.runtime.id,
                              copy.stand_in.library, exports->name, exports->releases, kCostOfPreferRuntime);
    if (!exports->differs.empty()) copy.reason += "; " + exports->differs;
  }

  bool in_system_folder(const std::string& library) const {
    const std::string_view folder = parent_folder(library);
    return std::ranges::find(input_.profile.default_path, folder) != input_.profile.default_path.end();
  }

  std::string why_unknown(const RuntimeCopy& copy, const std::optional<LibraryExports>& exports) const {
    const std::string& library = copy.stand_in.library;
    if (!exports) return fmt::format("no rule says which symbols {} has", library);
    const auto versions = target_.runtime.versions.find(library);
    if (exports->every_symbol && (versions == target_.runtime.versions.end() || !versions->second.exact))
      return fmt::format("no rule says which symbol versions {} has", library);
    if (!exports->every_symbol && !in_system_folder(library))
      return fmt::format("which symbols {} has is not known, only those of the system's", library);
    if (!input_.bindings.complete || !input_.reach_input.links.complete)
      return "the package's libraries are too entangled to follow every chain of loaders";
    return {};
  }

  // Whether it is loaded only where the same question would lead to the runtime's without it.
  std::string why_reached_otherwise(const RuntimeCopy& copy) const {
    const ReachStep& step = input_.reach.steps[copy.file];
    for (const Edge& edge : input_.reach_input.links.preloads)
      if (edge.target == copy.file) return "LD_PRELOAD names it";
    if (step.kind != ReachKind::needed && step.why != kComesFirst)
      return fmt::format("more than needed entries reach it: {}", step.why);
    for (const Edge& edge : input_.reach_input.links.edges)
      if (edge.target == copy.file && edge.needed != elf(copy.file).soname)
        return fmt::format("{} asks for it as {}", path(edge.from), edge.needed);
    for (const OpenedName& opened : input_.reach_input.links.opens)
      if (opened.target == copy.file)
        return fmt::format("{} opens it while it runs, and which symbols it takes is not known", path(opened.from));
    std::string doubt = input_.reach.search_path_doubt;
    if (doubt.empty()) doubt = target_.search_path_doubt;
    if (doubt.empty() && input_.reach_input.search_path_unknown)
      doubt = "the function's configuration sets the search path to something that is not known";
    if (!doubt.empty()) return fmt::format("it is not sure where the loader would look then: {}", doubt);
    if (in_system_folder(copy.stand_in.library)) return {};
    for (std::size_t i = 0; i < package_.files.size(); ++i)
      if (is_extension(path(i), target_.is_layer) && inventory_.files[i].elf && elf(i).is_executable())
        return fmt::format("{} may be started without the folder of {}", path(i), copy.stand_in.library);
    return {};
  }

  std::string missing_version(const RuntimeCopy& copy) {
    for (const Edge& edge : input_.reach_input.links.edges) {
      if (edge.target != copy.file) continue;
      for (const VersionNeed& need : elf(edge.from).versions_needed) {
        if (need.library != edge.needed) continue;
        const auto state = judge_version(need.version, copy.stand_in.library, target_.runtime).state;
        if (state == VersionState::present) continue;
        std::string refusal =
            fmt::format("{} needs {}, which {} {}", path(edge.from), need.version, copy.stand_in.library,
                        state == VersionState::above_floor ? "has only since a later update"
                        : state == VersionState::untagged  ? "does not define, nor any other version"
                                                           : "is not known to define");
        if (refusal = lacks(copy, edge.from, std::move(refusal)); !refusal.empty()) return refusal;
      }
    }
    return {};
  }

  static bool has(const LibraryExports& exports, std::string_view symbol, std::string_view version) {
    const auto lists = [&](const auto& names) { return std::ranges::binary_search(names, symbol); };
    if (exports.every_symbol) return !version.empty();  // the version itself was asked for before
    if (version.empty())
      return std::ranges::any_of(exports.symbols, [&](const auto& of_version) { return lists(of_version.second); });
    const auto of_version = exports.symbols.find(std::string(version));
    return of_version != exports.symbols.end() && lists(of_version->second);
  }

  // Also fills in what is bound to it and known to be in the runtime's.
  std::string missing_symbol(RuntimeCopy& copy, const LibraryExports& exports) {
    for (const Edge& edge : input_.reach_input.links.edges)
      if (edge.target == copy.file && input_.bindings.of(edge.from) == nullptr)
        return fmt::format("which symbols {} binds to it is not known", path(edge.from));
    std::set<std::pair<std::string, std::string>> symbols;
    for (const FileBindings& file : input_.bindings.files) {
      if (file.file == copy.file) continue;
      for (const BoundSymbol& symbol : file.symbols) {
        if (symbol.to != BoundTo::file || symbol.target != copy.file) continue;
        const std::string_view name = input_.bindings.text(symbol.name);
        const std::string_view version = input_.bindings.text(symbol.version);
        if (!has(exports, name, version)) {
          std::string refusal =
              fmt::format("{} binds {}{}{} to it, which {} is not known to have", path(file.file), printable(name),
                          version.empty() ? "" : "@", version, copy.stand_in.library);
          if (refusal = lacks(copy, file.file, std::move(refusal)); !refusal.empty()) return refusal;
          continue;
        }
        symbols.emplace(name, version);
      }
    }
    copy.stand_in.symbols.assign(symbols.begin(), symbols.end());
    return {};
  }

  // Nothing may ask for the copy but needed entries.
  Result<void> look_for_names() {
    std::vector<std::size_t> left, files;
    for (std::size_t c = 0; c < copies_.size(); ++c)
      if (copies_[c].refusal.empty()) left.push_back(c), files.push_back(copies_[c].file);
    if (left.empty()) return {};
    std::vector<std::size_t> searched;
    for (std::size_t i = 0; i < package_.files.size(); ++i)
      if (input_.reach.reached(i)) searched.push_back(i);
    const LibraryNames names(package_);
    TextSearch texts(package_, inventory_, input_.threads);
    LP_TRY(const auto who, opened_by_path(input_.reach_input, names, searched, files, texts));
    for (std::size_t i = 0; i < left.size(); ++i) copies_[left[i]].refusal = who[i];
    LP_CHECK(look_into_programs(searched, left));
    LP_CHECK(look_into_data(left));
    return look_for_openers(searched, left);
  }

  bool needs(std::size_t file, const std::string& soname) const {
    return std::ranges::find(elf(file).needed, soname) != elf(file).needed.end();
  }

  void refuse(std::size_t copy, std::string why) {
    if (copies_[copy].refusal.empty()) copies_[copy].refusal = std::move(why);
  }

  // The name in an ELF file that does not need it is an argument of dlopen; what it looks up then is not known. The
  // same for a value in the function's configuration.
  Result<void> look_into_programs(const std::vector<std::size_t>& searched, const std::vector<std::size_t>& left) {
    std::vector<std::string> needles;
    for (const std::size_t c : left) needles.push_back(elf(copies_[c].file).soname);
    for (std::size_t i = 0; i < left.size(); ++i)
      for (const auto& [variable, value] : input_.reach_input.env)
        if (value.contains(needles[i])) refuse(left[i], variable + " in the function's configuration names it");
    LP_TRY(const auto mentions, find_mentions(package_, inventory_, searched, needles, input_.threads));
    for (const Mention& mention : mentions) {
      const std::size_t copy = left[mention.needle];
      if (mention.file == copies_[copy].file || !inventory_.files[mention.file].elf ||
          elf(mention.file).soname == needles[mention.needle] || needs(mention.file, needles[mention.needle]))
        continue;
      refuse(copy, fmt::format("{} names it without needing it, so it may open it and look up any symbol",
                               path(mention.file)));
    }
    return {};
  }

  // Files of a format that is not known may hold a list of libraries.
  Result<void> look_into_data(const std::vector<std::size_t>& left) {
    std::vector<std::string> needles;
    for (const std::size_t c : left) needles.push_back(path_tail(path(copies_[c].file)));
    const StringSet set(needles);
    for (std::size_t i = 0; i < package_.files.size(); ++i) {
      const PackageFile& file = package_.files[i];
      if (file.kind != FileKind::regular || inventory_.files[i].elf || is_installer_record(file.path) ||
          is_script(package_, inventory_, i))
        continue;
      LP_TRY(const Bytes bytes, file.content.read());
      for (const std::size_t needle : set.find_in(bytes)) refuse(left[needle], fmt::format("{} names it", file.path));
      file.content.release();
    }
    return {};
  }

  Result<void> look_for_openers(const std::vector<std::size_t>& searched, const std::vector<std::size_t>& left) {
    const RuleFinder openers(input_.reach_input.rules, RuleKind::opener, target_.runtime.family);
    for (const std::size_t file : searched)
      for (const Rule* rule : openers.find(path(file)))
        for (const std::size_t c : left)
          if (rule->may_open(path(copies_[c].file)))
            refuse(c, fmt::format("{} may open it (rule {})", path(file), rule->id));
    if (std::ranges::none_of(left, [&](std::size_t c) { return copies_[c].refusal.empty(); })) return {};
    LP_TRY(const auto unknown, find_unknown_openers(package_, inventory_, openers, searched, input_.threads));
    if (unknown.empty()) return {};
    for (const std::size_t c : left) {
      copies_[c].confidence = Confidence::possible;
      copies_[c].reason += fmt::format("; but {} opens libraries that no rule lists", path(unknown.front()));
    }
    return {};
  }

  const PreferInput& input_;
  const Package& package_;
  const Inventory& inventory_;
  const FunctionTarget& target_;
  std::map<std::string, std::optional<LibraryExports>> exports_;
  // (copy, another copy) -> what that one needs and the runtime's lacks: no obstacle when it goes too.
  std::map<std::pair<std::size_t, std::size_t>, std::string> conditions_;
  std::vector<RuntimeCopy> copies_;
};

// Libraries by soname and by file name.
std::multimap<std::string_view, std::size_t> libraries_by_name(const PreferInput& input) {
  std::multimap<std::string_view, std::size_t> by_name;
  const Package& package = input.reach_input.package;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const auto& elf = input.reach_input.inventory.files[i].elf;
    if (!elf || input.reach.foreign[i]) continue;
    by_name.emplace(base_name(package.files[i].path), i);
    if (!elf->soname.empty()) by_name.emplace(elf->soname, i);
  }
  return by_name;
}

bool stays(const PreferInput& input, const std::vector<RuntimeCopy>& copies, std::size_t file) {
  const auto copy = std::ranges::lower_bound(copies, file, {}, &RuntimeCopy::file);
  if (copy != copies.end() && copy->file == file && copy->refusal.empty()) return false;
  if (is_layer_file(input.reach_input.package.files[file].path)) return true;
  const auto& unused = input.reach.unused;
  const auto found = std::ranges::lower_bound(unused, file, {}, &UnusedFile::file);
  return found == unused.end() || found->file != file || found->confidence > input.options.level ||
         !is_enabled(input.reach_input.rules, input.options, found->rule);
}

}  // namespace

Result<std::vector<RuntimeCopy>> find_runtime_copies(const PreferInput& input) {
  return Finder(input).run();
}

void refuse_with_what_stays(const PreferInput& input, std::vector<RuntimeCopy>& copies) {
  const auto& files = input.reach_input.package.files;
  const auto by_name = libraries_by_name(input);
  const auto refusal = [&](const RuntimeCopy& copy, const std::string& name, const std::string& soname) -> std::string {
    for (auto [library, end] = by_name.equal_range(name); library != end; ++library) {
      if (!stays(input, copies, library->second)) continue;
      const std::string& path = files[library->second].path;
      return name == soname ? fmt::format("{} stays, and a process has only one {}", path, soname)
                            : fmt::format("{} may need {}, and would get {}", copy.stand_in.library, name, path);
    }
    return {};
  };
  for (bool again = true; again;) {
    again = false;
    for (RuntimeCopy& copy : copies) {
      if (!copy.refusal.empty()) continue;
      const std::string& soname = input.reach_input.inventory.files[copy.file].elf->soname;
      copy.refusal = refusal(copy, soname, soname);
      for (const std::string& name : copy.needs)
        if (copy.refusal.empty()) copy.refusal = refusal(copy, name, soname);
      again = again || !copy.refusal.empty();
    }
  }
}

std::vector<Finding> refused_copies(const Package& package, const std::vector<RuntimeCopy>& copies) {
  std::vector<Finding> findings;
  for (const RuntimeCopy& copy : copies) {
    if (copy.refusal.empty()) continue;
    findings.push_back({"runtime-copy-not-preferred", Severity::info, package.files[copy.file].path,
                        copy.stand_in.library, fmt::format("stays before {}: {}", copy.stand_in.library, copy.refusal),
                        "nothing; --prefer-runtime leaves to the runtime only what is known to be there"});
  }
  return findings;
}

}  // namespace lambdapack
