// "Did you mean": which known names are spelled most like one that is not known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lambdapack {

// The closest of `known`, at most three, in their order; empty when none is close.
std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& known);

// What to do about an unknown name: "did you mean a or b? `lambdapack rules` lists all".
std::string suggest_names(std::string_view name, const std::vector<std::string>& known, std::string_view listing);

}  // namespace lambdapack
