// Which stripped files get a debug file, what it is called, and the bundle with all of them; see pipeline_debug.h.
//
// The manifest comes first in the bundle, so that a reader of the archive knows what to look for before it comes. All
// that it says is known before any debug file is made: hashes of the originals, of the stripped files and of the zip.
#include "pipeline_debug.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/hash.h"
#include "base/parallel.h"
#include "elf/debug_file.h"
#include "report/debug_manifest.h"

namespace lambdapack {
namespace {

namespace fs = std::filesystem;

struct Stripped {
  std::size_t before = 0, after = 0;  // the file's index in either package
  DebugIdentity identity;
  std::optional<Error> error;
};

std::vector<Stripped> files_that_lost(const Inventory& before, const Applied& applied, const Inventory& after) {
  std::vector<Stripped> list;
  for (std::size_t i = 0; i < applied.package.files.size(); ++i) {
    const std::size_t old = applied.old_index[i];
    const Decision& decision = applied.plan.decisions[old];
    if (!decision.applied || decision.action != Action::strip) continue;
    const auto &original = before.files[old].elf, &left = after.files[i].elf;
    if (original && left && lost_debug_info(*original, *left))
      list.push_back({old, i, {original->build_id, {}, {}}, {}});
  }
  return list;
}

Result<void> hash_all(const Package& package, const Applied& applied, unsigned threads, std::vector<Stripped>& list) {
  const auto hash_of = [](const Content& content, Stripped& file) -> std::string {
    const auto bytes = content.read();
    if (bytes) return to_hex(sha256(*bytes));
    file.error = bytes.error();
    return {};
  };
  parallel_for(list.size(), threads, [&](std::size_t i) {
    Stripped& file = list[i];
    file.identity.sha256 = hash_of(applied.package.files[file.after].content, file);
    file.identity.original_sha256 = hash_of(package.files[file.before].content, file);
    package.files[file.before].content.release();
  });
  for (Stripped& file : list)
    if (file.error) return std::unexpected(std::move(*file.error));
  return {};
}

DebugManifest make_manifest(const Package& package, const std::vector<Stripped>& list, std::string zip_sha256) {
  std::vector<DebugIdentity> identities;
  for (const Stripped& file : list) identities.push_back(file.identity);
  const std::vector<std::string> names = debug_file_names(identities);
  DebugManifest manifest{std::move(zip_sha256), {}};
  for (std::size_t i = 0; i < list.size(); ++i) {
    const DebugIdentity& identity = identities[i];
    manifest.files.push_back(
        {package.files[list[i].before].path, identity.build_id, identity.sha256, identity.original_sha256, names[i]});
  }
  return manifest;
}

void report_same_build_ids(const DebugManifest& manifest, std::vector<Finding>& findings) {
  std::map<std::string_view, const DebugFile*> first;
  for (const DebugFile& file : manifest.files) {
    if (file.build_id.empty()) continue;
    const DebugFile& owner = *first.try_emplace(file.build_id, &file).first->second;
    if (owner.original_sha256 == file.original_sha256) continue;
    findings.push_back(
        {"same-build-id", Severity::info, file.path, file.build_id,
         fmt::format("has the build id {} of {}, which is another file", file.build_id, printable(owner.path)),
         fmt::format("debuggers find that file's debug info; this one's is {} in the bundle", file.debug_file)});
  }
}

// The debug file of one original; the original itself where none can be made.
Result<void> add_debug_file(const PackageFile& file, const ElfInfo& elf, const std::string& name, DebugOut& out) {
  LP_TRY(const Bytes original, file.content.read());
  const DebugFileOutcome outcome = make_debug_file(original, elf);
  const bool whole = outcome.bytes.empty();
  if (whole && !outcome.reason.empty()) {
    out.findings.push_back({"whole-debug-file",
                            Severity::info,
                            file.path,
                            {},
                            "no separate debug file can be made of it: " + outcome.reason,
                            "the bundle has the whole original instead, which debuggers take as well"});
  }
  LP_CHECK(out.bundle.add(name, whole ? original : Bytes(outcome.bytes)));
  file.content.release();
  return {};
}

// In the order of their names: that of the package says nothing about an archive.
Result<void> add_debug_files(const Package& package, const Inventory& before, const std::vector<Stripped>& list,
                             const DebugManifest& manifest, DebugOut& out, Progress& progress) {
  std::vector<std::size_t> order(list.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto name_of = [&](std::size_t i) -> const std::string& { return manifest.files[i].debug_file; };
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair<std::string_view, std::size_t>(name_of(i), i); });
  const std::string* last = nullptr;
  for (const std::size_t i : order) {
    progress.step();
    if (last != nullptr && *last == name_of(i)) continue;  // the same original again
    last = &name_of(i);
    const std::size_t file = list[i].before;
    LP_CHECK(add_debug_file(package.files[file], *before.files[file].elf, *last, out));
    ++out.line.files;
  }
  return {};
}

// Whether all that is in the folder came with an earlier bundle: then a new one may take its place.
bool is_earlier_bundle(const std::string& path) {
  const fs::path root(path);
  std::ifstream in(root / kDebugManifestName, std::ios::binary);
  if (!in) return false;
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto manifest = read_debug_manifest(text, path);
  if (!manifest) return false;
  std::set<std::string> known = {std::string(kDebugManifestName)};
  for (const DebugFile& file : manifest->files) known.insert(file.debug_file);
  std::error_code error;
  for (fs::recursive_directory_iterator entry(root, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->is_directory(error) && !entry->is_symlink(error)) continue;
    if (!known.contains(entry->path().lexically_relative(root).generic_string())) return false;
  }
  return !error;
}

// The path that two names of one place have in common, with a "/" at the end.
std::string real_name(const std::string& path) {
  std::error_code error;
  std::string real = fs::weakly_canonical(fs::absolute(path, error), error).string();
  if (error) real = path;
  while (real.ends_with('/')) real.pop_back();
  return real + '/';
}

}  // namespace

Result<void> check_debug_out(const CommandLine& command_line) {
  const std::string bundle = real_name(command_line.debug_out);
  const auto refuse = [&](const char* what) {
    return fail(printable(command_line.debug_out), what, "give --debug-out a place of its own");
  };
  if (command_line.path != "-") {
    const std::string input = real_name(command_line.path);
    if (bundle.starts_with(input)) return refuse("is in what is packed, or is that itself");
    if (input.starts_with(bundle)) return refuse("is a folder around what is packed");
  }
  if (command_line.output.empty() || command_line.output == "-") return {};
  const std::string output = real_name(command_line.output);
  if (bundle == output) return refuse("is where -o goes");
  if (bundle.starts_with(output)) return refuse("is in the folder that -o writes");
  if (output.starts_with(bundle)) return refuse("is a folder around where -o goes");
  return {};
}

Result<DebugOut> make_debug_bundle(const CommandLine& command_line, const Package& package, const Inventory& before,
                                   const Applied& applied, const Inventory& after, std::string zip_sha256,
                                   Progress& progress) {
  const std::string& path = command_line.debug_out;
  LP_TRY(DebugBundle bundle, DebugBundle::create(path, command_line.replace || is_earlier_bundle(path)));
  DebugOut out{std::move(bundle), {path, 0, 0}, {}};
  std::vector<Stripped> list = files_that_lost(before, applied, after);
  LP_CHECK(hash_all(package, applied, command_line.threads, list));
  const DebugManifest manifest = make_manifest(package, list, std::move(zip_sha256));
  report_same_build_ids(manifest, out.findings);
  progress.stage("writing debug files", list.size());
  LP_CHECK(out.bundle.add(std::string(kDebugManifestName), as_bytes(render_debug_manifest(manifest))));
  LP_CHECK(add_debug_files(package, before, list, manifest, out, progress));
  LP_CHECK(out.bundle.finish());
  out.line.bytes = out.bundle.size();
  return out;
}

}  // namespace lambdapack
