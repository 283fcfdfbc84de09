// --help as a value: what CLI11 knows of a command, laid out by us, because its own layout does not wrap lines.
#pragma once

#include <string>
#include <vector>

namespace lambdapack {

struct HelpEntry {
  std::string name, text;  // "-o, --output OUT", "where the zip goes"
};

struct HelpGroup {
  std::string title;
  std::vector<HelpEntry> entries;
};

struct HelpPage {
  std::string description;           // paragraphs, each on a line of its own
  std::vector<std::string> usage;    // "lambdapack pack PATH -o OUT.zip [options]"
  std::vector<HelpEntry> examples;   // name: the command; text: what it is for
  std::vector<HelpGroup> groups;     // commands, options
  std::vector<std::string> closing;  // paragraphs after the options
};

// The page in at most `width` columns, as long as no single word is longer. Ends with a newline.
std::string lay_out_help(const HelpPage& page, std::size_t width);

}  // namespace lambdapack
