// How large a package is, as it is, zipped, and after a plan: exact where a zip was made, else estimated.
#pragma once

#include "pipeline_report.h"

namespace lambdapack {

Result<ZipImage> compress(const Package& package, const CommandLine& command_line);

// Of a package whose zip was made.
PackageSize size_of(const Package& package, const ZipImage& image);

// With zip_bytes from a sample, and their relative error.
Result<PackageSize> estimated_size(const Package& package, const CommandLine& command_line);

// Of what was read: exact when that was a zip, or when --exact or analyze's --max-zip-size ask for it.
Result<PackageSize> size_before(const Package& package, const CommandLine& command_line);

// Before, and after a plan that analyze does not carry out: from one sample, unless --exact asks for more or so little
// is left that doing it is as cheap.
Result<Sizes> planned_sizes(const Package& package, const Inventory& inventory, const LanguageView& languages,
                            const Plan& plan, const CommandLine& command_line, Progress& progress);

}  // namespace lambdapack
