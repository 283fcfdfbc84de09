// lambdapack diff, for people and for programs.
#pragma once

#include <string>

#include "report/diff.h"
#include "report/render.h"

namespace lambdapack {

std::string render_diff_text(const PackageDiff& diff, const TextStyle& style);
std::string render_diff_json(const PackageDiff& diff);  // docs/report.schema.json, $defs/diff

}  // namespace lambdapack
