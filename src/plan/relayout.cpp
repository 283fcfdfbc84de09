// The script is read, not run: only one of a few known lines is taken for understood. See relayout.h.
#include "plan/relayout.h"

#include <algorithm>
#include <deque>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "links/file_view.h"
#include "package/add_files.h"
#include "plan/version_misfit.h"

namespace lambdapack {
namespace {

constexpr std::uint64_t kScriptBytes = 64 << 10;

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    if (c == ' ' || c == '\t') {
      if (!words.back().empty()) words.emplace_back();
    } else if (c != '"' && c != '\'') {
      words.back() += c;
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// "$LAMBDA_TASK_ROOT/lib/x" is "lib/x" in the package.
std::optional<std::string> in_package(std::string_view word) {
  for (const std::string_view root : {"$LAMBDA_TASK_ROOT/", "${LAMBDA_TASK_ROOT}/", "/var/task/"})
    if (word.starts_with(root)) return normalise_path(word.substr(root.size()));
  return std::nullopt;
}

const ElfInfo* elf_at(const Package& package, const Inventory& inventory, std::string_view path) {
  const auto file = resolve_path(package, path);
  return file && inventory.files[*file].elf ? &*inventory.files[*file].elf : nullptr;
}

// exec LOADER --library-path FOLDER PROGRAM [${_HANDLER}]
std::optional<ScriptLayout> read_exec(const std::vector<std::string>& words) {
  if (words.size() < 5 || words[0] != "exec" || words[2] != "--library-path") return std::nullopt;
  const auto loader = in_package(words[1]), library = in_package(words[3]), program = in_package(words[4]);
  if (!loader || !library || !program || library->empty()) return std::nullopt;
  ScriptLayout layout{*loader, *library, *program, {}};
  for (std::size_t i = 5; i < words.size(); ++i)
    if (words[i] != "${_HANDLER}" && words[i] != "$_HANDLER" && words[i] != "$@")
      layout.other_line = fmt::format("gives the program the argument {}", printable(words[i]));
  return layout;
}

bool is_harmless(std::string_view line) {
  return line.empty() || line.starts_with('#') || line.starts_with("set -") ||
         line.starts_with("export AWS_EXECUTION_ENV=");
}

// Parts of one build of glibc work only with each other: they need or define what is private to it. Of the gconv
// modules a few do not; the packager leaves their list behind, without which none of them is ever found.
bool is_part_of_libc(const ElfInfo& elf) {
  const auto is_private = [](const VersionNeed& need) { return need.version == "GLIBC_PRIVATE"; };
  return std::ranges::any_of(elf.versions_needed, is_private) ||
         std::ranges::find(elf.versions_defined, "GLIBC_PRIVATE") != elf.versions_defined.end() ||
         std::ranges::find(elf.entry_points, "gconv") != elf.entry_points.end() || elf.soname == "libc.so.6";
}

// Why the program cannot run against the runtime's libraries; "" when it can.
std::string find_obstacle(const Package& package, const Inventory& inventory, const FunctionTarget& target,
                          const ScriptLayout& layout) {
  const Runtime& runtime = target.runtime;
  const ElfInfo& program = *elf_at(package, inventory, layout.program);
  if (!layout.other_line.empty()) return "bootstrap does more than to start the program: it " + layout.other_line;
  if (layout.library != "lib")
    return fmt::format("the libraries are in {}, which is not on the search path", layout.library);
  if (program.interpreter != runtime.loader)
    return fmt::format("{} asks for the loader {}, {} has {}", layout.program, printable(program.interpreter),
                       runtime.id, runtime.loader);
  std::deque<std::pair<std::string, const ElfInfo*>> queue{{layout.program, &program}};
  std::set<std::string> seen;
  while (!queue.empty()) {
    const auto [path, elf] = queue.front();
    queue.pop_front();
    if (const auto misfits = version_misfits(path, *elf, runtime); !misfits.empty())
      return misfit_text(misfits, runtime);
    for (const std::string& name : elf->needed) {
      if (!seen.insert(name).second || runtime.folder_of(name)) continue;
      const std::string at = layout.library + "/" + name;
      const ElfInfo* const library = elf_at(package, inventory, at);
      if (library == nullptr)
        return fmt::format("{} needs {}, which is neither in lib/ nor in {}", path, name, runtime.id);
      if (is_part_of_libc(*library))
        return fmt::format("{} needs {} of the bundled C library, and {} has none", path, name, runtime.id);
      queue.emplace_back(at, library);
    }
  }
  return {};
}

}  // namespace

Result<std::optional<ScriptLayout>> find_script_layout(const Package& package, const Inventory& inventory) {
  const auto index = resolve_path(package, "bootstrap");
  if (!index || inventory.files[*index].type != FileType::script) return std::nullopt;
  if (package.files[*index].size() > kScriptBytes) return std::nullopt;
  LP_TRY(const auto bytes, package.files[*index].content.slice(0, kScriptBytes));
  const std::string_view text = as_text(bytes);
  std::optional<ScriptLayout> layout;
  std::string other;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const auto words = words_of(text.substr(start, end - start));
    start = end + 1;
    if (auto found = read_exec(words); found && !layout) {
      layout = std::move(found);
      continue;
    }
    const std::string line = fmt::format("{}", fmt::join(words, " "));
    if (!is_harmless(line) && other.empty()) other = fmt::format("has the line \"{}\"", printable(line));
  }
  if (!layout || elf_at(package, inventory, layout->loader) == nullptr ||
      elf_at(package, inventory, layout->program) == nullptr)
    return std::nullopt;
  if (layout->other_line.empty()) layout->other_line = other;
  return layout;
}

Result<Relayout> relayout_package(const Package& package, const Inventory& inventory, const FunctionTarget& target,
                                  const ScriptLayout& layout, const ReadOptions& options) {
  Relayout result{package, find_obstacle(package, inventory, target, layout), 0, 0};
  if (!result.obstacle.empty()) return result;
  std::vector<PackageFile> files;
  const auto program = resolve_path(package, layout.program), loader = resolve_path(package, layout.loader);
  const std::string prefix = layout.library + "/";
  const auto is_gone = [&](std::size_t i) {
    const PackageFile& file = package.files[i];
    if (file.path == "bootstrap" || i == *loader) return true;
    if (!file.path.starts_with(prefix)) return false;
    const auto real = resolve_path(package, file.path);
    return real && (*real == *loader || (inventory.files[*real].elf && is_part_of_libc(*inventory.files[*real].elf)));
  };
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    PackageFile file = package.files[i];
    const bool is_program = i == *program;
    const bool gone = !is_program && is_gone(i);
    const bool of_runtime =
        file.path.starts_with(prefix) && target.runtime.folder_of(file_name_of(file.path)).has_value();
    if (!is_program && (gone || of_runtime)) {
      ++result.files;
      result.bytes += file.size();
    }
    if (gone) continue;
    if (is_program) {
      file.path = "bootstrap";
      file.mode |= 0755;
    } else if (const auto real = resolve_path(package, file.path);
               file.kind == FileKind::symlink && real && *real == *program) {
      continue;  // another name of the program, which only the script knew
    }
    files.push_back(std::move(file));
  }
  LP_TRY(result.package, with_files(package, std::move(files), options));
  return result;
}

}  // namespace lambdapack
