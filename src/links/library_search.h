// Which file the loader opens for a needed name, given who asks: the search path, folder by folder.
//
// Answers depend on few things: the RPATHs of the chain of loaders, the object's own RUNPATH, NODEFLIB, and the name.
// So these are numbered, and every answer is computed once: a package of 300 ELF files asks the same few hundred
// questions tens of thousands of times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "elf/inventory.h"
#include "links/file_view.h"
#include "links/link_graph.h"

namespace lambdapack {

using Id = std::uint32_t;
inline constexpr Id kNone = 0xffffffff;

// Strings as small numbers.
class NameTable {
 public:
  Id intern(std::string_view text);
  Id find(std::string_view text) const;  // kNone when it was never interned
  const std::string& text(Id id) const { return texts_[id]; }
  std::size_t size() const { return texts_.size(); }

 private:
  std::deque<std::string> texts_;
  std::unordered_map<std::string_view, Id> ids_;
};

struct Answer {
  EdgeState state = EdgeState::missing;
  FoundBy how = FoundBy::none;
  std::string folder;  // that had it
  std::optional<std::size_t> target;
  std::string outside;
  std::optional<std::size_t> shadows;
  std::vector<std::string> skipped;
  Id origin = kNone;  // folder of the path as opened: the found object's $ORIGIN
};

// One name that an object needs, tokens expanded.
struct Need {
  std::string_view as_written;
  Id name = kNone;
  bool is_path = false;   // contains "/"
  bool optional = false;  // DT_AUXILIARY
  bool filter = false;    // DT_FILTER or DT_AUXILIARY: loaded right after its object, not at the end of the queue
};

// An ELF file as opened in one folder: what its $ORIGIN-dependent strings mean there.
struct OpenedElf {
  Id rpath = kNone;  // list of folders; kNone when it has none, or a RUNPATH that switches it off
  Id runpath = kNone;
  bool has_runpath = false, nodeflib = false;
  std::vector<Need> needs;  // DT_NEEDED, then filters, then auxiliaries
};

// Who asks. chain: RPATH lists of the requesting object and of its loaders, kNone when there is none.
struct Asker {
  Id chain = kNone, runpath = kNone, library_path = kNone;
  bool nodeflib = false;
  auto operator<=>(const Asker&) const = default;
};

class LibrarySearch {
 public:
  LibrarySearch(const Package& package, const Inventory& inventory, const std::vector<std::size_t>& elf_files,
                const LoaderProfile& profile, CpuProfile cpu, const FileView& files);

  Id folder(std::string_view path);  // kNone when there is no such folder
  const std::string& folder_path(Id folder) const { return folders_[folder].path; }
  Id library_path(std::string_view origin);  // LD_LIBRARY_PATH of a process whose program lies in folder `origin`
  Id extend_chain(Id chain, Id rpath);
  const OpenedElf& opened(const ElfInfo& elf, Id origin);
  Id expand_name(std::string_view text, Id origin);

  Id asker(const Asker& asker);
  const Answer& find(Id asker, Id name);  // of a name without "/"
  const Answer& open(Id name);            // a name with "/": a path
  // Where the process has a library that it had loaded before: the path on its search path, or just the name.
  std::string path_of_loaded(const std::string& name) const;

  NameTable names;
  std::uint64_t steps = 0;  // folders looked into and needs answered: the work of a run
  // No search goes on after this many: an input made for it could else keep us busy for hours.
  static constexpr std::uint64_t kStepLimit = 8'000'000;
  bool exhausted() const { return steps > kStepLimit; }

 private:
  enum class Verdict { usable, other_machine, refused };
  struct Folder {
    std::string path;
    bool in_package = false;
    const std::set<std::string>* outside = nullptr;
    std::vector<Id> searched;  // its hwcaps subfolders that exist, then itself
    bool expanded = false;
  };
  struct Place {  // a file of the package, or a folder, that has a name somebody needs
    Id folder = kNone;
    std::size_t file = 0;
    bool is_folder = false;
    auto operator<=>(const Place&) const = default;
  };
  enum class Next { go_on, next_list, done };

  void intern_needed_names(const std::vector<std::size_t>& elf_files);
  void find_places();
  void add_new_folders(std::string_view path, std::string_view previous);
  Id list_of(const std::vector<std::string>& entries, std::string_view origin);
  const std::vector<Id>& searched_folders(Id folder);
  Next look_into(Id folder, Id name, FoundBy how, Answer& answer);
  Next judge(const Location& location, Id folder, Id name, FoundBy how, Answer& answer);
  bool look_through(Id list, Id name, FoundBy how, Answer& answer);
  Verdict judge_file(std::size_t file) const;
  Verdict judge_elf(const ElfInfo& elf) const;

  const Package& package_;
  const Inventory& inventory_;
  const LoaderProfile& profile_;
  CpuProfile cpu_;
  const FileView& files_;

  std::vector<Folder> folders_;
  std::unordered_map<std::string, Id> folder_ids_;  // by path as asked for, and by path without links
  std::vector<std::vector<Place>> places_;          // by name
  std::vector<std::vector<Id>> lists_;
  std::map<std::vector<Id>, Id> list_ids_;
  std::vector<std::pair<Id, Id>> chain_;  // (loader's chain, list)
  std::unordered_map<std::uint64_t, Id> chain_ids_;
  std::map<Asker, Id> asker_ids_;
  std::vector<Asker> askers_;
  std::unordered_map<std::uint64_t, const Answer*> found_;
  std::unordered_map<Id, const Answer*> paths_opened_;
  std::deque<Answer> answers_;
  std::map<std::pair<const ElfInfo*, Id>, OpenedElf> opened_;
  Id cached_ = kNone, cached_without_default_ = kNone, default_ = kNone;
};

}  // namespace lambdapack
