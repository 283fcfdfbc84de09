// Why each native file stays, for `-v`: by a needed entry, by what a file names, as what the platform starts.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "report/text_layout.h"
#include "report/text_sections.h"

namespace lambdapack {

std::string reached_section(const Report& report, const TextStyle& style) {
  if (!style.verbose) return "";
  std::set<std::string_view> gone;
  for (const FileDecision& file : report.decisions)
    if (file.applied && (file.action == "drop" || file.action == "link")) gone.insert(file.path);
  const auto width = static_cast<std::size_t>(style.width);
  std::string out;
  for (const ElfSummary& elf : report.elf_files) {
    if (elf.reached.empty() || gone.contains(elf.path)) continue;
    out += "  " + shorten(printable(elf.path), width - 2) + "\n";
    const std::string from = elf.reached_from.empty() ? "" : printable(elf.reached_from) + " ";
    out += wrap_text(elf.reached == "none" ? "nothing reaches it for certain" : from + printable(elf.reached_why),
                     width, 6);
  }
  return out.empty() ? "" : heading(style, "Why each native file stays") + out;
}

}  // namespace lambdapack
