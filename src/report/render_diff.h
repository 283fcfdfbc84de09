// lambdapack diff, for people and for programs.
#pragma once

#include <string>

#include "report/diff.h"
#include "report/render.h"

namespace lambdapack {

std::string render_diff_text(const PackageDiff& diff, const TextStyle& style);
std::string render_diff_json(const PackageDiff& diff);  // docs/report.schema.json, $defs/diff

// A report that was saved with --report or --format json. Errors: no JSON, no report of this program, one without the
// list of files (written before 0.2).
Result<DiffSide> read_saved_report(const std::string& name, std::string_view text);

}  // namespace lambdapack
