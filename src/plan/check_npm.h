// npm packages that should not be there.
#pragma once

#include <vector>

#include "plan/check_package.h"

namespace lambdapack {

// Code "aws-sdk-v2": the whole SDK of version 2, which runtimes from nodejs18.x on do not have and AWS no longer
// maintains.
std::vector<Finding> check_npm_packages(const CheckInput& input);

}  // namespace lambdapack
