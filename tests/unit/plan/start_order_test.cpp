// The order of libraries that start scripts make, and what the loader's profile becomes of it.
#include <doctest/doctest.h>

#include "plan/fake_function.h"
#include "plan/start_order.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

StartOrder order_of(FakeFunction& f) {
  f.done();
  const auto order = read_start_order(f.package, f.inventory, f.target, lambda_profile(f.target.runtime, f.env), f.env);
  REQUIRE(order);
  return *order;
}

FakeFunction with_script(std::string_view lines) {
  FakeFunction f;
  f.text("bootstrap", "#!/bin/bash\n" + std::string(lines), 0755).elf("bin/app", executable({"libz.so.1"}));
  return f;
}

std::string path_of(const StartOrder& order) {
  std::string text;
  if (!order.library_path) return "usual";
  for (const std::string& folder : *order.library_path) text += (text.empty() ? "" : ":") + folder;
  return text;
}

ElfInfo loader() {
  ElfInfo elf = library("ld-linux-x86-64.so.2");
  return elf;
}

// What the pipeline does with an order, up to the links.
void apply(FakeFunction& f) {
  const StartOrder order = order_of(f);
  LoaderProfile profile = lambda_profile(f.target.runtime, f.env);
  apply_start_order(order, f.target, profile);
  f.links = resolve_links(f.package, f.inventory, profile, Mount{});
}

}  // namespace

TEST_CASE("a bootstrap that sets LD_LIBRARY_PATH makes the bundled libraries win, and they stay") {
  FakeFunction f = with_script("export LD_LIBRARY_PATH=$LAMBDA_TASK_ROOT/lib:$LD_LIBRARY_PATH\nexec bin/app\n");
  f.elf("lib/libz.so.1", library("libz.so.1"));
  CHECK(path_of(order_of(f)) == "/var/task/lib:/lib64:/var/task:/var/task/lib:/opt/lib");
  CHECK(f.decision("lib/libz.so.1").waiting);  // with the usual order it would go, were the script not there
  apply(f);
  CHECK(f.decision("lib/libz.so.1").action != Action::drop);
  CHECK(f.reach().steps[f.at("lib/libz.so.1")].why.find("before the runtime's own") != std::string::npos);
}

TEST_CASE("a folder behind the runtime's changes nothing") {
  FakeFunction f = with_script("export LD_LIBRARY_PATH=$LD_LIBRARY_PATH:$LAMBDA_TASK_ROOT/own\nexec bin/app\n");
  f.elf("own/libz.so.1", library("libz.so.1"));
  apply(f);
  CHECK(f.target.search_path_doubt.empty());
  CHECK(f.decision("own/libz.so.1").action == Action::drop);
}

TEST_CASE("a bundled loader with --library-path brings its own C library") {
  FakeFunction f = with_script(
      "cd \"$(dirname \"$0\")\"\nexec libs/ld-linux-x86-64.so.2 --inhibit-cache --library-path "
      "\"$PWD/libs\" --preload libs/libhook.so --argv0 app bin/app \"$@\"\n");
  f.elf("libs/ld-linux-x86-64.so.2", loader()).elf("libs/libc.so.6", library("libc.so.6"));
  f.elf("libs/libhook.so", library("libhook.so"));
  const StartOrder order = order_of(f);
  CHECK(order.loader == "libs/ld-linux-x86-64.so.2");
  CHECK(path_of(order) == "/var/task/libs");
  CHECK(order.preload == std::vector<std::string>{"/var/task/libs/libhook.so"});
}

TEST_CASE("scripts that start scripts are followed, with their environment") {
  FakeFunction f;
  f.text("bootstrap", "#!/bin/sh\nexport LD_PRELOAD=lib/libhook.so OWN=/var/task/own\nexec bash scripts/run.sh\n",
         0755);
  f.text("scripts/run.sh", "LD_LIBRARY_PATH=$OWN exec ../task/bin/app\n", 0644);
  f.elf("bin/app", executable());
  const StartOrder order = order_of(f);
  CHECK(order.doubt == "");
  CHECK(path_of(order) == "/var/task/own");
  CHECK(order.preload == std::vector<std::string>{"/var/task/lib/libhook.so"});
  CHECK(order.scripts == std::vector<std::string>{"bootstrap", "scripts/run.sh"});
}

TEST_CASE("a wrapper's order is that of the runtime's process") {
  FakeFunction f;
  f.target.runtime.family = "python";
  f.env["AWS_LAMBDA_EXEC_WRAPPER"] = "/var/task/wrap";
  f.text("wrap", "#!/bin/bash\nexport LD_LIBRARY_PATH=\"$LAMBDA_TASK_ROOT/lib:$LD_LIBRARY_PATH\"\nexec \"$@\"\n", 0755);
  f.elf("lib/libz.so.1", library("libz.so.1"));
  apply(f);
  CHECK(f.decision("lib/libz.so.1").action != Action::drop);
  f.env["AWS_LAMBDA_EXEC_WRAPPER"] = "/opt/wrap";
  CHECK(order_of(f).doubt.find("/opt/wrap") != std::string::npos);
}

TEST_CASE("a library that the runtime's process has loaded is the package's when LD_LIBRARY_PATH says so") {
  FakeFunction f;
  f.target.runtime.family = "nodejs";
  f.target.runtime.preloaded = {"libz.so.1"};
  ElfInfo addon = library("", {"libz.so.1"});
  addon.entry_points = {"napi_register_module_v1"};
  f.elf("addon.node", addon).elf("lib/libz.so.1", library("libz.so.1"));
  f.done();
  CHECK(f.links.edges.at(0).state == EdgeState::shadowed);
  f.env["LD_LIBRARY_PATH"] = "/var/task/lib:/lib64";
  f.done();
  CHECK(f.links.edges.at(0).state == EdgeState::bundled);
  CHECK(f.decision("lib/libz.so.1").action != Action::drop);
}

TEST_CASE("an order that --env states is certain") {
  FakeFunction f;
  f.elf("bootstrap", executable({"libz.so.1"})).elf("lib/libz.so.1", library("libz.so.1"));
  f.env["LD_LIBRARY_PATH"] = "/lib64:/var/task/lib";
  f.done();
  CHECK(f.decision("lib/libz.so.1").action == Action::drop);
}

TEST_CASE("a script that is not understood drops nothing and accuses nobody") {
  FakeFunction f = with_script("if [ -d lib ]; then\n  export LD_LIBRARY_PATH=lib\nfi\nexec bin/app\n");
  f.elf("lib/libz.so.1", library("libz.so.1")).elf("vendor/libonly.so.1", library("libonly.so.1"));
  f.elf("bin/other", executable({"libonly.so.1"})).elf("deep/libnobody.so.1", library("libnobody.so.1"));
  apply(f);
  CHECK(f.target.search_path_doubt == "bootstrap sets LD_LIBRARY_PATH in a condition (line 3)");
  for (const char* path : {"lib/libz.so.1", "vendor/libonly.so.1", "deep/libnobody.so.1"})
    CHECK_MESSAGE(f.decision(path).action != Action::drop, path);
  CHECK(f.finding("missing-library").severity == Severity::warning);
}

TEST_CASE("programs with different orders leave the order in doubt") {
  FakeFunction f = with_script("LD_LIBRARY_PATH=/var/task/a bin/app\nexec bin/app\n");
  CHECK(order_of(f).doubt.find("different search paths") != std::string::npos);
}

TEST_CASE("a bootstrap that only starts the program leaves the order as it is") {
  FakeFunction f = with_script("set -e\ncd $LAMBDA_TASK_ROOT\necho starting >&2\nexec ./bin/app\n");
  const StartOrder order = order_of(f);
  CHECK(path_of(order) == "usual");
  CHECK(order.doubt == "");
  CHECK_FALSE(start_order_finding(order));
}

TEST_CASE("scripts that start each other end in a doubt, not in a loop") {
  FakeFunction f;
  f.text("bootstrap", "#!/bin/sh\n./other\n", 0755).text("other", "#!/bin/sh\n./bootstrap\n", 0755);
  CHECK(order_of(f).doubt.find("again and again") != std::string::npos);
}

TEST_CASE("a wrapper that lives in a layer is followed, with the scripts that it starts and reads there") {
  FakeFunction f;
  f.target.runtime.family = "python";
  f.env["AWS_LAMBDA_EXEC_WRAPPER"] = "/opt/wrapper";
  f.text("/opt/wrapper", "#!/bin/sh\n. /opt/tool/env.sh\nexec /opt/tool/next \"$@\"\n", 0755);
  f.text("/opt/tool/env.sh", "export LD_LIBRARY_PATH=/opt/tool/lib:$LD_LIBRARY_PATH\n");
  f.text("/opt/tool/next", "#!/bin/sh\nexec \"$@\"\n", 0755);
  const StartOrder order = order_of(f);
  CHECK(order.doubt.empty());
  CHECK(path_of(order) == "/opt/tool/lib:/lib64:/var/task:/var/task/lib:/opt/lib");
  CHECK(order.scripts == std::vector<std::string>{"/opt/wrapper", "/opt/tool/next"});
}

TEST_CASE("a wrapper of a layer that was not given is a doubt, and says how to end it") {
  FakeFunction f;
  f.target.runtime.family = "python";
  f.env["AWS_LAMBDA_EXEC_WRAPPER"] = "/opt/wrapper";
  f.text("app.py", "");
  CHECK(order_of(f).doubt ==
        "AWS_LAMBDA_EXEC_WRAPPER names /opt/wrapper, which is no shell script of the package or of a --layer");
}

TEST_CASE("a bootstrap of a layer counts when the function has none, and makes the layer's libraries win") {
  const auto with = [](bool own) {
    FakeFunction f;
    f.text("/opt/bootstrap", "#!/bin/sh\nLD_LIBRARY_PATH=/opt/own:$LD_LIBRARY_PATH exec /var/task/app\n", 0755);
    f.elf("app", executable({"libz.so.1"})).elf("/opt/own/libz.so.1", library("libz.so.1"));
    if (own) f.text("bootstrap", "#!/bin/sh\nexec /var/task/app\n", 0755);
    apply(f);
    return f.links.edges.empty() ? EdgeState::missing : f.links.edges.front().state;
  };
  CHECK(with(false) == EdgeState::bundled);
  CHECK(with(true) == EdgeState::runtime);
}

TEST_CASE(
    "a script of an extension that leaves the order alone is no doubt, and one that changes it is its own affair") {
  FakeFunction f = with_script("exec bin/app\n");
  f.text("/opt/extensions/agent", "#!/bin/sh\necho \"$LD_LIBRARY_PATH\"\nexec /opt/agent/run\n", 0755);
  f.text("/opt/extensions/other", "#!/bin/sh\nexport LD_LIBRARY_PATH=/opt/other/lib\nexec /opt/agent/run\n", 0755);
  f.text("extensions/not_started", "#!/bin/sh\nexec /opt/agent/run\n", 0755);
  f.text("/opt/extensions/data/not_started", "#!/bin/sh\nexec /opt/agent/run\n", 0755);
  f.elf("/opt/agent/run", executable({}));
  const StartOrder order = order_of(f);
  CHECK(order.doubt.empty());
  CHECK(path_of(order) == "usual");
  CHECK(order.extension_scripts == std::vector<std::string>{"/opt/extensions/agent"});
  apply(f);
  CHECK(std::ranges::find(f.target.start_scripts, "/opt/extensions/agent") != f.target.start_scripts.end());
}
