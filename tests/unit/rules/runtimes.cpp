// The built-in runtime data: complete in shape, and right where a mistake would break functions.
#include <doctest/doctest.h>

#include <algorithm>

#include "rules/rules.h"

using namespace lambdapack;

namespace {

const Rules& built_in() {
  static const Rules rules = load_rules("").value();
  return rules;
}

Runtime runtime(std::string_view id, Arch arch = Arch::x86_64) {
  const Result<Runtime> found = built_in().runtime(id, arch);
  if (!found) FAIL(std::string(id), ": ", to_string(found.error()));
  return *found;
}

const Ceiling& ceiling(const Runtime& runtime, std::string_view prefix) {
  const auto at = std::ranges::find(runtime.ceilings, prefix, &Ceiling::prefix);
  REQUIRE_MESSAGE(at != runtime.ceilings.end(), runtime.id);
  return *at;
}

bool has(const std::vector<std::string>& all, std::string_view one) {
  return std::ranges::find(all, one) != all.end();
}

}  // namespace

TEST_CASE("every runtime of the list loads on both architectures and says all that the stages need") {
  CHECK(built_in().runtime_ids.size() >= 28);
  for (const std::string& id : built_in().runtime_ids) {
    for (const Arch arch : {Arch::x86_64, Arch::arm64}) {
      const Runtime loaded = runtime(id, arch);
      CAPTURE(id);
      CHECK(loaded.id == id);
      CHECK(loaded.arch == arch);
      CHECK_FALSE(loaded.family.empty());
      CHECK(loaded.version.empty() == (loaded.family == "provided"));
      CHECK(id.starts_with(loaded.family));
      CHECK_FALSE(loaded.source.empty());
      CHECK_FALSE(loaded.init_source.empty());
      CHECK(loaded.as_of.size() == 10);
      const bool preview = id == "nodejs26.x" || id == "python3.15";
      CHECK(loaded.released.size() == (preview ? 0 : 10));
      CHECK(loaded.deprecation.size() == (preview ? 0 : 10));
      CHECK_FALSE(loaded.library_path.empty());
      CHECK_FALSE(loaded.default_path.empty());
      CHECK_FALSE(loaded.program_path.empty());
      CHECK(loaded.libraries.at("/lib64").size() > 50);
      CHECK(loaded.libraries.at("/lib64") == loaded.libraries.at("/usr/lib64"));
      for (const auto& [folder, names] : loaded.libraries) CHECK_MESSAGE(std::ranges::is_sorted(names), folder);
      CHECK(loaded.init_ms.low > 5);
      CHECK(loaded.init_ms.typical >= loaded.init_ms.low);
      CHECK(loaded.init_ms.high >= loaded.init_ms.typical);
      for (const std::string_view prefix : {"GLIBC", "GLIBCXX", "CXXABI", "GCC"})
        CHECK_FALSE(ceiling(loaded, prefix).source.empty());
      CHECK(ceiling(loaded, "GLIBC").now == loaded.glibc);
      CHECK(loaded.packages.empty() == (loaded.family == "provided"));
      CHECK(loaded.packages_source.empty() == loaded.packages.empty());
      CHECK(std::ranges::is_sorted(loaded.packages, {}, &LanguagePackage::name));
      CHECK((loaded.family == "python") == loaded.python_tag.starts_with("cp3"));
      CHECK((loaded.family == "nodejs") == (loaded.node_module_version > 0));
      CHECK(has(loaded.programs, loaded.loader));
      CHECK(has(loaded.programs, "/bin/sh"));
      CHECK(has(loaded.programs, "/usr/bin/env"));
      for (const std::string_view library : {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "libz.so.1"})
        CHECK_MESSAGE(loaded.folder_of(library).has_value(), library);
      for (const std::string_view library : {"libgomp.so.1", "libatomic.so.1", "libssl.so.1.1", "libX11.so.6"})
        CHECK_MESSAGE(!loaded.folder_of(library).has_value(), library);
    }
  }
}

TEST_CASE("runtimes are listed by family and version, counting digits as numbers") {
  const std::vector<std::string>& ids = built_in().runtime_ids;
  const auto place = [&](std::string_view id) { return std::ranges::find(ids, id) - ids.begin(); };
  CHECK(place("python3.9") < place("python3.10"));
  CHECK(place("dotnet8") < place("dotnet10"));
  CHECK(place("java8.al2") < place("java8.al2023"));
  CHECK(place("java8.al2023") < place("java11"));
  CHECK(place("java25") < place("nodejs18.x"));
}

TEST_CASE("libcrypt.so.1 is there on python3.12 x86_64, and not on arm64 nor on the bare systems") {
  CHECK(runtime("python3.12", Arch::x86_64).folder_of("libcrypt.so.1") == "/var/lang/lib");
  CHECK_FALSE(runtime("python3.12", Arch::arm64).folder_of("libcrypt.so.1"));
  CHECK(runtime("python3.12", Arch::arm64).folder_of("libcrypt.so.2") == "/var/lang/lib");
  CHECK_FALSE(runtime("provided.al2023").folder_of("libcrypt.so.1"));
  CHECK_FALSE(runtime("provided.al2").folder_of("libcrypt.so.1"));
}

TEST_CASE("what the two systems lack is what AWS's container images hide") {
  CHECK_FALSE(runtime("provided.al2023").folder_of("libexpat.so.1"));
  CHECK(runtime("provided.al2023").folder_of("libcurl.so.4") == "/lib64");
  CHECK_FALSE(runtime("provided.al2").folder_of("libcurl.so.4"));
  CHECK(runtime("provided.al2").folder_of("libexpat.so.1") == "/lib64");
  CHECK_FALSE(runtime("provided.al2").folder_of("libsqlite3.so.0"));
  CHECK_FALSE(runtime("provided.al2").folder_of("libreadline.so.6"));
  CHECK(runtime("provided.al2").folder_of("libcrypto.so.10") == "/lib64");
  CHECK_FALSE(runtime("provided.al2").folder_of("libcrypto.so.3"));
  CHECK_FALSE(has(runtime("provided.al2").programs, "/usr/bin/curl"));
  CHECK(has(runtime("provided.al2023").programs, "/usr/bin/curl"));
  CHECK_FALSE(has(runtime("provided.al2023").programs, "/usr/bin/python3"));
}

TEST_CASE("libmvec is x86_64's only") {
  CHECK(runtime("provided.al2023", Arch::x86_64).folder_of("libmvec.so.1") == "/lib64");
  CHECK_FALSE(runtime("provided.al2023", Arch::arm64).folder_of("libmvec.so.1"));
}

TEST_CASE("the file names behind sonames are left out, since AWS moves them") {
  CHECK_FALSE(runtime("provided.al2023").folder_of("libz.so.1.2.11"));
  CHECK_FALSE(runtime("nodejs24.x").folder_of("libstdc++.so.6.0.32"));
}

TEST_CASE("the loader has the path that programs name, and its soname counts as loaded") {
  const Runtime x86_64 = runtime("provided.al2023", Arch::x86_64), arm64 = runtime("provided.al2023", Arch::arm64);
  CHECK(x86_64.loader == "/lib64/ld-linux-x86-64.so.2");
  CHECK(arm64.loader == "/lib/ld-linux-aarch64.so.1");
  CHECK(x86_64.preloaded == std::vector<std::string>{"ld-linux-x86-64.so.2"});
  CHECK(arm64.preloaded == std::vector<std::string>{"ld-linux-aarch64.so.1"});
  CHECK(has(arm64.programs, "/usr/lib/ld-linux-aarch64.so.1"));
  CHECK_FALSE(has(arm64.programs, x86_64.loader));
}

TEST_CASE("the library path has the system's folders before the function's") {
  CHECK(runtime("python3.12").library_path == std::vector<std::string>{"/var/lang/lib", "/lib64", "/usr/lib64",
                                                                       "/var/runtime", "/var/runtime/lib", "/var/task",
                                                                       "/var/task/lib", "/opt/lib"});
}

TEST_CASE("a runtime's own copy of a library wins over the system's") {
  CHECK(runtime("nodejs22.x").folder_of("libssl.so.3") == "/var/lang/lib");
  CHECK(runtime("provided.al2023").folder_of("libssl.so.3") == "/lib64");
  CHECK(runtime("nodejs24.x").folder_of("libstdc++.so.6") == "/var/lang/lib");
  CHECK(runtime("nodejs22.x").folder_of("libstdc++.so.6") == "/lib64");
}

TEST_CASE("nodejs24.x has an older libstdc++ than its system, so its ceilings are lower") {
  CHECK(ceiling(runtime("nodejs24.x"), "GLIBCXX").now == "3.4.32");
  CHECK(ceiling(runtime("nodejs24.x"), "CXXABI").now == "1.3.14");
  CHECK(ceiling(runtime("nodejs22.x"), "GLIBCXX").now == "3.4.33");
  CHECK(ceiling(runtime("nodejs22.x"), "GLIBCXX").floor == "3.4.29");
  CHECK(runtime("nodejs24.x").ceilings.size() == runtime("nodejs22.x").ceilings.size());
}

TEST_CASE("a ceiling may differ by architecture") {
  CHECK(ceiling(runtime("provided.al2023", Arch::x86_64), "GCC").floor == "7.0.0");
  CHECK(ceiling(runtime("provided.al2023", Arch::arm64), "GCC").floor == "11.0");
}

TEST_CASE("al2 runtimes have glibc 2.26, al2023 ones 2.34") {
  CHECK(runtime("python3.11").glibc == "2.26");
  CHECK(runtime("python3.11").manylinux == "2_26");
  CHECK(runtime("python3.12").glibc == "2.34");
  CHECK(runtime("java17").os == "al2");
  CHECK(runtime("java17.al2023").os == "al2023");
  CHECK(runtime("nodejs18.x").os == "al2");
}

TEST_CASE("python3.12 has boto3 1.42.97, and packages go by their normalised names") {
  const Runtime python = runtime("python3.12");
  CHECK(python.package_version("boto3") == "1.42.97");
  CHECK(python.package_version("botocore") == "1.42.97");
  CHECK(python.package_version("python-dateutil") == "2.9.0.post0");
  CHECK(python.package_version("snapshot-restore-py") == "1.0.0");
  CHECK_FALSE(python.package_version("numpy"));
  CHECK(python.python_tag == "cp312");
  CHECK(has(python.preloaded, "libpython3.12.so.1.0"));
}

TEST_CASE("node has the SDK's clients with unknown versions, and nothing of @smithy") {
  const Runtime node = runtime("nodejs22.x");
  CHECK(node.package_version("@aws-sdk/client-s3") == "");
  CHECK(node.package_version("@aws-sdk/lib-dynamodb") == "");
  CHECK_FALSE(node.package_version("@smithy/node-http-handler"));
  CHECK_FALSE(node.package_version("@aws-sdk/client-evidently"));
  CHECK(runtime("nodejs20.x").package_version("@aws-sdk/client-evidently") == "");
  CHECK(node.node_module_version == 127);
  CHECK(runtime("nodejs18.x").node_module_version == 108);
  CHECK(runtime("nodejs20.x").node_module_version == 115);
  CHECK(runtime("nodejs24.x").node_module_version == 137);
}

TEST_CASE("java's own libraries are found off the path too, where only a loaded soname helps") {
  const Runtime java = runtime("java21");
  CHECK(java.libraries.at("/var/lang/lib/server") == std::vector<std::string>{"libjsig.so", "libjvm.so"});
  CHECK_FALSE(java.folder_of("libjvm.so"));
  CHECK(has(java.preloaded, "libjvm.so"));
  CHECK(java.package_version("com.amazonaws:aws-lambda-java-core") == "1.4.0");
  CHECK_FALSE(java.package_version("com.amazonaws:aws-lambda-java-events"));
}

TEST_CASE("ruby has its SDK's gems, .NET its assemblies with the framework's version") {
  CHECK(runtime("ruby3.3").package_version("aws-sdk-s3").has_value());
  CHECK(runtime("dotnet8").package_version("System.Text.Json") == "8.0.28");
  CHECK_FALSE(runtime("dotnet8").package_version("AWSSDK.Core"));
}

TEST_CASE("dates are AWS's") {
  CHECK(runtime("provided.al2").deprecation == "2026-07-31");
  CHECK(runtime("python3.13").deprecation == "2029-06-30");
  CHECK(runtime("python3.10").block_update == "2027-03-03");
}

TEST_CASE("a runtime that does not exist is an error that names near ones") {
  const auto hint = [](std::string_view id) { return built_in().runtime(id, Arch::x86_64).error().hint; };
  CHECK(hint("python3.12x").find("python3.12?") != std::string::npos);
  CHECK(hint("python312").find("python3.12?") != std::string::npos);
  CHECK(hint("node22").find("nodejs22.x?") != std::string::npos);
  CHECK(hint("nodejs22").find("nodejs22.x?") != std::string::npos);
  CHECK(hint("provided").find("provided.al2") != std::string::npos);
  CHECK(hint("Python3.12").find("python3.12?") != std::string::npos);
  CHECK(hint("cobol").find("did you mean") == std::string::npos);
  CHECK(hint("cobol").find("lambdapack runtimes") != std::string::npos);
  CHECK(hint(std::string(100'000, 'x')).find("did you mean") == std::string::npos);
}

TEST_CASE("what a library defines is listed by name, architecture and copy") {
  const auto defines = [](const Runtime& runtime, const std::string& library, std::string_view name) {
    const auto found = runtime.versions.find(library);
    REQUIRE_MESSAGE(found != runtime.versions.end(), library);
    return has(found->second.names, name);
  };
  const Runtime al2023 = runtime("provided.al2023"), arm64 = runtime("provided.al2023", Arch::arm64);
  const Runtime al2 = runtime("provided.al2"), node = runtime("nodejs24.x");
  CHECK(defines(al2023, "/lib64/libc.so.6", "GLIBC_2.34"));
  CHECK_FALSE(defines(al2023, "/lib64/libc.so.6", "GLIBC_ABI_DT_RELR"));
  CHECK_FALSE(defines(al2023, "/lib64/libm.so.6", "GLIBC_2.34"));
  CHECK(defines(al2023, "/usr/lib64/libc.so.6", "GLIBC_2.2.5"));
  CHECK_FALSE(defines(arm64, "/lib64/libc.so.6", "GLIBC_2.2.5"));
  CHECK(defines(arm64, "/lib64/libc.so.6", "GLIBC_2.17"));
  CHECK(defines(arm64, "/lib64/libgcc_s.so.1", "GCC_11.0"));
  CHECK_FALSE(arm64.versions.contains("/lib64/libmvec.so.1"));
  CHECK_FALSE(defines(al2, "/lib64/libc.so.6", "GLIBC_2.27"));
  CHECK(defines(al2, "/lib64/libpthread.so.0", "GLIBC_PRIVATE"));
  CHECK(defines(al2023, "/lib64/libstdc++.so.6", "CXXABI_FLOAT128"));
  CHECK_FALSE(defines(arm64, "/lib64/libstdc++.so.6", "CXXABI_FLOAT128"));
  CHECK(has(al2023.versions.at("/lib64/libstdc++.so.6").newer, "GLIBCXX_3.4.30"));
  CHECK_FALSE(defines(node, "/var/lang/lib/libstdc++.so.6", "GLIBCXX_3.4.33"));
  CHECK(defines(node, "/var/lang/lib/libstdc++.so.6", "GLIBCXX_3.4.32"));
  CHECK(defines(al2023, "/lib64/libcrypto.so.3", "OPENSSL_3.5.0"));
  CHECK_FALSE(defines(al2023, "/lib64/libcrypto.so.3", "OPENSSL_3.0.1"));
  CHECK(al2023.versions.at("/lib64/libcurl.so.4").names.empty());
}

TEST_CASE("lists of versions agree with the ceilings, and name libraries that the runtime has") {
  for (const std::string& id : built_in().runtime_ids) {
    for (const Arch arch : {Arch::x86_64, Arch::arm64}) {
      const Runtime loaded = runtime(id, arch);
      CAPTURE(id);
      const auto folder = loaded.folder_of("libstdc++.so.6");
      REQUIRE(folder);
      const LibraryVersions& cxx = loaded.versions.at(*folder + "/libstdc++.so.6");
      CHECK(has(cxx.names, "GLIBCXX_" + ceiling(loaded, "GLIBCXX").now));
      CHECK(has(cxx.names, "CXXABI_" + ceiling(loaded, "CXXABI").now));
      CHECK(has(loaded.versions.at("/lib64/libc.so.6").names, "GLIBC_" + loaded.glibc));
      CHECK(has(loaded.versions.at("/lib64/libgcc_s.so.1").names, "GCC_" + ceiling(loaded, "GCC").now));
      for (const auto& [path, versions] : loaded.versions) {
        const std::size_t slash = path.rfind('/');
        const auto libraries = loaded.libraries.find(path.substr(0, slash));
        REQUIRE_MESSAGE(libraries != loaded.libraries.end(), path);
        CHECK_MESSAGE(has(libraries->second, path.substr(slash + 1)), path);
        CHECK_FALSE(versions.source.empty());
      }
    }
  }
}
