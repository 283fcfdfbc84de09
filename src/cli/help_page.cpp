// How help looks: two columns, wrapped, with the examples before the options, since examples are what people read.
#include "cli/help_page.h"

#include "report/text_layout.h"

namespace lambdapack {
namespace {

constexpr std::size_t kNameColumn = 28;

std::string lay_out_entry(const HelpEntry& entry, std::size_t width) {
  std::string out = "  " + entry.name;
  if (out.size() + 2 > kNameColumn) {
    out += "\n" + std::string(kNameColumn, ' ');
  } else {
    out.append(kNameColumn - out.size(), ' ');
  }
  return out + wrap_text(entry.text, width, kNameColumn).substr(kNameColumn);
}

}  // namespace

std::string lay_out_help(const HelpPage& page, std::size_t width) {
  std::string out = wrap_text(page.description, width, 0) + "\nUsage:\n";
  for (const std::string& usage : page.usage) out += "  " + usage + "\n";
  if (!page.examples.empty()) out += "\nExamples:\n";
  for (const HelpEntry& example : page.examples) {
    out += "  " + example.name + "\n" + wrap_text(example.text, width, 6);
  }
  for (const HelpGroup& group : page.groups) {
    if (group.entries.empty()) continue;
    out += "\n" + group.title + ":\n";
    for (const HelpEntry& entry : group.entries) out += lay_out_entry(entry, width);
  }
  for (const std::string& paragraph : page.closing) out += "\n" + wrap_text(paragraph, width, 0);
  return out;
}

}  // namespace lambdapack
