// lambdapack explain PATH --error TEXT.
#pragma once

#include "pipeline_diff.h"

namespace lambdapack {

// PATH is a saved report, which is read, or a package, which is analysed. text: the error's. Exit code 1: nothing in
// the report explains it. Errors: a text in which no missing module, library, version or file is found.
Result<RunResult> run_explain_error(const CommandLine& command_line, const std::string& text, const Analyse& analyse);

}  // namespace lambdapack
