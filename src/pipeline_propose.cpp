#include "pipeline_propose.h"

#include <fstream>
#include <iterator>

#include "base/bytes.h"
#include "pipeline_template.h"

namespace lambdapack {
namespace {

Result<std::string> read_metafile(const CommandLine& command_line) {
  if (command_line.metafile.empty()) return std::string();
  std::ifstream file(command_line.metafile, std::ios::binary);
  std::string text;
  if (file) text.assign(std::istreambuf_iterator<char>(file), {});
  if (!file || text.empty())
    return fail(printable(command_line.metafile), "cannot be read", "give --metafile the file that esbuild wrote");
  return text;
}

ProposalInput proposal_input(const PlanInput& input, const CommandLine& command_line, const std::string& metafile) {
  ProposalInput asked{input, command_line.plan, command_line.env, has_unknown_layers(command_line), {}, metafile};
  if (command_line.from_template) asked.unknown_variables = command_line.from_template->unknown_variables;
  return asked;
}

}  // namespace

Result<Proposals> find_proposals(const PlanInput& input, const CommandLine& command_line) {
  LP_TRY(const std::string metafile, read_metafile(command_line));
  return propose_drops(proposal_input(input, command_line, metafile), command_line.threads);
}

}  // namespace lambdapack
