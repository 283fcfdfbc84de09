// Follows one load the way _dl_map_object_deps (elf/dl-deps.c) and _dl_map_object (elf/dl-load.c) of glibc do.
#include "links/load.h"

#include <algorithm>

namespace lambdapack {

// A shared library may have an interpreter too (libc.so.6 prints its version when run); it has a soname, programs do
// not.
bool starts_as_program(const ElfInfo& elf) {
  return elf.is_executable() || (!elf.interpreter.empty() && elf.soname.empty());
}

Loader::Loader(const Inventory& inventory, const LoaderProfile& profile, LibrarySearch& search)
    : inventory_(inventory), profile_(profile), search_(search), loaded_files_(inventory.files.size()) {
  for (const std::string& soname : profile.loaded) {
    const Id name = search_.names.find(soname);
    if (name == kNone) continue;  // nobody needs it
    if (in_process_.size() <= name) in_process_.resize(name + 1);
    in_process_[name] = 1;
  }
}

void Loader::begin(std::string_view program_folder) {
  ++load_number_;
  before_start_ = 0;
  objects_.clear();
  order_.clear();
  queue_.clear();
  loaded_outside_.clear();
  library_path_ = search_.library_path(program_folder);
}

void Loader::load(const Start& start, bool deep, const Sink& sink) {
  const ElfInfo& elf = *inventory_.files[start.file].elf;
  const Sink unheard = [](const LoadStep&) {};
  if (start.as_program || starts_as_program(elf)) {
    start_program(start.file, start.origin, sink);
  } else {
    Id chain = kNone;
    if (start.host) {
      const Id host = start_program(*start.host, start.host_origin, unheard);
      drain(deep, unheard);
      // The main program's RPATH is asked last, whoever asks (_dl_map_object). dlopen has no other loader.
      chain = objects_[host].chain;
    } else {
      in_runtime_process_ = true;
      begin(profile_.program_folder);
      preload(kNone, unheard);
      drain(deep, unheard);
    }
    before_start_ = order_.size();
    add_object({kNone, &elf, start.file, {}, search_.folder(start.origin)}, chain);
  }
  drain(deep, sink);
}

Id Loader::start_program(std::size_t file, std::string_view origin, const Sink& sink) {
  in_runtime_process_ = false;
  begin(origin);
  const Id program = add_object({kNone, &*inventory_.files[file].elf, file, {}, search_.folder(origin)}, kNone);
  preload(program, sink);
  return program;
}

void Loader::load_preloads(const Sink& sink) {
  in_runtime_process_ = true;
  begin(profile_.program_folder);
  preload(kNone, sink);
  drain(true, sink);
}

// LD_PRELOAD is searched as a need of the program would be, before the program's own; what is not found is ignored.
void Loader::preload(Id program, const Sink& sink) {
  Object asker;
  if (program != kNone) asker = objects_[program];
  if (program == kNone) asker.asker = search_.asker({kNone, kNone, library_path_, false});
  for (std::size_t i = 0; i < profile_.preload.size(); ++i) {
    const Id origin = program == kNone ? search_.folder(profile_.program_folder) : asker.mapped.origin;
    const Id name = search_.expand_name(profile_.preload[i], origin);
    const Need need{profile_.preload[i], name, search_.names.text(name).contains('/'), true, false};
    LoadStep step;
    step.needed = need.as_written;
    step.optional = true;
    step.of_runtime = program == kNone;
    if (program != kNone) {
      step.from = *asker.mapped.file;
      step.position = asker.opened->needs.size() + i;
    }
    if (bearer_of(name) != kNone) continue;
    const Answer& answer = need.is_path ? search_.open(name) : search_.find(asker.asker, name);
    step.state = answer.state;
    step.target = answer.target;
    step.shadows = answer.shadows;
    step.outside = answer.outside;
    step.answer = &answer;
    step.how = FoundBy::preload;
    sink(step);
    map_answer(answer, name, asker.chain);
  }
}

Id Loader::bearer_of(Id name) const {
  return name < bearers_.size() && bearers_[name].first == load_number_ ? bearers_[name].second : kNone;
}

// The first object in load order that bears a name is the one that the name means.
void Loader::give_name(Id object, Id name) {
  if (bearers_.size() <= name) bearers_.resize(std::max<std::size_t>(name + 1, search_.names.size()));
  if (bearers_[name].first != load_number_) bearers_[name] = {load_number_, object};
}

Id Loader::add_object(MappedObject mapped, Id loader_chain) {
  const Id id = static_cast<Id>(objects_.size());
  Object object{mapped, loader_chain, kNone, nullptr};
  if (mapped.name != kNone) give_name(id, mapped.name);
  if (mapped.elf != nullptr) {
    object.opened = &search_.opened(*mapped.elf, mapped.origin);
    object.chain = search_.extend_chain(loader_chain, object.opened->rpath);
    if (!object.opened->needs.empty())
      // A RUNPATH in the object that asks switches the whole chain of RPATHs off, those of its loaders included.
      object.asker = search_.asker({object.opened->has_runpath ? kNone : object.chain, object.opened->runpath,
                                    library_path_, object.opened->nodeflib});
    if (!mapped.elf->soname.empty()) give_name(id, search_.names.intern(mapped.elf->soname));
  } else {
    give_name(id, search_.names.intern(file_name_of(mapped.outside)));
  }
  if (mapped.file) loaded_files_[*mapped.file] = {load_number_, id};
  if (!mapped.outside.empty()) loaded_outside_.emplace(mapped.outside, id);
  objects_.push_back(object);
  order_.push_back(id);
  queue_.push_back(id);
  return id;
}

// The object of an answer, newly mapped or, when the same file came in under another name, the one that is there.
Id Loader::map_answer(const Answer& answer, Id name, Id loader_chain) {
  switch (answer.state) {
    case EdgeState::bundled: {
      const std::size_t file = *answer.target;
      if (loaded_files_[file].first == load_number_) {
        give_name(loaded_files_[file].second, name);
        return loaded_files_[file].second;
      }
      return add_object({name, &*inventory_.files[file].elf, file, {}, answer.origin}, loader_chain);
    }
    case EdgeState::runtime:
    case EdgeState::shadowed: {
      if (const auto known = loaded_outside_.find(answer.outside); known != loaded_outside_.end()) {
        give_name(known->second, name);
        return known->second;
      }
      const auto elf = profile_.outside_elf.find(answer.outside);
      return add_object({name, elf == profile_.outside_elf.end() ? nullptr : &elf->second, std::nullopt, answer.outside,
                         answer.origin},
                        loader_chain);
    }
    case EdgeState::missing:
    case EdgeState::fatal: break;
  }
  return kNone;
}

// Something that is loaded has the name. When that is not of the package: does the package have one that is passed
// over?
void Loader::say_already_loaded(Id asker, const Need& need, LoadStep& step) {
  step.how = FoundBy::already_loaded;
  step.state = EdgeState::runtime;
  if (need.is_path) return;
  const Answer& answer = search_.find(asker, need.name);
  step.shadows = answer.state == EdgeState::bundled ? answer.target : answer.shadows;
  if (step.shadows) step.state = EdgeState::shadowed;
}

Id Loader::answer_need(Id object, const Need& need, LoadStep& step) {
  const Id asker = objects_[object].asker;
  if (const Id bearer = bearer_of(need.name); bearer != kNone) {
    const MappedObject& mapped = objects_[bearer].mapped;
    if (mapped.file) {
      step.state = EdgeState::bundled;
      step.how = FoundBy::already_loaded;
      step.target = mapped.file;
    } else {
      step.outside = mapped.outside;
      say_already_loaded(asker, need, step);
    }
    return bearer;
  }
  const std::string& name = search_.names.text(need.name);
  const bool in_process = in_runtime_process_ && need.name < in_process_.size() && in_process_[need.name] != 0;
  if (in_process) {
    // With another LD_LIBRARY_PATH the runtime's process itself has loaded the package's copy.
    const Answer& own = search_.find(search_.asker({kNone, kNone, library_path_, false}), need.name);
    if (own.state == EdgeState::bundled) {
      step.state = own.state;
      step.how = FoundBy::already_loaded;
      step.target = own.target;
      return map_answer(own, need.name, kNone);
    }
  }
  const bool is_loader = !need.is_path && file_name_of(profile_.loader) == name;
  if (in_process || is_loader) {
    step.outside = search_.names.text(search_.names.intern(search_.path_of_loaded(name)));
    say_already_loaded(asker, need, step);
    return is_loader && !in_process ? map_loader(need.name) : kNone;
  }
  const Answer& answer = need.is_path ? search_.open(need.name) : search_.find(asker, need.name);
  step.state = answer.state;
  step.how = answer.how;
  step.target = answer.target;
  step.shadows = answer.shadows;
  step.outside = answer.outside;
  step.answer = &answer;
  return map_answer(answer, need.name, objects_[object].chain);
}

// The loader is in every process, and in the order of symbols where something needs it.
Id Loader::map_loader(Id name) {
  const auto elf = profile_.outside_elf.find(profile_.loader);
  return add_object(
      {name, elf == profile_.outside_elf.end() ? nullptr : &elf->second, std::nullopt, profile_.loader, kNone}, kNone);
}

// A filter's target comes before the filter in the order of symbols, and its own needs are answered next.
// True when it now waits at queue_position.
bool Loader::move_before(Id object, Id before, std::size_t queue_position) {
  const auto target = std::ranges::find(order_, object), filter = std::ranges::find(order_, before);
  if (target < filter) return false;  // it is earlier already
  std::rotate(filter, target, target + 1);
  const auto waiting = std::ranges::find(queue_, object);
  if (waiting == queue_.end()) return false;
  queue_.erase(waiting);
  queue_.insert(queue_.begin() + static_cast<std::ptrdiff_t>(queue_position), object);
  return true;
}

void Loader::answer_needs(Id object, bool deep, const Sink& sink) {
  const OpenedElf* opened = objects_[object].opened;
  if (opened == nullptr) return;
  std::size_t filters = 0;
  for (std::size_t i = 0; i < opened->needs.size(); ++i) {
    const Need& need = opened->needs[i];
    ++search_.steps;
    LoadStep step;
    step.position = i;
    step.needed = need.as_written;
    step.optional = need.optional;
    const Id result = answer_need(object, need, step);
    if (need.filter && result != kNone && result != object && move_before(result, object, filters)) ++filters;
    if (objects_[object].mapped.file) {
      step.from = *objects_[object].mapped.file;
      sink(step);
    }
  }
  if (!deep) queue_.clear();
}

void Loader::drain(bool deep, const Sink& sink) {
  while (!queue_.empty() && !search_.exhausted()) {
    const Id object = queue_.front();
    queue_.pop_front();
    answer_needs(object, deep, sink);
  }
}

const MappedObject* Loader::bearer(std::string_view name) const {
  const Id id = search_.names.find(name);
  const Id object = id == kNone ? kNone : bearer_of(id);
  return object == kNone ? nullptr : &objects_[object].mapped;
}

std::vector<MappedObject> Loader::objects() const {
  std::vector<MappedObject> result;
  result.reserve(order_.size());
  for (const Id id : order_) result.push_back(objects_[id].mapped);
  return result;
}

}  // namespace lambdapack
