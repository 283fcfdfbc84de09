// Asked of the two packages alone, not of the plan: a wrong header would make Python run code of another source, or
// compile at each start again.
#include "apply/verify_bytecode.h"

#include <algorithm>

#include "languages/python_bytecode.h"

namespace lambdapack {
namespace {

Result<bool> is_right(const Package& before, const Applied& applied, std::size_t file, const Rules& rules) {
  const PackageFile& now = applied.package.files[file];
  LP_TRY(const Bytes was, before.files[applied.old_index[file]].content.read());
  LP_TRY(const Bytes is, now.content.read());
  if (was.data() == is.data() && was.size() == is.size()) return true;  // what was not changed shares its bytes
  if (std::ranges::equal(was, is)) return true;
  const auto name = parse_pyc_path(now.path);
  const auto old_header = parse_pyc_header(was), header = parse_pyc_header(is);
  if (!name || !old_header || !header) return false;
  const PythonBytecode* python = rules.bytecode_of(name->version);
  const auto source = resolve_path(applied.package, name->source);
  if (python == nullptr || !source) return false;
  if (header->magic != old_header->magic || header->magic != python->magic || !header->hash_based) return false;
  LP_TRY(const Bytes text, applied.package.files[*source].content.read());
  return header->hash == python_source_hash(*python, text) &&
         std::ranges::equal(was.subspan(kPycHeaderSize), is.subspan(kPycHeaderSize));
}

}  // namespace

Result<std::vector<std::string>> wrong_bytecode(const Package& before, const Applied& applied, const Rules& rules) {
  std::vector<std::string> wrong;
  for (std::size_t i = 0; i < applied.package.files.size(); ++i) {
    const PackageFile& file = applied.package.files[i];
    if (!file.path.ends_with(".pyc") || file.kind != FileKind::regular || is_layer_file(file.path)) continue;
    if (before.files[applied.old_index[i]].kind != FileKind::regular) continue;
    LP_TRY(const bool right, is_right(before, applied, i, rules));
    if (!right) wrong.push_back(file.path);
  }
  return wrong;
}

}  // namespace lambdapack
