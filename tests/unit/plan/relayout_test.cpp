#include "plan/relayout.h"

#include <doctest/doctest.h>

#include "plan/fake_function.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

const std::string kScript =
    "#!/bin/bash\nset -euo pipefail\nexport AWS_EXECUTION_ENV=lambda-cpp\n"
    "exec $LAMBDA_TASK_ROOT/lib/ld-linux-x86-64.so.2 --library-path $LAMBDA_TASK_ROOT/lib "
    "$LAMBDA_TASK_ROOT/bin/echo ${_HANDLER}\n";

ElfInfo part_of_libc(std::string soname) {
  ElfInfo elf = library(std::move(soname));
  elf.versions_needed = {{"libc.so.6", "GLIBC_PRIVATE", false}};
  return elf;
}

FakeFunction packaged(const std::string& script, const std::string& version) {
  ElfInfo program = executable({"libc.so.6", "libown.so.1"});
  program.versions_needed = {{"libc.so.6", version, false}};
  FakeFunction function;
  function.text("bootstrap", script, 0755);
  function.elf("bin/echo", program);
  function.elf("lib/ld-linux-x86-64.so.2", library("ld-linux-x86-64.so.2"));
  function.elf("lib/libc.so.6", library("libc.so.6"));
  function.elf("lib/ISO8859-1.so", part_of_libc(""));
  function.elf("lib/libown.so.1", library("libown.so.1", {"libc.so.6"}));
  function.done();
  return function;
}

Relayout laid_out(const FakeFunction& function) {
  const auto layout = find_script_layout(function.package, function.inventory);
  REQUIRE(layout);
  REQUIRE(layout->has_value());
  auto result = relayout_package(function.package, function.inventory, function.target, **layout, {});
  REQUIRE(result);
  return *std::move(result);
}

}  // namespace

TEST_CASE("relayout: the program becomes bootstrap, the C library's parts go, its own library stays") {
  const Relayout result = laid_out(packaged(kScript, "GLIBC_2.34"));
  CHECK(result.obstacle == "");
  REQUIRE(result.package.files.size() == 2);
  CHECK(result.package.files[0].path == "bootstrap");
  CHECK(result.package.files[1].path == "lib/libown.so.1");
  CHECK(result.files == 4);
}

TEST_CASE("relayout: a version that the runtime lacks keeps the layout") {
  const Relayout result = laid_out(packaged(kScript, "GLIBC_2.38"));
  CHECK(result.obstacle.contains("GLIBC_2.38"));
  CHECK(result.package.files.size() == 6);
}

TEST_CASE("relayout: a script that does more keeps the layout") {
  CHECK(laid_out(packaged("#!/bin/bash\nexport MODE=fast\n" + kScript, "GLIBC_2.34")).obstacle.contains("MODE=fast"));
  std::string script = kScript;
  script.insert(script.find(" ${_HANDLER}"), " --flag");
  CHECK(laid_out(packaged(script, "GLIBC_2.34")).obstacle.contains("--flag"));
}

TEST_CASE("find_script_layout: other scripts, and scripts that name what is not there, are none") {
  const auto none = [](const std::string& script) {
    const FakeFunction function = packaged(script, "GLIBC_2.34");
    const auto layout = find_script_layout(function.package, function.inventory);
    REQUIRE(layout);
    return !layout->has_value();
  };
  CHECK(none("#!/bin/bash\nexec ./bin/echo\n"));
  CHECK(
      none("#!/bin/bash\nexec $LAMBDA_TASK_ROOT/lib/gone --library-path $LAMBDA_TASK_ROOT/lib "
           "$LAMBDA_TASK_ROOT/bin/echo\n"));
  CHECK(
      none("#!/bin/bash\nexec $LAMBDA_TASK_ROOT/../lib/ld --library-path $LAMBDA_TASK_ROOT/lib "
           "$LAMBDA_TASK_ROOT/bin/echo\n"));
}
