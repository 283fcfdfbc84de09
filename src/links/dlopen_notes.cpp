// A dlopen by soname is answered like a needed entry of the file that calls it (dlopen(3): "the search is that of the
// calling object"), except that nothing is loaded for good: each name is asked for on its own.
#include "links/dlopen_notes.h"

#include <algorithm>

#include "links/dynamic_string.h"
#include "links/library_search.h"
#include "links/load.h"

namespace lambdapack {
namespace {

constexpr std::size_t kMostNames = 4096;  // of one file; systemd's libraries have about twenty

bool opens_something(const FileRecord& record, const LoaderProfile& profile) {
  return record.elf && !record.elf->dlopen_notes.empty() && record.elf->has_dynamic &&
         record.elf->machine == profile.machine && record.elf->is64 == profile.is64;
}

class NoteReader {
 public:
  NoteReader(const Inventory& inventory, const LoaderProfile& profile, const FileView& files, LibrarySearch& search)
      : inventory_(inventory), profile_(profile), files_(files), search_(search) {}

  void read(std::size_t file, std::vector<OpenedName>& names) {
    const ElfInfo& elf = *inventory_.files[file].elf;
    const std::string folder = files_.folder_of(file);
    const bool program = starts_as_program(elf);
    const OpenedElf& opened = search_.opened(elf, search_.folder(folder));
    const Id chain = opened.has_runpath ? kNone : search_.extend_chain(kNone, opened.rpath);
    const Id asker = search_.asker(
        {chain, opened.runpath, search_.library_path(program ? folder : profile_.program_folder), opened.nodeflib});
    std::size_t left = kMostNames;
    for (std::size_t note = 0; note < elf.dlopen_notes.size(); ++note)
      for (const std::string& soname : elf.dlopen_notes[note].sonames) {
        if (left-- == 0) return;
        names.push_back(answer(file, note, soname, asker, folder, program));
      }
  }

 private:
  OpenedName answer(std::size_t file, std::size_t note, const std::string& soname, Id asker, const std::string& folder,
                    bool program) {
    OpenedName name{file, note, soname, EdgeState::missing, FoundBy::none, std::nullopt, {}};
    if (soname.empty()) return name;
    const bool in_process = std::ranges::find(profile_.loaded, soname) != profile_.loaded.end();
    if (!program && in_process) {
      name.state = EdgeState::runtime;
      name.how = FoundBy::already_loaded;
      name.outside = search_.path_of_loaded(soname);
      return name;
    }
    const Id expanded = search_.expand_name(soname, search_.folder(folder));
    const Answer& found = soname.contains('/') ? search_.open(expanded) : search_.find(asker, expanded);
    name.state = found.state;
    name.how = found.how;
    name.target = found.target;
    name.outside = found.outside;
    return name;
  }

  const Inventory& inventory_;
  const LoaderProfile& profile_;
  const FileView& files_;
  LibrarySearch& search_;
};

}  // namespace

std::vector<OpenedName> resolve_dlopen_notes(const Package& package, const Inventory& inventory,
                                             const LoaderProfile& profile, const Mount& mount) {
  std::vector<OpenedName> names;
  std::vector<std::size_t> elf_files;
  bool any = false;
  for (std::size_t i = 0; i < inventory.files.size(); ++i) {
    if (!inventory.files[i].elf) continue;
    elf_files.push_back(i);
    any = any || opens_something(inventory.files[i], profile);
  }
  if (!any) return names;  // as in nearly every package of today
  const FileView files(package, profile, mount.folder);
  LibrarySearch search(package, inventory, elf_files, profile, {profile.hwcaps, profile.platform}, files);
  NoteReader reader(inventory, profile, files, search);
  for (const std::size_t i : elf_files)
    if (opens_something(inventory.files[i], profile)) reader.read(i, names);
  return names;
}

}  // namespace lambdapack
