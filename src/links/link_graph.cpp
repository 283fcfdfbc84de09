// Every file's loads, put together into one graph: which answers stay, in which order.
//
// A load is simulated from every ELF file (load.h). Most edges come out the same from every start and are kept once.
// Work is bounded: a package whose loads take more steps than any real one's by orders of magnitude gets an incomplete
// graph, which says so.
#include "links/link_graph.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "links/dlopen_notes.h"
#include "links/load.h"
#include "links/load_starts.h"

namespace lambdapack {
namespace {

// After this many steps only each file's own needs are answered. About a second; 300 real ELF files take 20,000.
constexpr std::uint64_t kDeepSteps = LibrarySearch::kStepLimit / 2;
constexpr std::size_t kAnswersKept = 64;   // distinct ones for one need; more than a few are seen in no real package
constexpr std::size_t kStartsKept = 4096;  // that got the same bad answer

struct Start {
  std::size_t file = 0;   // the ELF file
  std::string folder;     // in which it is opened
  bool is_alias = false;  // one more way to open it: adds edges, but what it misses is not held against the file
  std::optional<std::size_t> host;  // opened in the process of this program
};

struct Collected {
  Edge edge;
  bool from_own_start = false;
  std::vector<std::size_t> starts;  // missing and fatal only: who got this answer
};

bool is_found(EdgeState state) {
  return state != EdgeState::missing && state != EdgeState::fatal;
}

bool same_answer(const Edge& edge, const LoadStep& step) {
  return edge.state == step.state && edge.target == step.target && edge.outside == step.outside;
}

Edge make_edge(const LoadStep& step) {
  Edge edge{step.from,   std::string(step.needed),  step.state,   step.how, {},
            step.target, std::string(step.outside), step.shadows, {},       step.optional};
  if (step.answer != nullptr && step.how != FoundBy::already_loaded) {
    edge.folder = step.answer->folder;
    edge.skipped = step.answer->skipped;
  }
  return edge;
}

class Collector {
 public:
  Collector(const Inventory& inventory, const std::vector<std::size_t>& elf_files, const LoaderProfile& profile)
      : inventory_(inventory), slots_begin_(inventory.files.size() + 1), loaded_by_other_(inventory.files.size()) {
    for (const std::size_t i : elf_files) {
      const ElfInfo& elf = *inventory.files[i].elf;
      slots_begin_[i + 1] = elf.needed.size() + elf.filters.size() + elf.auxiliaries.size() +
                            (starts_as_program(elf) ? profile.preload.size() : 0);
    }
    std::partial_sum(slots_begin_.begin(), slots_begin_.end(), slots_begin_.begin());
    slots_.resize(slots_begin_.back());
  }

  void add(const LoadStep& step, const Start* start) {
    if (step.of_runtime) {
      preloads_.push_back(make_edge(step));
      return;
    }
    const bool own = start != nullptr && step.from == start->file;
    if (step.target && (start == nullptr || *step.target != start->file)) loaded_by_other_[*step.target] = true;
    std::vector<Collected>& slot = slots_[slots_begin_[step.from] + step.position];
    auto known = std::ranges::find_if(slot, [&](const Collected& c) { return same_answer(c.edge, step); });
    if (known == slot.end()) {
      if (slot.size() >= kAnswersKept) {
        complete_ = false;
        return;
      }
      known = slot.insert(slot.end(), {make_edge(step), own, {}});
    } else {
      if (!own) known->from_own_start = false;
      // "Found on the RPATH" says more than "was there already".
      if (known->edge.how == FoundBy::already_loaded && step.how != FoundBy::already_loaded)
        known->edge = make_edge(step);
      if (!known->edge.shadows) known->edge.shadows = step.shadows;
    }
    if (start != nullptr && !start->is_alias && !is_found(step.state) && known->starts.size() < kStartsKept &&
        (known->starts.empty() || known->starts.back() != start->file))
      known->starts.push_back(start->file);
  }

  LinkGraph finish(bool complete) {
    LinkGraph graph;
    graph.complete = complete && complete_;
    graph.preloads = std::move(preloads_);
    graph.first.reserve(inventory_.files.size() + 1);
    for (std::size_t i = 0; i < inventory_.files.size(); ++i) {
      graph.first.push_back(graph.edges.size());
      for (std::size_t s = slots_begin_[i]; s < slots_begin_[i + 1]; ++s) finish_slot(slots_[s], graph.edges);
    }
    graph.first.push_back(graph.edges.size());
    return graph;
  }

 private:
  // Whether the file is started or opened by itself, not only as somebody's library.
  bool is_real_start(std::size_t file) const {
    const ElfInfo& elf = *inventory_.files[file].elf;
    return !loaded_by_other_[file] || starts_as_program(elf) || !elf.entry_points.empty();
  }

  void finish_slot(std::vector<Collected>& slot, std::vector<Edge>& edges) const {
    const bool found = std::ranges::any_of(slot, [](const Collected& c) { return is_found(c.edge.state); });
    // Loaders' answers first; those that only the file on its own gets come last.
    for (const bool own : {false, true})
      for (Collected& collected : slot)
        if (collected.from_own_start == own && (!found || counts(collected)))
          edges.push_back(std::move(collected.edge));
  }

  // Whether an answer stays although another start found the library.
  bool counts(const Collected& collected) const {
    return is_found(collected.edge.state) || collected.starts.size() >= kStartsKept ||
           std::ranges::any_of(collected.starts, [&](std::size_t file) { return is_real_start(file); });
  }

  const Inventory& inventory_;
  std::vector<std::size_t> slots_begin_;
  std::vector<std::vector<Collected>> slots_;  // by file and position: the distinct answers
  std::vector<char> loaded_by_other_;
  std::vector<Edge> preloads_;
  bool complete_ = true;
};

// Every ELF file by its own path, and libraries by symlinks in other folders: those have another $ORIGIN. Programs do
// not: the kernel resolves links before the loader asks where the program is (/proc/self/exe).
std::vector<Start> find_starts(const Package& package, const Inventory& inventory,
                               const std::vector<std::size_t>& elf_files, const LoaderProfile& profile,
                               const FileView& files) {
  std::vector<Start> starts;
  for (const std::size_t i : elf_files)
    if (has_edges(inventory.files[i], profile)) starts.push_back({i, files.folder_of(i), false, std::nullopt});
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    if (package.files[i].kind != FileKind::symlink) continue;
    const Location target = files.locate(files.path_of(i));
    if (target.what != Located::file || !has_edges(inventory.files[target.file], profile)) continue;
    if (starts_as_program(*inventory.files[target.file].elf)) continue;
    if (std::string folder = files.folder_of(i); folder != files.folder_of(target.file))
      starts.push_back({target.file, std::move(folder), true, std::nullopt});
  }
  return starts;
}

// Libraries are opened in the host's process first; that something else opens them is the other way.
void add_host(std::vector<Start>& starts, std::size_t host, const Inventory& inventory) {
  const std::size_t count = starts.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (starts_as_program(*inventory.files[starts[i].file].elf)) continue;
    Start without = starts[i];
    without.is_alias = true;
    starts[i].host = host;
    starts.push_back(std::move(without));
  }
}

// Whether another processor could get other answers: a subfolder of the hwcaps schemes, or $PLATFORM in some ELF file.
bool depends_on_cpu(const Package& package, const Inventory& inventory, const std::vector<std::size_t>& elf_files,
                    const LoaderProfile& profile) {
  if (profile.other_cpus.empty()) return false;
  const auto names_platform = [](const std::vector<std::string>& texts) {
    return std::ranges::any_of(texts, [](const std::string& t) { return t.contains("PLATFORM"); });
  };
  for (const std::size_t i : elf_files) {
    const ElfInfo& elf = *inventory.files[i].elf;
    for (const auto* texts : {&elf.needed, &elf.rpath, &elf.runpath, &elf.filters, &elf.auxiliaries})
      if (names_platform(*texts)) return true;
  }
  if (names_platform(profile.library_path) || names_platform(profile.preload)) return true;
  std::set<std::string_view> parts;
  const auto add = [&](const std::vector<std::string>& hwcaps) {
    for (const std::string& path : hwcaps) parts.insert(file_name_of(path));
  };
  add(profile.hwcaps);
  for (const CpuProfile& cpu : profile.other_cpus) add(cpu.hwcaps);
  std::string_view previous;
  for (const PackageFile& file : package.files) {
    if (file.kind == FileKind::symlink && parts.contains(file_name_of(file.path))) return true;
    const std::string_view folder = folder_name_of(file.path);
    if (folder != previous && parts.contains(file_name_of(folder))) return true;
    previous = folder;
  }
  return false;
}

// See LinkGraph::overriding.
std::vector<std::size_t> find_overriding(const Package& package, const Inventory& inventory,
                                         const LoaderProfile& profile, const FileView& files) {
  std::vector<std::string> order = profile.library_path;
  order.insert(order.end(), profile.default_path.begin(), profile.default_path.end());
  // What only a layer has is none of the runtime's.
  const auto runtime_folder = [&](const std::string& entry) {
    return entry.starts_with("/opt/") ? nullptr : files.outside_folder(entry);
  };
  std::set<std::string> ahead;  // names that the runtime has earlier in the order
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (const auto* names = runtime_folder(order[i])) ahead.insert(names->begin(), names->end());
    const Location location = files.locate(order[i]);
    const auto relative = location.what == Located::folder ? files.inside(location.path) : std::nullopt;
    if (!relative || !files.is_package_folder(*relative)) continue;
    std::set<std::string> behind;
    for (std::size_t j = i + 1; j < order.size(); ++j)
      if (const auto* names = runtime_folder(order[j])) behind.insert(names->begin(), names->end());
    if (std::ranges::includes(ahead, behind)) continue;
    for (std::size_t f = 0; f < package.files.size(); ++f) {
      const std::string& path = package.files[f].path;
      if (folder_name_of(path) != *relative) continue;
      const std::string name(file_name_of(path));
      if (!behind.contains(name) || ahead.contains(name)) continue;
      const Location file = files.locate(files.path_of(f));
      if (file.what == Located::file && inventory.files[file.file].elf) found.push_back(file.file);
    }
  }
  std::ranges::sort(found);
  const auto repeats = std::ranges::unique(found);
  found.erase(repeats.begin(), repeats.end());
  return found;
}

// Absolute. As opened: by the name that was asked for when that was a file name, else by its own.
std::string path_of_object(const MappedObject& object, const FileView& files, const LibrarySearch& search) {
  if (!object.file) return std::string(object.outside);
  const std::string asked = object.name == kNone ? files.path_of(*object.file) : search.names.text(object.name);
  return search.folder_path(object.origin) + "/" + asked.substr(asked.rfind('/') + 1);
}

}  // namespace

LinkGraph resolve_links(const Package& package, const Inventory& inventory, const LoaderProfile& profile,
                        const Mount& mount) {
  const FileView files(package, profile, mount.folder);
  const std::vector<std::size_t> elf_files = find_elf_files(inventory);
  std::vector<Start> starts = find_starts(package, inventory, elf_files, profile, files);
  const std::optional<std::size_t> host = find_host(inventory, profile, files);
  if (host) add_host(starts, *host, inventory);
  const std::string host_folder = host ? files.folder_of(*host) : std::string();
  std::vector<CpuProfile> cpus{{profile.hwcaps, profile.platform}};
  if (depends_on_cpu(package, inventory, elf_files, profile))
    cpus.insert(cpus.end(), profile.other_cpus.begin(), profile.other_cpus.end());

  Collector collector(inventory, elf_files, profile);
  bool complete = true;
  for (const CpuProfile& cpu : cpus) {
    LibrarySearch search(package, inventory, elf_files, profile, cpu, files);
    Loader loader(inventory, profile, search);
    if (&cpu == &cpus.front() && !profile.preload.empty())
      loader.load_preloads([&](const LoadStep& step) { collector.add(step, nullptr); });
    for (const Start& start : starts) {
      if (search.steps > kDeepSteps) complete = false;
      loader.load({start.file, start.folder, start.host, host_folder}, complete,
                  [&](const LoadStep& step) { collector.add(step, &start); });
    }
    complete = complete && !search.exhausted();
  }
  LinkGraph graph = collector.finish(complete);
  graph.overriding = find_overriding(package, inventory, profile, files);
  graph.opens = resolve_dlopen_notes(package, inventory, profile, mount);
  return graph;
}

LoadTrace trace_load(const Package& package, const Inventory& inventory, const LoaderProfile& profile,
                     const Mount& mount, std::size_t start) {
  LoadTrace result;
  trace_loads(package, inventory, profile, mount, {&start, 1}, [&](std::size_t, const LoadTrace& trace) {
    result = trace;
    return true;
  });
  return result;
}

void trace_loads(const Package& package, const Inventory& inventory, const LoaderProfile& profile, const Mount& mount,
                 std::span<const std::size_t> starts,
                 const std::function<bool(std::size_t start, const LoadTrace& trace)>& visit) {
  const FileView files(package, profile, mount.folder);
  const std::vector<std::size_t> elf_files = find_elf_files(inventory);
  LibrarySearch search(package, inventory, elf_files, profile, {profile.hwcaps, profile.platform}, files);
  Loader loader(inventory, profile, search);
  const std::optional<std::size_t> host = find_host(inventory, profile, files);
  const std::string host_folder = host ? files.folder_of(*host) : std::string();
  for (const std::size_t start : starts) {
    if (search.exhausted()) return;
    if (!has_edges(inventory.files[start], profile)) continue;
    LoadTrace trace;
    loader.load({start, files.folder_of(start), host, host_folder}, true,
                [&](const LoadStep& step) { trace.edges.push_back(make_edge(step)); });
    for (const MappedObject& object : loader.objects()) {
      if (object.outside == profile.loader && !profile.loader.empty()) continue;  // it maps itself
      trace.objects.push_back({object.name == kNone ? std::string() : search.names.text(object.name), object.file,
                               path_of_object(object, files, search)});
    }
    if (!visit(start, trace)) return;
  }
}

std::span<const Edge> edges_of(const LinkGraph& graph, std::size_t file) {
  if (file + 1 >= graph.first.size()) return {};
  return std::span(graph.edges).subspan(graph.first[file], graph.first[file + 1] - graph.first[file]);
}

MissingVersions missing_versions(const Inventory& inventory, const Edge& edge) {
  MissingVersions missing;
  if (edge.state != EdgeState::bundled || !edge.target) return missing;
  const auto &from = inventory.files[edge.from].elf, &target = inventory.files[*edge.target].elf;
  if (!from || !target) return missing;
  // The loader takes the library that bears the name in the Verneed record (elf/dl-version.c, find_needed).
  for (const VersionNeed& need : from->versions_needed)
    if ((need.library == edge.needed || need.library == target->soname) &&
        !std::ranges::binary_search(target->versions_defined, need.version))
      missing.versions.push_back(need);
  missing.untagged = !missing.versions.empty() && target->versions_defined.empty();
  return missing;
}

std::string_view to_string(EdgeState state) {
  switch (state) {
    case EdgeState::bundled: return "bundled";
    case EdgeState::runtime: return "runtime";
    case EdgeState::shadowed: return "shadowed";
    case EdgeState::missing: return "missing";
    case EdgeState::fatal: return "fatal";
  }
  return "";
}

std::string_view to_string(FoundBy how) {
  switch (how) {
    case FoundBy::none: return "none";
    case FoundBy::already_loaded: return "already loaded";
    case FoundBy::rpath: return "rpath";
    case FoundBy::ld_library_path: return "LD_LIBRARY_PATH";
    case FoundBy::runpath: return "runpath";
    case FoundBy::default_path: return "default path";
    case FoundBy::slash: return "path in the name";
    case FoundBy::preload: return "LD_PRELOAD";
  }
  return "";
}

}  // namespace lambdapack
