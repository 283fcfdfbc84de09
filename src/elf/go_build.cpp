// The record is a magic number, sizes, and from Go 1.18 on two texts with their lengths before them: the version, and
// the module's lines between two marks of 16 bytes. Format: Go's debug/buildinfo/buildinfo.go and
// runtime/debug/mod.go (BuildInfo.String). Every length may lie.
#include "elf/go_build.h"

#include <algorithm>

#include "elf/elf_format.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::string_view kMagic = "\xff Go buildinf:";
constexpr std::size_t kAlignment = 16, kHeader = 32, kFlagsAt = 15, kMark = 16;
constexpr unsigned kInlineTexts = 2;          // of the flags
constexpr std::size_t kGlance = 1 << 20;      // where the linker puts it: early in the data
constexpr std::size_t kMostSettings = 64;     // Go writes about 15
constexpr std::size_t kMostRecord = 4 << 20;  // bytes: a line for each of some ten thousand modules

// A length in groups of seven bits, then so many bytes; takes both off the front.
std::optional<std::string_view> take_text(std::string_view& rest) {
  std::uint64_t length = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    if (rest.empty()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    length |= std::uint64_t{byte & 0x7FU} << shift;
    if ((byte & 0x80U) != 0) continue;
    if (length > rest.size() || length > kMostRecord) return std::nullopt;
    const std::string_view text = rest.substr(0, length);
    rest.remove_prefix(length);
    return text;
  }
  return std::nullopt;
}

// Up to the next tab, which goes too.
std::string_view take_field(std::string_view& line) {
  const std::string_view field = line.substr(0, line.find('\t'));
  line.remove_prefix(std::min(line.size(), field.size() + 1));
  return field;
}

// Go quotes what has blanks or quotes in it (strconv.Quote), or puts it between backquotes.
std::string unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != text.back() || (text.front() != '"' && text.front() != '`'))
    return std::string(text);
  const bool escapes = text.front() == '"';
  text = text.substr(1, text.size() - 2);
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (escapes && text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
    plain += text[i];
  }
  return plain;
}

void read_setting(std::string_view setting, GoBuild& build) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string_view::npos || build.settings.size() >= kMostSettings) return;
  build.settings.emplace(unquoted(setting.substr(0, equals)), unquoted(setting.substr(equals + 1)));
}

void read_module_lines(std::string_view lines, GoBuild& build) {
  while (!lines.empty()) {
    std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    const std::string_view kind = take_field(line);
    if (kind == "path") build.path = take_field(line);
    if (kind == "dep") ++build.dependencies;
    if (kind == "build") read_setting(line, build);
    if (kind != "mod") continue;
    build.module = take_field(line);
    build.module_version = take_field(line);
  }
}

}  // namespace

std::optional<GoBuild> parse_go_build(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  std::size_t at = text.substr(0, kGlance).find(kMagic);
  while (at != std::string_view::npos && at % kAlignment != 0) at = text.substr(0, kGlance).find(kMagic, at + 1);
  if (at == std::string_view::npos || text.size() - at < kHeader) return std::nullopt;
  if ((static_cast<unsigned char>(text[at + kFlagsAt]) & kInlineTexts) == 0) return std::nullopt;
  std::string_view rest = text.substr(at + kHeader);
  const auto version = take_text(rest);
  if (!version || version->empty()) return std::nullopt;
  GoBuild build;
  build.version = *version;
  const auto module = take_text(rest);
  if (module && module->size() >= 2 * kMark)
    read_module_lines(module->substr(kMark, module->size() - 2 * kMark), build);
  return build;
}

std::optional<GoBuild> read_go_build(Bytes file, const ElfInfo& info) {
  const auto part = [&](std::uint64_t offset, std::uint64_t size) {
    if (offset >= file.size()) return Bytes();
    return file.subspan(offset, std::min<std::uint64_t>(size, file.size() - offset));
  };
  for (const ElfSection& section : info.sections)
    if (section.name == ".go.buildinfo" && section.type != kShtNobits)
      return parse_go_build(part(section.offset, section.size));
  for (const ElfSegment& segment : info.segments)
    if (segment.type == kPtLoad && (segment.flags & kPfWrite) != 0)
      return parse_go_build(part(segment.offset, segment.file_size));
  return std::nullopt;
}

}  // namespace lambdapack
