// Follows the loads with the loader of load.h and keeps of each its scope; see follow_loads.h.
#include "links/follow_loads.h"

#include <functional>
#include <map>
#include <utility>

#include "links/load.h"
#include "links/load_starts.h"

namespace lambdapack {
namespace {

class Follower {
 public:
  explicit Follower(const BindingInput& input) : input_(input), object_of_file_(input.inventory.files.size(), kNone) {}

  FollowedLoads run() {
    follow();
    return std::move(loads_);
  }

 private:
  void follow();
  BindScope scope_of(const Loader& loader, const BindingStart& start, bool in_host, bool missing);
  std::uint32_t object_of(const MappedObject& mapped);
  void number_libraries(Mapped& object);

  const BindingInput& input_;
  FollowedLoads loads_;
  std::vector<std::uint32_t> object_of_file_;
  std::map<std::string, std::uint32_t, std::less<>> object_of_outside_;
  std::vector<std::string_view> library_names_;  // by number
};

std::uint32_t Follower::object_of(const MappedObject& mapped) {
  const auto id = static_cast<std::uint32_t>(loads_.objects.size());
  if (mapped.file) {
    if (object_of_file_[*mapped.file] != kNone) return object_of_file_[*mapped.file];
    object_of_file_[*mapped.file] = id;
    loads_.objects.push_back({mapped.file, {}, input_.package.files[*mapped.file].content, mapped.elf, {}});
    number_libraries(loads_.objects.back());
    return id;
  }
  if (const auto known = object_of_outside_.find(mapped.outside); known != object_of_outside_.end())
    return known->second;
  object_of_outside_.emplace(mapped.outside, id);
  const auto content = input_.outside.find(std::string(mapped.outside));
  const bool known = mapped.elf != nullptr && content != input_.outside.end();
  loads_.objects.push_back({std::nullopt,
                            std::string(mapped.outside),
                            known ? content->second : Content(),
                            known ? mapped.elf : nullptr,
                            {}});
  number_libraries(loads_.objects.back());
  return id;
}

void Follower::number_libraries(Mapped& object) {
  if (object.elf == nullptr) return;
  std::string_view previous;
  for (const VersionNeed& need : object.elf->versions_needed) {  // sorted by library
    if (need.library == previous) continue;
    previous = need.library;
    const auto next = static_cast<std::uint32_t>(library_names_.size());
    const auto [known, added] = loads_.library_ids.try_emplace(need.library, next);
    if (added) library_names_.push_back(need.library);
    object.libraries.push_back(known->second);
  }
}

BindScope Follower::scope_of(const Loader& loader, const BindingStart& start, bool in_host, bool missing) {
  BindScope scope;
  const bool is_program = start.as_program || starts_as_program(*input_.inventory.files[start.file].elf);
  scope.has_program = is_program || in_host;
  scope.in_runtime_process = !scope.has_program;
  scope.lacks_libraries = missing;
  scope.opened_from = loader.objects_before_start();
  std::vector<char> asked;
  for (const MappedObject& mapped : loader.objects()) {
    const std::uint32_t object = object_of(mapped);
    scope.objects.push_back(object);
    for (const std::uint32_t library : loads_.objects[object].libraries) {
      if (asked.size() <= library) asked.resize(library + 1);
      if (std::exchange(asked[library], 1) != 0) continue;
      if (scope.bearers.size() <= library) scope.bearers.resize(library + 1, kNone);
      if (const MappedObject* bearer = loader.bearer(library_names_[library]))
        scope.bearers[library] = object_of(*bearer);
    }
  }
  return scope;
}

void Follower::follow() {
  const FileView files(input_.package, input_.profile, input_.mount.folder);
  const std::vector<std::size_t> elf_files = find_elf_files(input_.inventory);
  LibrarySearch search(input_.package, input_.inventory, elf_files, input_.profile,
                       {input_.profile.hwcaps, input_.profile.platform}, files);
  Loader loader(input_.inventory, input_.profile, search);
  const std::optional<std::size_t> host = find_host(input_.inventory, input_.profile, files);
  const std::string host_folder = host ? files.folder_of(*host) : std::string();
  for (const BindingStart& start : input_.starts) {
    if (!has_edges(input_.inventory.files[start.file], input_.profile)) continue;
    if (search.exhausted()) {
      loads_.complete = false;
      return;
    }
    bool missing = false;
    loader.load({start.file, files.folder_of(start.file), host, host_folder, start.as_program}, true,
                [&](const LoadStep& step) {
                  missing |= !step.optional && (step.state == EdgeState::missing || step.state == EdgeState::fatal);
                });
    loads_.scopes.push_back(scope_of(loader, start, host && *host != start.file, missing));
    for (const MappedObject& mapped : loader.objects()) {
      const std::uint32_t object = object_of(mapped);
      if (loads_.paths.size() <= object) loads_.paths.resize(object + 1);
      if (!loads_.paths[object].empty()) continue;
      if (mapped.file) {
        const std::string own = files.path_of(*mapped.file);
        const std::string asked = mapped.name == kNone ? own : search.names.text(mapped.name);
        loads_.paths[object] = search.folder_path(mapped.origin) + "/" + asked.substr(asked.rfind('/') + 1);
      } else {
        loads_.paths[object] = std::string(mapped.outside);
      }
    }
  }
}

}  // namespace

FollowedLoads follow_loads(const BindingInput& input) {
  return Follower(input).run();
}

}  // namespace lambdapack
