// Searched as text, because nothing better is to be had; see unscanned_code.h.
#include "plan/unscanned_code.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/parallel.h"
#include "plan/file_texts.h"

namespace lambdapack {
namespace {

constexpr std::size_t kShortName = 6;
constexpr std::array kCodeEndings = {".py", ".pyc", ".pth", ".sh", ".bash"};

bool is_word_byte(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool stands_in(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if (name.size() >= kShortName) return true;
    if ((at == 0 || !is_word_byte(text[at - 1])) && (end == text.size() || !is_word_byte(text[end]))) return true;
  }
  return false;
}

}  // namespace

bool is_unscanned_text(const Package& package, const Inventory& inventory, const std::vector<PythonFile>& sources,
                       std::size_t file) {
  if (package.files[file].kind != FileKind::regular) return false;
  const auto source = std::ranges::lower_bound(sources, file, {}, &PythonFile::file);
  if (source != sources.end() && source->file == file && source->complete) return false;
  // Bytecode of a source that is there says what that says.
  if (package.files[file].path.ends_with(".pyc")) return is_bytecode_without_source(package, file);
  return inventory.files[file].elf || is_script(package, inventory, file);
}

bool is_unscanned_code(const Package& package, const Inventory& inventory, const std::vector<PythonFile>& sources,
                       std::size_t file) {
  if (!is_unscanned_text(package, inventory, sources, file)) return false;
  const FileType type = inventory.files[file].type;
  const std::string& path = package.files[file].path;
  return inventory.files[file].elf || type == FileType::script || type == FileType::archive || type == FileType::pe ||
         std::ranges::any_of(kCodeEndings, [&](const char* ending) { return path.ends_with(ending); });
}

std::vector<std::size_t> find_unscanned_code(const PythonCode& code) {
  std::vector<std::size_t> files;
  for (std::size_t i = 0; i < code.input.package.files.size(); ++i)
    if (!code.idle[i] && is_unscanned_code(code.input.package, code.input.inventory, code.sources, i))
      files.push_back(i);
  return files;
}

Result<std::vector<Mention>> find_names(const Package& package, const Inventory& inventory,
                                        const std::vector<std::size_t>& files, const std::vector<std::string>& names,
                                        unsigned threads) {
  if (files.empty() || names.empty()) return std::vector<Mention>();
  const NameSet set(names, {});
  std::vector<std::vector<std::size_t>> found(files.size());
  std::vector<std::optional<Error>> errors(files.size());
  parallel_for(files.size(), threads, [&](std::size_t i) {
    const auto read = visit_texts(package, inventory, files[i], [&](const TextPart& part) {
      for (const std::size_t name : set.find_in(part, {}))
        if (part.wide || stands_in(as_text(part.bytes), names[name])) found[i].push_back(name);
    });
    if (!read) errors[i] = read.error();
    std::ranges::sort(found[i]);
    const auto repeated = std::ranges::unique(found[i]);
    found[i].erase(repeated.begin(), repeated.end());
  });
  std::vector<Mention> mentions;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (errors[i]) return std::unexpected(*std::move(errors[i]));
    for (const std::size_t name : found[i]) mentions.push_back({name, files[i]});
  }
  return mentions;
}

}  // namespace lambdapack
