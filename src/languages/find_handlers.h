// Handlers that Lambda could be told to call, read from the files at the top of a function.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "package/package.h"

namespace lambdapack {

// Whether Python source defines this name at module level: "def handler(", "async def handler(", "handler = ".
bool defines_in_python(std::string_view source, std::string_view name);

// Whether JavaScript source exports a `handler`, as ES module, as CommonJS, or the way esbuild writes either.
bool exports_handler(std::string_view source);

// "app.lambda_handler", "index.handler": sorted. Only files directly in the package folder are looked at.
Result<std::vector<std::string>> find_python_handlers(const Package& package);
Result<std::vector<std::string>> find_node_handlers(const Package& package);
Result<std::vector<std::string>> find_ruby_handlers(const Package& package);

}  // namespace lambdapack
