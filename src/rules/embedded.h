// The TOML files of rules/, as the build put them into the program (cmake/EmbedRules.cmake).
#pragma once

#include <string_view>
#include <vector>

namespace lambdapack {

struct EmbeddedFile {
  std::string_view name;  // relative to rules/: "runtimes/python3.12.toml"
  std::string_view text;
};

const std::vector<EmbeddedFile>& embedded_rules();  // sorted by name

}  // namespace lambdapack
