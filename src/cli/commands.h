// The commands by name, and what --help says of each but its options.
#pragma once

#include <vector>

#include "cli/command_line.h"
#include "cli/help_page.h"

namespace lambdapack {

struct CommandInfo {
  Command command;
  const char* name;
  const char* usage;
  const char* summary;
  const char* description;
  std::vector<HelpEntry> examples;
};

const std::vector<CommandInfo>& commands();
const CommandInfo& info_of(Command command);

// The others list rules and runtimes, or read a log.
bool reads_package(Command command);

}  // namespace lambdapack
