// A report that an earlier run wrote as JSON, read back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "report/report.h"

namespace lambdapack {

// The text of a file that begins as a JSON object does; nothing for all that could be a package. Errors: larger than
// any report (256 MiB), cannot be read.
Result<std::optional<std::string>> find_saved_report(const std::string& path);

// A report that was saved with --report or --format json: its source, command, function, sizes, files, decisions and
// findings; what else a Report has stays empty. name: for errors. Errors: no JSON, no report of this program, one
// without the list of files.
Result<Report> read_saved_report(const std::string& name, std::string_view text);

}  // namespace lambdapack
