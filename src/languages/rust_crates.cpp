// A section of JSON in a zlib stream, found by its name alone: so it is gone for every auditor when the section headers
// are. Format: github.com/rust-secure-code/cargo-auditable, PARSING.md, which advises a limit of 8 MiB.
#include "languages/rust_crates.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "elf/elf_format.h"
#include "package/deflate.h"

namespace lambdapack {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMostBytes = 8 << 20;

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  const auto* const text = found == object.end() ? nullptr : found->get_ptr<const json::string_t*>();
  return text != nullptr ? *text : std::string();
}

std::optional<std::vector<RustCrate>> parse_crates(Bytes packed) {
  const auto bytes = inflate_zlib(packed, kMostBytes);
  if (!bytes) return std::nullopt;
  const json list = json::parse(as_text(*bytes), nullptr, false);
  if (!list.is_object() || !list.contains("packages") || !list["packages"].is_array()) return std::nullopt;
  std::vector<RustCrate> crates;
  for (const json& each : list["packages"]) {
    if (!each.is_object()) return std::nullopt;
    crates.push_back({text_at(each, "name"), text_at(each, "version"), text_at(each, "kind") == "build"});
  }
  std::ranges::sort(crates);
  return crates;
}

}  // namespace

Result<std::optional<std::vector<RustCrate>>> read_rust_crates(const Content& file, const ElfInfo& info) {
  const auto section = std::ranges::find(info.sections, elf_format::kCrateSection, &ElfSection::name);
  if (section == info.sections.end() || section->type == elf_format::kShtNobits) return std::nullopt;
  LP_TRY(const Bytes bytes, file.read());
  std::optional<std::vector<RustCrate>> crates;
  if (section->offset <= bytes.size() && section->size <= bytes.size() - section->offset)
    crates = parse_crates(bytes.subspan(section->offset, section->size));
  file.release();
  return crates;
}

}  // namespace lambdapack
