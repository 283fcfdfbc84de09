// The tokens that search paths and needed names may contain: $ORIGIN, $LIB, $PLATFORM.
#pragma once

#include <string>
#include <string_view>

namespace lambdapack {

struct StringTokens {
  std::string_view origin;  // folder of the object that the text comes from, absolute, without a trailing "/"
  std::string_view lib, platform;
};

// text with every token replaced, as $NAME or ${NAME}. Other dollars stay.
std::string expand_tokens(std::string_view text, const StringTokens& tokens);

}  // namespace lambdapack
