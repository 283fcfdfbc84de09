// What --template says, as options of the command line.
#pragma once

#include <vector>

#include "base/finding.h"
#include "cli/command_line.h"

namespace lambdapack {

// Reads command_line.template_file, when there is one. What the user gave as an option wins: a runtime, an architecture
// and a handler as they are, all layers together, variables one by one. Errors: those of read_template.
Result<CommandLine> apply_template(CommandLine command_line);

// What the template does not decide: template-unknown, one finding per property, and one for all the variables that no
// loader looks at. None without a template.
std::vector<Finding> template_findings(const CommandLine& command_line);

// Whether the function has layers of which nothing is known here: the template names others, or a variable of the
// environment has a path in /opt and no layer was given.
bool has_unknown_layers(const CommandLine& command_line);

// A layer that the template names may bring what is missing: missing-library then is a warning that says so.
void allow_for_unknown_layers(const CommandLine& command_line, std::vector<Finding>& findings);

}  // namespace lambdapack
