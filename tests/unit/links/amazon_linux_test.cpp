// The loaders of Amazon Linux 2 (glibc 2.26) and 2023 (2.34), with the runtimes of rules/: what each package loads
// there, argued from glibc's source. No other test runs these loaders, and no public registry has them.
#include <doctest/doctest.h>

#include "links/test_package.h"
#include "rules/rules.h"

using namespace lambdapack;

namespace {

using Lines = std::vector<std::string>;

Runtime runtime(std::string_view id, Arch arch) {
  static const Rules rules = load_rules("").value();
  return rules.runtime(id, arch).value();
}

TestPackage on(std::string_view id, Arch arch = Arch::x86_64) {
  TestPackage files;
  files.profile = lambda_profile(runtime(id, arch), {});
  return files;
}

ElfInfo arm(ElfInfo elf) {
  return for_machine(std::move(elf), kMachineAArch64);
}

}  // namespace

TEST_CASE("glibc 2.26 does not know glibc-hwcaps folders, 2.34 takes the best of them first") {
  // elf/dl-hwcaps.c: _dl_important_hwcaps of 2.33 and later puts the glibc-hwcaps subfolders before the older ones.
  for (const auto& [id, loaded] :
       {std::pair{"provided.al2", "lib/libx.so"}, std::pair{"provided.al2023", "lib/glibc-hwcaps/x86-64-v3/libx.so"}}) {
    TestPackage files = on(id);
    files.elf("bootstrap", program({"libx.so"})).elf("lib/libx.so", library());
    files.elf("lib/glibc-hwcaps/x86-64-v3/libx.so", library());
    CHECK(files.edges("bootstrap")[0] == "libx.so bundled " + std::string(loaded) + " [LD_LIBRARY_PATH]");
  }
}

TEST_CASE("both search the older subfolders, tls before the processor's") {
  // The order is that of the subsets of the names, the largest first, "tls" the most significant one. glibc 2.31 of
  // Debian 11 prints for an Intel processor with AVX-512: tls/haswell/avx512_1/x86_64, tls/haswell/avx512_1, …, tls,
  // haswell/avx512_1/x86_64, …, x86_64; there is no other rule in 2.26, and 2.37 removed them all.
  CHECK(hwcaps_folders("2.31", {}, {"x86_64", "avx512_1", "haswell"}) ==
        Lines{"tls/haswell/avx512_1/x86_64", "tls/haswell/avx512_1", "tls/haswell/x86_64", "tls/haswell",
              "tls/avx512_1/x86_64", "tls/avx512_1", "tls/x86_64", "tls", "haswell/avx512_1/x86_64", "haswell/avx512_1",
              "haswell/x86_64", "haswell", "avx512_1/x86_64", "avx512_1", "x86_64"});
  for (const char* id : {"provided.al2", "provided.al2023"}) {
    TestPackage files = on(id);
    files.elf("bootstrap", program({"libx.so", "liby.so"})).elf("lib/libx.so", library()).elf("lib/liby.so", library());
    files.elf("lib/tls/libx.so", library()).elf("lib/x86_64/libx.so", library()).elf("lib/x86_64/liby.so", library());
    CHECK(files.edges("bootstrap") == Lines{"libx.so bundled lib/tls/libx.so [LD_LIBRARY_PATH]",
                                            "liby.so bundled lib/x86_64/liby.so [LD_LIBRARY_PATH]"});
  }
}

TEST_CASE("what only Intel's processors load is an edge beside the other one's") {
  // sysdeps/x86/cpu-features.c: dl_platform is "haswell" for Intel with AVX2 and the kernel's "x86_64" for AMD.
  for (const char* id : {"provided.al2", "provided.al2023"}) {
    TestPackage files = on(id);
    files.elf("bootstrap", program({"libx.so"})).elf("lib/libx.so", library()).elf("lib/haswell/libx.so", library());
    CHECK(files.edges("bootstrap") == Lines{"libx.so bundled lib/libx.so [LD_LIBRARY_PATH]",
                                            "libx.so bundled lib/haswell/libx.so [LD_LIBRARY_PATH]"});
  }
}

TEST_CASE("$LIB is lib64 on both, on both architectures") {
  // Amazon's packages are built with libdir=/usr/lib64, and the RPM builds of glibc make that DL_DST_LIB.
  for (const char* id : {"provided.al2", "provided.al2023"}) {
    TestPackage x86_64 = on(id), arm64 = on(id, Arch::arm64);
    x86_64.elf("bootstrap", with_rpath(program({"libx.so"}), {"$ORIGIN/$LIB"}));
    x86_64.elf("lib64/libx.so", library()).elf("lib/libx.so", library());
    arm64.elf("bootstrap", arm(with_rpath(program({"libx.so"}), {"$ORIGIN/$LIB"})));
    arm64.elf("lib64/libx.so", arm(library())).elf("lib/libx.so", arm(library()));
    CHECK(x86_64.edges("bootstrap") == Lines{"libx.so bundled lib64/libx.so [rpath]"});
    CHECK(arm64.edges("bootstrap") == Lines{"libx.so bundled lib64/libx.so [rpath]"});
  }
}

TEST_CASE("a position-independent program as a library is taken by 2.26 and refused by 2.34") {
  // elf/dl-load.c of 2.30: "cannot dynamically load position-independent executable".
  for (const auto& [id, state] : {std::pair{"provided.al2", "bundled"}, std::pair{"provided.al2023", "fatal"}}) {
    TestPackage files = on(id);
    files.elf("bootstrap", program({"libx.so"})).elf("lib/libx.so", program({}));
    CHECK(files.edges("bootstrap")[0] == "libx.so " + std::string(state) + " lib/libx.so [LD_LIBRARY_PATH]");
  }
}

TEST_CASE("the same package loads its own curl on Amazon Linux 2, which has none, and the system's on 2023") {
  const auto edges = [](const char* id) {
    TestPackage files = on(id);
    files.elf("bootstrap", program({"libcurl.so.4", "libc.so.6"})).elf("lib/libcurl.so.4", library());
    return files.edges("bootstrap");
  };
  CHECK(edges("provided.al2") == Lines{"libcurl.so.4 bundled lib/libcurl.so.4 [LD_LIBRARY_PATH]",
                                       "libc.so.6 runtime /lib64/libc.so.6 [LD_LIBRARY_PATH]"});
  CHECK(edges("provided.al2023") ==
        Lines{"libcurl.so.4 shadowed /lib64/libcurl.so.4 [LD_LIBRARY_PATH] over lib/libcurl.so.4",
              "libc.so.6 runtime /lib64/libc.so.6 [LD_LIBRARY_PATH]"});
}

TEST_CASE("NODEFLIB does not hide /lib64, which Lambda has on LD_LIBRARY_PATH too") {
  for (const char* id : {"provided.al2", "provided.al2023"}) {
    TestPackage files = on(id);
    ElfInfo elf = program({"libz.so.1"});
    elf.nodeflib = true;
    files.elf("bootstrap", elf);
    CHECK(files.edges("bootstrap") == Lines{"libz.so.1 runtime /lib64/libz.so.1 [LD_LIBRARY_PATH]"});
  }
}

TEST_CASE("libraries that glibc 2.34 merged into libc are still files of their own") {
  for (const char* id : {"provided.al2", "provided.al2023"}) {
    TestPackage files = on(id);
    files.elf("bootstrap", program({"libpthread.so.0", "libdl.so.2", "librt.so.1"}));
    for (const std::string& line : files.edges("bootstrap")) CHECK(line.find(" runtime /lib64/") != std::string::npos);
  }
}

TEST_CASE("node's own libstdc++ and OpenSSL are in its process: an RPATH of an addon does not replace them") {
  TestPackage files = on("nodejs24.x");
  files.elf("addon.node", with_rpath(library({"libstdc++.so.6", "libssl.so.3"}), {"$ORIGIN/lib"}));
  files.elf("lib/libstdc++.so.6", library()).elf("lib/libssl.so.3", library());
  CHECK(files.edges("addon.node") ==
        Lines{"libstdc++.so.6 shadowed /var/lang/lib/libstdc++.so.6 [already loaded] over lib/libstdc++.so.6",
              "libssl.so.3 shadowed /var/lang/lib/libssl.so.3 [already loaded] over lib/libssl.so.3"});
}

TEST_CASE("python 3.12 has libcrypt.so.1 on x86_64 and not on arm64") {
  TestPackage x86_64 = on("python3.12"), arm64 = on("python3.12", Arch::arm64);
  x86_64.elf("module.so", library({"libcrypt.so.1"}));
  arm64.elf("module.so", arm(library({"libcrypt.so.1"})));
  CHECK(x86_64.edges("module.so") == Lines{"libcrypt.so.1 runtime /var/lang/lib/libcrypt.so.1 [LD_LIBRARY_PATH]"});
  CHECK(arm64.edges("module.so") == Lines{"libcrypt.so.1 missing"});
}
