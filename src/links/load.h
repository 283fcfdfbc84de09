// One load, object by object: what glibc maps when a program starts or a library is opened by path, and why.
//
// Breadth first, as _dl_map_object_deps does it. The state of a load matters for its answers: a name that something
// loaded earlier already bears is not searched for at all.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "links/library_search.h"

namespace lambdapack {

struct LoadStep {
  std::size_t from = 0;      // the package's file that asks
  std::size_t position = 0;  // among its needs; after them: LD_PRELOAD entries
  std::string_view needed;   // as written
  bool optional = false;
  EdgeState state = EdgeState::missing;
  FoundBy how = FoundBy::none;
  std::optional<std::size_t> target, shadows;
  std::string_view outside;
  const Answer* answer = nullptr;  // of the search; nullptr when there was none
  bool of_runtime = false;         // LD_PRELOAD of the runtime's own process: `from` is meaningless
};

struct MappedObject {
  Id name = kNone;               // that it was asked for with
  const ElfInfo* elf = nullptr;  // nullptr: nothing is known of it
  std::optional<std::size_t> file;
  std::string_view outside;
  Id origin = kNone;
};

class Loader {
 public:
  using Sink = std::function<void(const LoadStep&)>;
  Loader(const Inventory& inventory, const LoaderProfile& profile, LibrarySearch& search);

  // Loads `start`, opened in the folder `origin`, and tells every step. Programs start a process of their own; other
  // files are opened in the process of `host`, a program of the package, or without one in the runtime's. deep: follow
  // what is loaded; otherwise only the start's own needs are answered.
  struct Start {
    std::size_t file = 0;
    std::string_view origin;
    std::optional<std::size_t> host;
    std::string_view host_origin;
    bool as_program = false;  // whatever the file says of itself: ld.so was given its path
  };
  void load(const Start& start, bool deep, const Sink& sink);
  // LD_PRELOAD in the runtime's process, and what it brings.
  void load_preloads(const Sink& sink);

  // Of the last load, in the order in which symbols are looked up.
  std::vector<MappedObject> objects() const;
  // How many of them were there, and bound, before the start was opened.
  std::size_t objects_before_start() const { return before_start_; }
  // Of the last load: who bears a name (file name asked for, or soname); nullptr for nobody, and for what the runtime's
  // process had loaded before.
  const MappedObject* bearer(std::string_view name) const;

 private:
  struct Object {
    MappedObject mapped;
    Id chain = kNone;  // RPATHs of itself, then of its loaders
    Id asker = kNone;
    const OpenedElf* opened = nullptr;
  };

  void begin(std::string_view program_folder);
  void preload(Id program, const Sink& sink);
  Id start_program(std::size_t file, std::string_view origin, const Sink& sink);
  Id add_object(MappedObject mapped, Id loader_chain);
  void give_name(Id object, Id name);
  Id bearer_of(Id name) const;
  void drain(bool deep, const Sink& sink);
  void answer_needs(Id object, bool deep, const Sink& sink);
  Id answer_need(Id object, const Need& need, LoadStep& step);
  void say_already_loaded(Id asker, const Need& need, LoadStep& step);
  Id map_answer(const Answer& answer, Id name, Id loader_chain);
  Id map_loader(Id name);
  bool move_before(Id object, Id before, std::size_t queue_position);

  const Inventory& inventory_;
  const LoaderProfile& profile_;
  LibrarySearch& search_;
  Id library_path_ = kNone;
  bool in_runtime_process_ = false;
  std::size_t before_start_ = 0;

  std::vector<Object> objects_;
  std::vector<Id> order_;
  std::deque<Id> queue_;
  // Who bears a name, and which object a file is: (number of the load, object), so that a new load needs no clearing.
  std::vector<std::pair<Id, Id>> bearers_, loaded_files_;
  std::map<std::string_view, Id> loaded_outside_;
  std::vector<char> in_process_;  // by name: the runtime's process has it
  Id load_number_ = 0;
};

// Whether the kernel starts it as a program; else something opens it by path.
bool starts_as_program(const ElfInfo& elf);

}  // namespace lambdapack
