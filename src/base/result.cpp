// The one sentence that an Error becomes.
#include "base/result.h"

namespace lambdapack {

std::string to_string(const Error& error) {
  std::string text;
  if (!error.subject.empty()) text += error.subject + ": ";
  text += error.message;
  if (!error.hint.empty()) text += "; " + error.hint;
  return text;
}

}  // namespace lambdapack
