// What is each file of the package? Told by content alone: names lie, and half of the interesting files have none.
//
// One small read per file finds its type; only ELF files are mapped, and given back as soon as they are read. A
// file whose name promises a library and whose content is none gets a finding, since the loader will trip over it.
#include "elf/inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/parallel.h"
#include "elf/file_type.h"
#include "elf/find_above_baseline.h"
#include "elf/read_elf.h"
#include "elf/read_notes.h"

namespace lambdapack {

namespace {

Finding finding(std::string code, Severity severity, const PackageFile& file, std::string message, std::string help) {
  return {.code = std::move(code),
          .severity = severity,
          .path = file.path,
          .detail = {},
          .message = std::move(message),
          .help = std::move(help)};
}

std::string help_for(const ElfProblem& problem) {
  if (problem.code == "elf-misaligned-segment")
    return "an earlier strip or patchelf laid its segments out wrongly; take the file from its original package";
  if (problem.code == "elf-truncated") return "copy the file again from where it came from; this copy is incomplete";
  if (problem.fatal) return "take the file from its original package, or build it again";
  if (is_about_notes(problem)) return "the note stays as it is; build the file again if it does not work";
  return "the file is kept as it is; build it again if it does not work";
}

void add_problems(const PackageFile& file, const ElfInfo& elf, std::vector<Finding>& findings) {
  for (const ElfProblem& problem : elf.problems)
    findings.push_back(
        finding(problem.code, problem.fatal ? Severity::error : Severity::warning, file,
                problem.fatal ? fmt::format("{}; the loader refuses it or crashes", problem.message) : problem.message,
                help_for(problem)));
}

// A file that is no binary at all. git-lfs(1): a pointer file starts with a version line and is shorter than 1024
// bytes.
void add_text_findings(const PackageFile& file, std::string_view head, std::vector<Finding>& findings) {
  const bool library = has_library_name(file.path);
  if (head.starts_with("version https://git-lfs.github.com/spec/") && file.size() < 1024) {
    findings.push_back(finding("git-lfs-pointer", library ? Severity::error : Severity::warning, file,
                               "is a Git LFS pointer, not the file itself", "run git lfs pull before packing"));
    return;
  }
  if (!library) return;
  if (const std::string_view target = link_text(head); !target.empty() && file.size() < kHeadBytes)
    findings.push_back(
        finding("link-stored-as-text", Severity::error, file,
                fmt::format("holds nothing but the name {}: a symlink that was stored as text; the "
                            "loader refuses it",
                            target),
                fmt::format("make it a link again (ln -s {}), or a copy of that file: wheels, and git on "
                            "Windows, cannot hold links",
                            target)));
  else if (file.size() == 0)
    findings.push_back(finding("empty-library", Severity::warning, file,
                               "has the name of a shared library and no bytes",
                               "build or copy the library again, or delete the file"));
  else if (is_linker_script(head))
    findings.push_back(finding("linker-script", Severity::warning, file,
                               "is a linker script, which only a linker reads; the loader refuses it",
                               "ship the library that it names instead, or delete the file"));
  else
    findings.push_back(finding("library-not-elf", Severity::warning, file,
                               "has the name of a shared library but is no ELF file; the loader refuses it",
                               "ship the Linux build of the library, or delete the file"));
}

struct Entry {
  FileRecord record;
  std::vector<Finding> findings;
};

Result<Entry> take_entry(const PackageFile& file) {
  Entry entry;
  if (file.kind == FileKind::directory) {
    entry.record.type = FileType::directory;
    return entry;
  }
  if (file.kind == FileKind::symlink) {
    entry.record.type = FileType::symlink;
    return entry;
  }
  LP_TRY(const std::vector<std::uint8_t> head, file.content.head(kHeadBytes));
  entry.record.type = file_type(head);
  // "MZ" starts old DOS programs and ordinary text too; a Windows binary says where its PE header is.
  if (entry.record.type == FileType::pe) {
    LP_TRY(const std::vector<std::uint8_t> signature, file.content.slice(pe_header_offset(head), 4));
    if (as_text(signature) != std::string_view("PE\0\0", 4)) entry.record.type = FileType::other;
  }
  if (entry.record.type == FileType::script) entry.record.shebang = shebang(head);
  if (entry.record.type == FileType::other) add_text_findings(file, as_text(head), entry.findings);
  if (entry.record.type == FileType::elf) {
    LP_TRY(const Bytes bytes, file.content.read());
    entry.record.elf = read_elf(bytes);
    entry.record.elf->above_baseline = find_above_baseline(bytes, *entry.record.elf);
    file.content.release();
    add_problems(file, *entry.record.elf, entry.findings);
  }
  return entry;
}

}  // namespace

Result<Inventory> take_inventory(const Package& package, unsigned threads, Progress& progress) {
  const std::size_t count = package.files.size();
  progress.stage("reading files", count);
  std::vector<Result<Entry>> entries(count);
  parallel_for(count, threads, [&](std::size_t i) {
    entries[i] = take_entry(package.files[i]);
    progress.step();
  });
  Inventory inventory;
  inventory.files.reserve(count);
  for (Result<Entry>& entry : entries) {
    if (!entry) return std::unexpected(std::move(entry).error());  // the first in path order, whatever thread met it
    inventory.files.push_back(std::move(entry->record));
    std::ranges::move(entry->findings, std::back_inserter(inventory.findings));
  }
  sort_findings(inventory.findings);
  return inventory;
}

}  // namespace lambdapack
