// How a stage says that the run cannot go on: std::expected with an Error that names its subject and the way out.
//
// Three things never mix. An Error stops the run (exit 2). A Finding (finding.h) is data about the user's package and
// stops nothing. An assert is a bug of ours. g++ 12's std::expected has no and_then, hence LP_TRY.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace lambdapack {

struct Error {
  std::string subject;  // the file, member, rule or option that the message is about; may be empty
  std::string message;  // what is wrong, lower case, no full stop
  std::string hint;     // what to do about it; may be empty
};

// "SUBJECT: MESSAGE; HINT", without the parts that are empty.
std::string to_string(const Error& error);

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string subject, std::string message, std::string hint = {}) {
  return std::unexpected(Error{std::move(subject), std::move(message), std::move(hint)});
}

#define LP_CONCAT_INNER(a, b) a##b
#define LP_CONCAT(a, b) LP_CONCAT_INNER(a, b)

// LP_TRY(auto x, f()): x is the value of f(), or the enclosing function returns f()'s error.
#define LP_TRY(declaration, expression) LP_TRY_INNER(LP_CONCAT(lp_result_, __LINE__), declaration, expression)
#define LP_TRY_INNER(result, declaration, expression)             \
  auto result = (expression);                                     \
  if (!result) return std::unexpected(std::move(result).error()); \
  declaration = *std::move(result)

// LP_CHECK(f()): the same for a Result<void>.
#define LP_CHECK(expression)                                                \
  do {                                                                      \
    auto lp_checked = (expression);                                         \
    if (!lp_checked) return std::unexpected(std::move(lp_checked).error()); \
  } while (false)

}  // namespace lambdapack
