// Lambda's profile from a runtime's facts, and glibc's two schemes of subfolders.
#include <doctest/doctest.h>

#include <algorithm>

#include "links/loader_profile.h"

using namespace lambdapack;

namespace {

Runtime al2023() {
  Runtime runtime;
  runtime.id = "python3.12";
  runtime.glibc = "2.34";
  runtime.loader = "/lib64/ld-linux-x86-64.so.2";
  runtime.library_path = {"/var/lang/lib", "/lib64", "/var/task/lib"};
  runtime.libraries = {{"/lib64", {"libc.so.6"}}, {"/var/lang/lib", {"libpython3.12.so.1.0"}}};
  runtime.preloaded = {"libc.so.6", "libpython3.12.so.1.0"};
  return runtime;
}

}  // namespace

TEST_CASE("glibc 2.33 and later search the levels, up to 2.36 then every combination of the older names") {
  CHECK(hwcaps_folders("2.37", {"x86-64-v3", "x86-64-v2"}, {"x86_64", "haswell"}) ==
        std::vector<std::string>{"glibc-hwcaps/x86-64-v3", "glibc-hwcaps/x86-64-v2"});
  // What LD_DEBUG=libs prints on a Debian 12 (glibc 2.36) host without AVX-512.
  CHECK(hwcaps_folders("2.36", {"x86-64-v3", "x86-64-v2"}, {"x86_64", "haswell"}) ==
        std::vector<std::string>{"glibc-hwcaps/x86-64-v3", "glibc-hwcaps/x86-64-v2", "tls/haswell/x86_64",
                                 "tls/haswell", "tls/x86_64", "tls", "haswell/x86_64", "haswell", "x86_64"});
  CHECK(hwcaps_folders("2.26", {"x86-64-v3"}, {"x86_64", "x86_64"}) ==
        std::vector<std::string>{"tls/x86_64/x86_64", "tls/x86_64", "tls", "x86_64/x86_64", "x86_64"});
}

TEST_CASE("lambda_profile takes folders, libraries and loaded sonames from the runtime") {
  const LoaderProfile profile = lambda_profile(al2023(), {});
  CHECK(profile.name == "python3.12 x86_64");
  CHECK(profile.machine == kMachineX86_64);
  CHECK(profile.library_path == std::vector<std::string>{"/var/lang/lib", "/lib64", "/var/task/lib"});
  CHECK(profile.default_path == std::vector<std::string>{"/lib64", "/usr/lib64"});
  CHECK(profile.loaded == std::set<std::string>{"libc.so.6", "libpython3.12.so.1.0"});
  CHECK(profile.outside.at("/var/lang/lib").contains("libpython3.12.so.1.0"));
  CHECK(profile.refuses_pie);
}

TEST_CASE("/lib64 and /usr/lib64 are one folder on Lambda") {
  const LoaderProfile profile = lambda_profile(al2023(), {});
  CHECK(profile.outside.at("/usr/lib64") == profile.outside.at("/lib64"));
}

TEST_CASE("AVX-512 folders are searched on some of Lambda's processors only, v3 on all") {
  const LoaderProfile profile = lambda_profile(al2023(), {});
  const auto has = [](const std::vector<std::string>& folders, const char* name) {
    return std::ranges::find(folders, name) != folders.end();
  };
  CHECK(profile.platform == "x86_64");
  CHECK(has(profile.hwcaps, "glibc-hwcaps/x86-64-v3"));
  CHECK_FALSE(has(profile.hwcaps, "glibc-hwcaps/x86-64-v4"));
  CHECK(std::ranges::any_of(profile.other_cpus, [&](const CpuProfile& cpu) {
    return cpu.platform == "haswell" && has(cpu.hwcaps, "glibc-hwcaps/x86-64-v4");
  }));
}

TEST_CASE("Amazon Linux 2 and arm64 have no glibc-hwcaps folders") {
  Runtime al2 = al2023(), arm = al2023();
  al2.glibc = "2.26";
  arm.arch = Arch::arm64;
  for (const Runtime& runtime : {al2, arm}) {
    const LoaderProfile profile = lambda_profile(runtime, {});
    for (const std::string& folder : profile.hwcaps) CHECK_FALSE(folder.starts_with("glibc-hwcaps"));
  }
  CHECK_FALSE(lambda_profile(al2, {}).refuses_pie);
  CHECK(lambda_profile(arm, {}).machine == kMachineAArch64);
  CHECK(lambda_profile(arm, {}).platform == "aarch64");
}

TEST_CASE("only OS-only runtimes run a program of the package as their own") {
  Runtime provided = al2023();
  provided.family = "provided";
  CHECK(lambda_profile(provided, {}).bootstraps == std::vector<std::string>{"/var/task/bootstrap", "/opt/bootstrap"});
  CHECK(lambda_profile(al2023(), {}).bootstraps.empty());
}

TEST_CASE("LD_LIBRARY_PATH and LD_PRELOAD from outside the package replace the runtime's") {
  const LoaderProfile profile = lambda_profile(
      al2023(), {{"LD_LIBRARY_PATH", "/var/task/lib:;/opt/lib"}, {"LD_PRELOAD", "a.so  /opt/b.so:c.so"}});
  CHECK(profile.library_path == std::vector<std::string>{"/var/task/lib", "", "/opt/lib"});
  CHECK(profile.preload == std::vector<std::string>{"a.so", "/opt/b.so", "c.so"});
  CHECK(lambda_profile(al2023(), {{"LD_LIBRARY_PATH", ""}}).library_path.empty());
}
