// See sample_report.h. The values are invented, but possible.
#include "sample_report.h"

#include <string>

namespace lambdapack {
namespace {

ColdStart cold_start(double fetch, double libraries) {
  ColdStart start;
  start.phases = {{"fetch and unpack", {fetch * 0.6, fetch, fetch * 2}, "measurements of package size, 2023"},
                  {"runtime", {78, 84.2, 98.5}, "lambda-perf, 2026-08"},
                  {"load libraries", {libraries / 2, libraries, libraries * 3}, "measurements of package size, 2023"}};
  start.total_ms = {fetch * 0.6 + 78 + libraries / 2, fetch + 84.2 + libraries, fetch * 2 + 98.5 + libraries * 3};
  start.billed_init_ms = {78 + libraries / 2, 84.2 + libraries, 98.5 + libraries * 3};
  start.dollars_per_million = {0.65, 0.65 + libraries / 120, 0.82 + libraries / 40};
  return start;
}

}  // namespace

Report sample_pack() {
  Report report;
  report.command = "pack";
  report.source = "build/my function";
  report.input_kind = "folder";
  report.output = "out/function.zip";
  report.runtime = "python3.13";
  report.runtime_from = "cpython-313 in the names of 41 extension modules";
  report.arch = "arm64";
  report.arch_from = "--arch";
  report.handlers = {"app.handler"};
  report.handler_from = "app.py defines handler(event, context)";
  report.before = {4'321, 281'018'368, 84'934'656, 0.012, ""};
  report.after = PackageSize{3'004, 176'160'768, 51'380'224, 0, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="};
  report.savings = {{"strip", "debug info and symbol tables", "likely", 112, 41'943'040, true},
                    {"drop-runtime-sdk", "the AWS SDK that the runtime has", "likely", 1'301, 28'311'552, true},
                    {"drop-foreign-binary", "native files of other platforms", "proven", 4, 2'097'152, true},
                    {"drop-unused", "shared objects that nothing can load", "possible", 3, 5'242'880, false}};
  report.decisions = {
      {"boto3/__init__.py", "drop", "drop-runtime-sdk", "python3.13 has boto3 1.40.4", "likely", 4'096, 4'096, true},
      {"numpy.libs/libopenblas64_p-r0.so", "strip", "strip", "debug info, symbol table", "likely", 36'700'160,
       9'437'184, true},
      {"pandas/_libs/windows.pyd", "drop", "drop-foreign-binary", "is a Windows file", "proven", 2'097'152, 2'097'152,
       true},
      {"vendor/libplugin.so", "drop", "drop-unused", "nothing names it", "possible", 5'242'880, 5'242'880, false}};
  report.largest = {{"numpy.libs/libopenblas64_p-r0.so", "strip", "strip", "debug info, symbol table", "likely",
                     36'700'160, 9'437'184, true},
                    {"a/very/long/path/that/does/not/fit/into/the/line/when/the/terminal/is/narrow/"
                     "_module.cpython-313-aarch64-linux-gnu.so",
                     "keep", "", "", "", 7'340'032, 0, true}};
  report.sdks = {{"boto3",
                  "python3.13 has had at least boto3 1.40.4 since its release; the package has 1.40.0",
                  28'311'552,
                  true,
                  {"boto3 1.40.0 (runtime has 1.42.97)", "botocore 1.40.0 (runtime has 1.42.97)"}}};
  report.unknown_openers = {"vendor/loader.so"};
  report.waiting_bytes = 5'242'880;
  report.findings = {
      {"deprecated-runtime", Severity::info, "", "python3.13", "python3.13 is deprecated on 2029-06-30", ""}};
  report.limits_before = {{"unzipped, function and layers", 281'018'368, 262'144'000, false},
                          {"zip, direct upload", 84'934'656, 52'428'800, true}};
  report.limits_after = {{"unzipped, function and layers", 176'160'768, 262'144'000, false},
                         {"zip, direct upload", 51'380'224, 52'428'800, false}};
  report.cold_before = cold_start(410, 1300);
  report.cold_after = cold_start(260, 1300);
  report.debug_out = DebugBundleLine{"out/function.debug.tar.zst", 2, 8'388'608};
  report.edges = {{"_m.so", "libz.so.1", "runtime", "LD_LIBRARY_PATH", "/lib64/libz.so.1"},
                  {"_m.so", "libgone.so.2", "missing", "none", ""}};
  report.elf_files = {{"_m.so",
                       "arm64 (aarch64)",
                       "shared object",
                       "",
                       "0a1b",
                       "Python extension",
                       7'340'032,
                       0,
                       0,
                       {"libz.so.1", "libgone.so.2"},
                       {},
                       {"$ORIGIN"},
                       "evidence",
                       "app.py",
                       "names _m in its text",
                       {{"libidn2.so.0", "suggested", "idn", "runtime", "/lib64/libidn2.so.0"}},
                       GoBuild{"go1.26.1", "a/cmd", "a", "(devel)", 12, {{"CGO_ENABLED", "0"}}},
                       std::vector<RustCrate>{{"serde", "1.0.1", false}}}};
  report.symbols = {{"_m.so", 12, 140, 61, {"__gmon_start__"}, {"gone@V1"}}};
  report.idle_libraries = {
      {"lib/libidle.so.1", {"_m.so", "bin/b.so"}, {"lib/libonly.so.2"}, 1'048'576, "app.py opens libraries"}};
  report.versions = {"lambdapack 0.1.0", "libdeflate 1.14", "LLVM 19.1.7"};
  return report;
}

Report sample_analyze() {
  Report report;
  report.command = "analyze";
  report.source = "-";
  report.input_kind = "zip";
  report.runtime = "provided.al2023";
  report.runtime_from = "a bootstrap at the top";
  report.arch = "arm64";
  report.arch_from = "37 of 40 ELF files";
  report.is_layer = true;
  report.before = {40, 9'000'000, 3'000'000, 0, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="};
  report.after = PackageSize{40, 9'000'000, 3'030'000, 0.02, ""};
  for (int i = 10; i < 54; ++i) {
    report.findings.push_back({"missing-library", Severity::error, "lib/lib" + std::to_string(i) + ".so",
                               "libgone.so.2", "needs libgone.so.2, which neither the package nor provided.al2023 has",
                               "add it to lib/"});
  }
  report.findings.push_back({"wrong-machine", Severity::error, "bin/\xff\x1b.so", "x86-64",
                             "is built for x86-64, the function is arm64",
                             "rebuild it for arm64 or pass --arch x86_64"});
  report.findings.push_back({"wrong-machine", Severity::error, "bin/b.so", "machine 243",
                             "is built for machine 243, the function is arm64", "rebuild it for arm64"});
  report.findings.push_back({"unusual-mode", Severity::warning, "bin/run", "0600", "is not readable by everyone", ""});
  report.savings = {{"drop-unused", "shared objects that nothing can load", "possible", 3, 5'242'880, false},
                    {"strip", "debug info and symbol tables", "likely", 2, 1'000, false}};
  report.sdks = {{"@aws-sdk",
                  "nodejs22.x lacks @aws-sdk/client-evidently",
                  1'048'576,
                  false,
                  {"a 1", "b 1", "c 1", "d 1", "e 1", "f 1", "g 1", "h 1"}}};
  report.limits_before = {{"unzipped, function and layers", 9'000'000, 262'144'000, false}};
  report.limits_after = {{"unzipped, function and layers", 9'000'000, 262'144'000, false}};
  report.cold_before = cold_start(40, 0);
  return report;
}

Report sample_nothing() {
  Report report;
  report.command = "analyze";
  report.source = "bootstrap";
  report.input_kind = "ELF file";
  report.runtime = "provided.al2023";
  report.arch = "x86_64";
  report.before = {1, 812, 500, 0, ""};
  return report;
}

}  // namespace lambdapack
