// Another program as a function from bytes to bytes.
#include "base/run_program.h"

#include <doctest/doctest.h>

using namespace lambdapack;

TEST_CASE("run_program: more bytes than a pipe holds go in and come out") {
  const std::string text(3'000'000, 'x');
  const auto out = run_program({"cat"}, text, "");
  REQUIRE(out.has_value());
  CHECK(*out == text);
}

TEST_CASE("run_program: a program that is not there is an error with the way out") {
  const auto out = run_program({"lambdapack-no-such-program"}, "", "install it");
  REQUIRE_FALSE(out.has_value());
  CHECK(to_string(out.error()) == "lambdapack-no-such-program: is not installed; install it");
}

TEST_CASE("run_program: a program that fails is an error with what it said first") {
  const auto out = run_program({"sh", "-c", "echo first >&2; echo second >&2; exit 3"}, "", "");
  REQUIRE_FALSE(out.has_value());
  CHECK(to_string(out.error()) == "sh: ended with status 3; first");
  const auto killed = run_program({"sh", "-c", "kill -9 $$"}, "", "");
  REQUIRE_FALSE(killed.has_value());
  CHECK(killed.error().message == "was ended by signal 9");
}
