// What the dynamic loader would do for every ELF file and every name it needs, on Lambda, decided without running
// anything.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "elf/inventory.h"
#include "links/loader_profile.h"
#include "package/package.h"

namespace lambdapack {

enum class EdgeState {
  bundled,   // a file of the package is loaded
  runtime,   // the runtime provides it; the package has no file of that name on the search path
  shadowed,  // the runtime's copy is loaded although the package has one too (Edge::shadows)
  missing,   // nothing: the loader stops with "cannot open shared object file"
  fatal,     // the loader stops at a candidate that is no ELF file or is truncated (Edge::target says which)
};

enum class FoundBy { none, already_loaded, rpath, ld_library_path, runpath, default_path, slash, preload };

std::string_view to_string(EdgeState state);
std::string_view to_string(FoundBy how);  // "rpath", "LD_LIBRARY_PATH", …

struct Edge {
  std::size_t from = 0;  // index into Package::files
  std::string needed;    // DT_NEEDED as written
  EdgeState state = EdgeState::missing;
  FoundBy how = FoundBy::none;
  std::string folder;                  // the folder that had it, without links and tokens: "/var/task/lib"
  std::optional<std::size_t> target;   // file of the package (bundled, fatal); fatal without: a folder has that name
  std::string outside;                 // "/lib64/libz.so.1" (runtime, shadowed)
  std::optional<std::size_t> shadows;  // the package's file that would have been next (shadowed)
  std::vector<std::string> skipped;    // candidates of another machine, passed over
  bool optional = false;               // DT_AUXILIARY, LD_PRELOAD: missing is fine
};

// A library that a file says it opens while it runs: one soname of one of its .note.dlopen entries.
struct OpenedName {
  std::size_t from = 0;  // index into Package::files
  std::size_t note = 0;  // index into ElfInfo::dlopen_notes; any one of a note's sonames will do
  std::string soname;
  EdgeState state = EdgeState::missing;
  FoundBy how = FoundBy::none;
  std::optional<std::size_t> target;  // bundled, fatal
  std::string outside;                // runtime, shadowed
};

struct LinkGraph {
  std::vector<Edge> edges;  // sorted by from, then position in the file (needed, filters, auxiliaries, LD_PRELOAD)
  // edges of file i: [first[i], first[i+1])
  std::vector<std::size_t> first;
  // LD_PRELOAD in the process that Lambda starts: `from` is meaningless, `how` is preload.
  std::vector<Edge> preloads;
  // Files that LD_LIBRARY_PATH puts before a library of the runtime with the same name: the runtime's own programs load
  // them too. None with the order that Lambda sets.
  std::vector<std::size_t> overriding;
  std::vector<OpenedName> opens;  // sorted by from, note
  // False when the package is so entangled that not every chain of loaders was followed (no real package is): edges may
  // be lacking, so nothing may be dropped because no edge leads to it.
  bool complete = true;
};

// Where the package lies: function "/var/task"; a layer "/opt".
struct Mount {
  std::string folder = "/var/task";
};

// Each ELF file with a dynamic section is taken as the start of a load of its own, as dlopen by path would: its own
// RPATH chain is itself, then whoever loads it; for a library reached from several loaders with different RPATHs, the
// edge is that of the first loader in path order, and a second edge is added where another loader's answer differs.
//
// A library that some other file loads need not work on its own: an answer "missing" or "fatal" that only such a start
// gives is left out when another start finds the name. Files of another machine than the profile's have no edges: this
// loader never opens them.
LinkGraph resolve_links(const Package& package, const Inventory& inventory, const LoaderProfile& profile,
                        const Mount& mount);

// The edges of one file, in the order in which the loader asks.
std::span<const Edge> edges_of(const LinkGraph& graph, std::size_t file);

// One load from start to end: what is mapped, in the order in which symbols are looked up, and every answer on the way.
// An executable is started as a program, any other file is opened by path in the runtime's process (or the
// bootstrap's).
struct LoadedObject {
  std::string name;                 // as it was asked for the first time
  std::optional<std::size_t> file;  // in the package
  std::string path;                 // absolute: the folder without links, then the file name as opened
};

struct LoadTrace {
  std::vector<LoadedObject> objects;
  std::vector<Edge> edges;  // of the package's files in this load, as they are asked
};

LoadTrace trace_load(const Package& package, const Inventory& inventory, const LoaderProfile& profile,
                     const Mount& mount, std::size_t start);

// The same for many starts, at less cost. Starts that this loader would not open are passed over. Ends early when
// `visit` returns false, or when the package is entangled beyond all measure.
void trace_loads(const Package& package, const Inventory& inventory, const LoaderProfile& profile, const Mount& mount,
                 std::span<const std::size_t> starts,
                 const std::function<bool(std::size_t start, const LoadTrace& trace)>& visit);

// The versions that edge.from needs of edge.needed and that edge.target does not define. Only for bundled edges; empty
// when all is well. untagged: the target defines no version at all, and the loader then only warns ("no version
// information available").
struct MissingVersions {
  std::vector<VersionNeed> versions;  // sorted
  bool untagged = false;
};

MissingVersions missing_versions(const Inventory& inventory, const Edge& edge);

}  // namespace lambdapack
