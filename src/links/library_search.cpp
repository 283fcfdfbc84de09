// The search of glibc's _dl_map_object and open_path (elf/dl-load.c), over the package and what is known of Lambda.
#include "links/library_search.h"

#include <algorithm>

#include "links/dynamic_string.h"

namespace lambdapack {
namespace {

// Reports name the first few; a package that has more wrong candidates than this on one search path gains nothing by
// more.
constexpr std::size_t kSkippedNamed = 8;

// EI_OSABI: System V and GNU are what glibc accepts on both architectures (VALID_ELF_OSABI).
bool valid_os_abi(std::uint8_t os_abi) {
  return os_abi == 0 || os_abi == 3;
}

// DT_RPATH and DT_RUNPATH that are "" are ignored as a whole (decompose_rpath); "" between colons is the current
// folder.
bool is_empty_path(const std::vector<std::string>& entries) {
  return entries.empty() || (entries.size() == 1 && entries.front().empty());
}

}  // namespace

Id NameTable::intern(std::string_view text) {
  if (const auto found = ids_.find(text); found != ids_.end()) return found->second;
  const Id id = static_cast<Id>(texts_.size());
  ids_.emplace(texts_.emplace_back(text), id);
  return id;
}

Id NameTable::find(std::string_view text) const {
  const auto found = ids_.find(text);
  return found == ids_.end() ? kNone : found->second;
}

LibrarySearch::LibrarySearch(const Package& package, const Inventory& inventory,
                             const std::vector<std::size_t>& elf_files, const LoaderProfile& profile, CpuProfile cpu,
                             const FileView& files)
    : package_(package), inventory_(inventory), profile_(profile), cpu_(std::move(cpu)), files_(files) {
  intern_needed_names(elf_files);
  find_places();
  cached_ = list_of(profile.cached_path, "/");
  default_ = list_of(profile.default_path, "/");
  std::vector<std::string> without;
  for (const std::string& entry : profile.cached_path)
    if (std::ranges::none_of(profile.default_path,
                             [&](const std::string& d) { return (entry + "/").starts_with(d + "/"); }))
      without.push_back(entry);
  cached_without_default_ = list_of(without, "/");
}

// Every name that can be searched for, so that one pass over the package finds all candidates.
void LibrarySearch::intern_needed_names(const std::vector<std::size_t>& elf_files) {
  const auto add = [&](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) names.intern(expand_tokens(text, {"/", profile_.lib, cpu_.platform}));
  };
  const auto add_elf = [&](const ElfInfo& elf) {
    add(elf.needed);
    add(elf.filters);
    add(elf.auxiliaries);
    for (const DlopenNote& note : elf.dlopen_notes) add(note.sonames);
  };
  for (const std::size_t i : elf_files) add_elf(*inventory_.files[i].elf);
  for (const auto& [path, elf] : profile_.outside_elf) add_elf(elf);
  add(profile_.preload);
}

void LibrarySearch::find_places() {
  places_.resize(names.size());
  std::string_view previous_folder;
  for (std::size_t i = 0; i < package_.files.size(); ++i) {
    const std::string_view path = package_.files[i].path;
    const std::string_view parent = folder_name_of(path);
    if (parent != previous_folder) add_new_folders(parent, previous_folder);
    previous_folder = parent;
    const Id name = names.find(file_name_of(path));
    if (name == kNone) continue;
    const bool is_folder = package_.files[i].kind == FileKind::directory;
    places_[name].push_back({folder(files_.folder_of(i)), is_folder ? 0 : i, is_folder});
  }
  for (std::vector<Place>& places : places_) std::ranges::sort(places);
}

// The folders on the way to `path` that are not on the way to `previous`, when a needed name is theirs.
void LibrarySearch::add_new_folders(std::string_view path, std::string_view previous) {
  for (std::size_t end = path.find('/'), last = 0; !path.empty() && last < path.size();
       end = path.find('/', last + 1)) {
    last = std::min(end, path.size());
    const std::string_view folder_path = path.substr(0, last);
    if (previous.starts_with(folder_path) && (previous.size() == last || previous[last] == '/')) continue;
    if (const Id name = names.find(file_name_of(folder_path)); name != kNone)
      places_[name].push_back({folder(files_.absolute(folder_name_of(folder_path))), 0, true});
  }
}

Id LibrarySearch::folder(std::string_view path) {
  if (const auto found = folder_ids_.find(std::string(path)); found != folder_ids_.end()) return found->second;
  Location location = files_.locate(path);
  Id id = kNone;
  if (location.what == Located::folder) {
    const auto [known, is_new] = folder_ids_.try_emplace(location.path, static_cast<Id>(folders_.size()));
    id = known->second;
    if (is_new) {
      const auto relative = files_.inside(location.path);
      folders_.push_back({location.path,
                          relative && files_.is_package_folder(*relative),
                          files_.outside_folder(location.path),
                          {},
                          false});
    }
  }
  folder_ids_.emplace(path, id);
  return id;
}

const std::vector<Id>& LibrarySearch::searched_folders(Id id) {
  if (!folders_[id].expanded) {
    std::vector<Id> searched;
    for (const std::string& subfolder : cpu_.hwcaps)
      if (const Id sub = folder(folders_[id].path + "/" + subfolder); sub != kNone) searched.push_back(sub);
    searched.push_back(id);
    folders_[id].searched = std::move(searched);
    folders_[id].expanded = true;
  }
  return folders_[id].searched;
}

Id LibrarySearch::list_of(const std::vector<std::string>& entries, std::string_view origin) {
  std::vector<Id> list;
  for (const std::string& entry : entries) {
    // An entry that expands to nothing is left out; one that is empty as written is the current folder (fillin_rpath).
    const std::string expanded = expand_tokens(entry, {origin, profile_.lib, cpu_.platform});
    if (expanded.empty() && !entry.empty()) continue;
    const Id id = folder(expanded);
    if (id == kNone) continue;
    for (const Id searched : searched_folders(id))
      if (std::ranges::find(list, searched) == list.end()) list.push_back(searched);
  }
  if (list.empty()) return kNone;
  const auto [known, is_new] = list_ids_.try_emplace(list, static_cast<Id>(lists_.size()));
  if (is_new) lists_.push_back(std::move(list));
  return known->second;
}

Id LibrarySearch::library_path(std::string_view origin) {
  return list_of(profile_.library_path, origin);
}

Id LibrarySearch::extend_chain(Id chain, Id rpath) {
  if (rpath == kNone) return chain;
  const auto [known, is_new] =
      chain_ids_.try_emplace(std::uint64_t{chain} << 32 | rpath, static_cast<Id>(chain_.size()));
  if (is_new) chain_.emplace_back(chain, rpath);
  return known->second;
}

Id LibrarySearch::expand_name(std::string_view text, Id origin) {
  if (text.find('$') == std::string_view::npos) return names.intern(text);
  const std::string_view folder = origin == kNone ? std::string_view("/") : std::string_view(folders_[origin].path);
  return names.intern(expand_tokens(text, {folder, profile_.lib, cpu_.platform}));
}

const OpenedElf& LibrarySearch::opened(const ElfInfo& elf, Id origin) {
  const auto [known, is_new] = opened_.try_emplace({&elf, origin});
  OpenedElf& result = known->second;
  if (!is_new) return result;
  const std::string folder = origin == kNone ? "/" : folders_[origin].path;
  result.has_runpath = elf.has_runpath;
  result.nodeflib = elf.nodeflib;
  if (elf.has_runpath) {
    if (!is_empty_path(elf.runpath)) result.runpath = list_of(elf.runpath, folder);
  } else if (!is_empty_path(elf.rpath)) {
    result.rpath = list_of(elf.rpath, folder);
  }
  const auto add = [&](const std::vector<std::string>& texts, bool optional, bool filter) {
    for (const std::string& text : texts) {
      const Id name = expand_name(text, origin);
      result.needs.push_back({text, name, names.text(name).contains('/'), optional, filter});
    }
  };
  add(elf.needed, false, false);
  add(elf.filters, false, true);
  add(elf.auxiliaries, true, true);
  return result;
}

LibrarySearch::Verdict LibrarySearch::judge_elf(const ElfInfo& elf) const {
  // In the order of open_verify and _dl_map_object_from_fd: only another class and another machine are passed over.
  const bool broken = std::ranges::any_of(elf.problems, [](const ElfProblem& p) { return p.fatal; });
  if (broken && elf.file_size < 64) return Verdict::refused;  // "file too short": the header is not even compared
  if (elf.is64 != profile_.is64) return Verdict::other_machine;
  if (!elf.little_endian || !valid_os_abi(elf.os_abi)) return Verdict::refused;
  if (elf.machine != profile_.machine) return Verdict::other_machine;
  if (elf.type != ElfType::shared || (elf.pie && profile_.refuses_pie) || !elf.has_dynamic || broken)
    return Verdict::refused;
  return Verdict::usable;
}

LibrarySearch::Verdict LibrarySearch::judge_file(std::size_t file) const {
  const FileRecord& record = inventory_.files[file];
  return record.elf ? judge_elf(*record.elf) : Verdict::refused;
}

// A candidate exists: is the search over? Once the runtime's copy has been found, only the package's next copy is of
// interest.
LibrarySearch::Next LibrarySearch::judge(const Location& location, Id folder, Id name, FoundBy how, Answer& answer) {
  const bool only_shadows = answer.state == EdgeState::runtime;
  Verdict verdict = Verdict::usable;
  switch (location.what) {
    case Located::nothing: return Next::go_on;
    case Located::endless_link:
      return only_shadows ? Next::go_on : Next::next_list;    // ELOOP ends this list (open_path)
    case Located::folder: verdict = Verdict::refused; break;  // opened, then "cannot read file data: Is a directory"
    case Located::file: verdict = judge_file(location.file); break;
    case Located::outside:
      if (const auto elf = profile_.outside_elf.find(location.path); elf != profile_.outside_elf.end())
        verdict = judge_elf(elf->second);
      break;
  }
  if (only_shadows) {
    if (location.what != Located::file || verdict != Verdict::usable) return Next::go_on;
    answer.state = EdgeState::shadowed;
    answer.shadows = location.file;
    return Next::done;
  }
  if (verdict == Verdict::other_machine) {
    if (answer.skipped.size() < kSkippedNamed)
      answer.skipped.push_back(location.what == Located::file ? package_.files[location.file].path : location.path);
    return Next::go_on;
  }
  answer.how = how;
  answer.origin = folder;
  if (folder != kNone) answer.folder = folders_[folder].path;
  if (location.what == Located::file) answer.target = location.file;
  if (verdict == Verdict::refused) {
    answer.state = EdgeState::fatal;
    if (location.what == Located::outside) answer.outside = location.path;
    return Next::done;
  }
  if (location.what == Located::file) {
    answer.state = EdgeState::bundled;
    return Next::done;
  }
  answer.state = EdgeState::runtime;
  answer.outside =
      folder == kNone ? location.path : folders_[folder].path + "/" + std::string(file_name_of(names.text(name)));
  return Next::go_on;
}

LibrarySearch::Next LibrarySearch::look_into(Id folder_id, Id name, FoundBy how, Answer& answer) {
  ++steps;
  const Folder& folder = folders_[folder_id];
  if (folder.in_package && name < places_.size()) {
    const auto places = std::ranges::equal_range(places_[name], folder_id, {}, &Place::folder);
    if (!places.empty()) {
      const Place& place = places.front();
      if (place.is_folder) return judge({Located::folder, 0, {}}, folder_id, name, how, answer);
      if (package_.files[place.file].kind == FileKind::regular)
        return judge({Located::file, place.file, {}}, folder_id, name, how, answer);
      return judge(files_.locate(files_.path_of(place.file)), folder_id, name, how, answer);
    }
  }
  if (folder.outside != nullptr && folder.outside->contains(names.text(name)))
    return judge({Located::outside, 0, folder.path + "/" + names.text(name)}, folder_id, name, how, answer);
  return Next::go_on;
}

// True when the search is over.
bool LibrarySearch::look_through(Id list, Id name, FoundBy how, Answer& answer) {
  if (list == kNone) return false;
  for (const Id folder : lists_[list]) {
    if (exhausted()) return true;
    const Next next = look_into(folder, name, how, answer);
    if (next == Next::done) return true;
    if (next == Next::next_list) return false;
  }
  return false;
}

Id LibrarySearch::asker(const Asker& asker) {
  const auto [known, is_new] = asker_ids_.try_emplace(asker, static_cast<Id>(askers_.size()));
  if (is_new) askers_.push_back(asker);
  return known->second;
}

const Answer& LibrarySearch::find(Id asker_id, Id name) {
  const Answer*& known = found_[std::uint64_t{asker_id} << 32 | name];
  if (known != nullptr) return *known;
  Answer& answer = answers_.emplace_back();
  known = &answer;
  const Asker asker = askers_[asker_id];
  for (Id link = asker.chain; link != kNone; link = chain_[link].first)
    if (look_through(chain_[link].second, name, FoundBy::rpath, answer)) return answer;
  if (look_through(asker.library_path, name, FoundBy::ld_library_path, answer)) return answer;
  if (look_through(asker.runpath, name, FoundBy::runpath, answer)) return answer;
  if (look_through(asker.nodeflib ? cached_without_default_ : cached_, name, FoundBy::default_path, answer))
    return answer;
  if (!asker.nodeflib) look_through(default_, name, FoundBy::default_path, answer);
  return answer;
}

const Answer& LibrarySearch::open(Id name) {
  const Answer*& known = paths_opened_[name];
  if (known != nullptr) return *known;
  Answer& answer = answers_.emplace_back();
  known = &answer;
  const std::string& path = names.text(name);
  const Location location = files_.locate(path);
  const std::size_t slash = path.rfind('/');
  const Id origin =
      folder(slash == std::string::npos ? std::string_view() : std::string_view(path).substr(0, slash + 1));
  judge(location, origin, name, FoundBy::slash, answer);
  return answer;
}

std::string LibrarySearch::path_of_loaded(const std::string& name) const {
  if (!profile_.loader.empty() && file_name_of(profile_.loader) == name) return profile_.loader;
  const auto in = [&](std::string folder) { return folder.append("/").append(name); };
  for (const auto* path : {&profile_.library_path, &profile_.default_path})
    for (const std::string& entry : *path)
      if (const auto* known = files_.outside_folder(entry); known != nullptr && known->contains(name)) return in(entry);
  for (const auto& [folder, known] : profile_.outside)
    if (known.contains(name)) return in(folder);
  return name;
}

}  // namespace lambdapack
