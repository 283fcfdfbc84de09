#include "elf/crash_log.h"

#include <doctest/doctest.h>

#include <string>

using namespace lambdapack;

namespace {

LogAddress only(std::string_view text) {
  const CrashLog log = read_crash_log(text);
  REQUIRE(log.addresses.size() == 1);
  return log.addresses.front();
}

}  // namespace

TEST_CASE("backtrace_symbols: relative to a symbol, to the module, or absolute; always behind a call") {
  LogAddress a = only("/var/task/lib/libshop.so(_ZN4shop5totalEv+0x55) [0x7f39317b01e5]");
  CHECK(a.kind == AddressKind::in_symbol);
  CHECK(a.module == "/var/task/lib/libshop.so");
  CHECK(a.symbol == "_ZN4shop5totalEv");
  CHECK(a.value == 0x55);
  CHECK(a.return_address);
  a = only("2026-11-24T01:00:00Z ./bootstrap(+0x1373)[0x55ed6f241373]");
  CHECK(a.kind == AddressKind::in_module);
  CHECK(a.module == "./bootstrap");
  CHECK(a.value == 0x1373);
  a = only("./bootstrap() [0x401139]");
  CHECK(a.kind == AddressKind::absolute);
  CHECK(a.value == 0x401139);
  CHECK(a.module == "./bootstrap");
  a = only("/var/task/bootstrap[0x4011ff]");
  CHECK(a.kind == AddressKind::absolute);
  CHECK(a.value == 0x4011ff);
  CHECK(a.module == "/var/task/bootstrap");
}

TEST_CASE("sanitizers have subtracted already, and say the build id") {
  const LogAddress a = only("    #1 0x55d0c1 in shop::total() (/var/task/bootstrap+0x1139) (BuildId: 0a1b2c)");
  CHECK(a.kind == AddressKind::in_module);
  CHECK(a.module == "/var/task/bootstrap");
  CHECK(a.value == 0x1139);
  CHECK(a.build_id == "0a1b2c");
  CHECK(!a.return_address);
}

TEST_CASE("gdb: only the frames above the first are behind a call") {
  const CrashLog log = read_crash_log(
      "#0  0x00007ffff7a1 in ?? () from /var/task/lib/libx.so\n#1  0x00007ffff7b2 in main () at a.c:3\n#2 main ()\n");
  REQUIRE(log.addresses.size() == 2);
  CHECK(log.addresses[0].module == "/var/task/lib/libx.so");
  CHECK(!log.addresses[0].return_address);
  CHECK(log.addresses[1].value == 0x7ffff7b2);
  CHECK(log.addresses[1].return_address);
  CHECK(log.addresses[1].line == 1);
}

TEST_CASE("Rust's full backtrace, without its last frame at 0") {
  const CrashLog log = read_crash_log(
      "stack backtrace:\n   0:     0x55dda13781fa - <unknown>\n  17:     0x7f392765124a - __libc_start_call_main\n"
      "                               at ./csu/libc_start_call_main.h:58:16\n  20:                0x0 - <unknown>\n");
  REQUIRE(log.addresses.size() == 2);
  CHECK(log.addresses[0].value == 0x55dda13781fa);
  CHECK(log.addresses[0].return_address);
  CHECK(log.addresses[1].line == 2);
}

TEST_CASE("Go's signal line, hs_err, and lone addresses") {
  CHECK(only("[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x49e140]").value == 0x49e140);
  CHECK(only("  0x55dda13781fa  ").value == 0x55dda13781fa);
  CHECK(read_crash_log("0x55dda1zz\n0x\nat 0x12 o'clock\n").addresses.empty());
  const CrashLog log = read_crash_log("C  [libfoo.so+0x1234]  f+0x14\nC  [libjvm.so+0x99]\n");
  REQUIRE(log.addresses.size() == 2);
  CHECK(log.addresses[0].module == "libfoo.so");
  CHECK(log.addresses[0].value == 0x1234);
  CHECK(!log.addresses[0].return_address);
  CHECK(log.addresses[1].return_address);
}

TEST_CASE("the kernel says where the code of a file begins") {
  for (const char* line :
       {"[12.3] bootstrap[12]: segfault at 0 ip 000055d000001139 sp 00007ffe error 4 in bootstrap[55d000001000+1000]",
        "bootstrap[12]: segfault at 0 ip 000055d000001139 sp 0 error 4 in bootstrap[1139,55d000001000+1000] likely"}) {
    CAPTURE(line);
    const CrashLog log = read_crash_log(line);
    REQUIRE(log.addresses.size() == 1);
    REQUIRE(log.maps.size() == 1);
    CHECK(log.addresses[0].value == 0x55d000001139);
    CHECK(log.addresses[0].module == "bootstrap");
    CHECK(log.maps[0].start == 0x55d000001000);
    CHECK(log.maps[0].end == 0x55d000002000);
    CHECK(log.maps[0].code_only);
  }
}

TEST_CASE("a kernel message with a file of no size, or one that wraps, has no map") {
  for (const char* place :
       {"b[55d000001000+0]", "b[1139,55d000001000+00]", "b[fffffffffffff000+1000]", "b[]", "[1+1]"}) {
    CAPTURE(place);
    const CrashLog log = read_crash_log(std::string("b[12]: segfault at 0 ip 1139 sp 0 error 4 in ") + place);
    CHECK(log.maps.empty());
    CHECK(log.addresses.empty());
  }
}

TEST_CASE("lines of /proc/PID/maps, with spaces in names; those of no file are left alone") {
  const CrashLog log = read_crash_log(
      "55ed6f241000-55ed6f242000 r-xp 00001000 fe:00 10520882                   /var/task/my lib.so\r\n"
      "55ed99460000-55ed99481000 rw-p 00000000 00:00 0                          [heap]\n"
      "7f3931617000-7f393161a000 rw-p 00000000 00:00 0 \n");
  REQUIRE(log.maps.size() == 1);
  CHECK(log.maps[0].path == "/var/task/my lib.so");
  CHECK(log.maps[0].offset == 0x1000);
  CHECK(log.lines.size() == 3);
  CHECK(log.addresses.empty());
}

TEST_CASE("hostile logs: long lines, long numbers, very many addresses") {
  CHECK(read_crash_log(std::string(1 << 20, '(')).addresses.empty());
  CHECK(read_crash_log("#0 0x123456789012345678901 in f\n").addresses.empty());
  CHECK(read_crash_log("#99999999999999999999 0x12 in f\n").addresses.empty());
  CHECK(read_crash_log("a(+0x) [0x]\n#0\n#\n+0x\nlib.so+0x\n0: 0x - \nffff-fff0 r-xp 00000000 00:00 0 /x\n")
            .addresses.empty());
  std::string many;
  for (int i = 0; i < 150'000; ++i) many += "0x1234\n";
  const CrashLog log = read_crash_log(many);
  CHECK(log.addresses.size() == 100'000);
  CHECK(log.lines.size() == 150'000);
}

TEST_CASE("addresses on the command line") {
  CHECK(read_address_argument("0x12").front().value == 0x12);
  CHECK(read_address_argument("12ab").front().value == 0x12ab);
  CHECK(read_address_argument("libfoo.so+0x12").front().module == "libfoo.so");
  for (const char* bad : {"", "0x", "main", "12g", "+0x12", "libfoo.so+12", "0x12 "}) {
    CAPTURE(bad);
    CHECK(read_address_argument(bad).empty());
  }
}

TEST_CASE("a time, a request id or a container's name in front does not hide an address") {
  const char* const prefixes[] = {
      "2026-11-24T05:28:12.123Z ",
      "2026-11-24T05:28:12.123Z\t8f9c6a1e-1b7e-4a52-9c1e-0f7f3f1c2d3e\tERROR\t",
      "2026-11-24T05:28:12.123000+00:00 2026/11/24/[$LATEST]0a1b2c3d4e5f ",
      "[ERROR] 2026-11-24T05:28:12.123Z 8f9c6a1e-1b7e-4a52-9c1e-0f7f3f1c2d3e ",
      "Nov 24 05:28:12 ip-10-0-0-1 bootstrap[12]: ",
      "bootstrap_1  | ",
  };
  for (const std::string prefix : prefixes) {
    CAPTURE(prefix);
    CHECK(only(prefix + "   7:     0x55dda13781fa - <unknown>").value == 0x55dda13781fa);
    CHECK(only(prefix + "#1  0x00007ffff7a1 in ?? () from /var/task/lib/libx.so").module == "/var/task/lib/libx.so");
    CHECK(only(prefix + "    #1 0x55d0 in f (/var/task/bootstrap+0x1139)").value == 0x1139);
    CHECK(only(prefix + "./bootstrap(+0x1373)[0x55ed6f241373]").value == 0x1373);
    CHECK(only(prefix + "    @     0x55ed6f241373  main").value == 0x55ed6f241373);
    CHECK(only(prefix + "C  [libfoo.so+0x1234]  f+0x14").value == 0x1234);
    const CrashLog log = read_crash_log(prefix + "55ed6f241000-55ed6f242000 r-xp 00001000 fe:00 105 /var/task/b");
    REQUIRE(log.maps.size() == 1);
    CHECK(log.maps.front().path == "/var/task/b");
  }
  CHECK(only("2026-11-24T05:28:12.123Z INFO 0x55dda13781fa").value == 0x55dda13781fa);
  CHECK(read_crash_log("  0x7f0d80 JavaThread \"main\" [stack(0x7f0d5d,0x7f0d6d)]\nXMM[0]=0x0 0x7f0d8863a720\n")
            .addresses.empty());
  CHECK(read_crash_log("buffer at 0x55dda13781fa\nvalue: 0x12\nptr 0x12 - freed\n").addresses.empty());
}

TEST_CASE("a stack in a string of JSON is found line by line, in the order of the log, with what it was found in") {
  const CrashLog log = read_crash_log(
      "{\"timestamp\":\"2026-11-24T05:28:12Z\",\"level\":\"ERROR\",\"message\":\"thread 'main' panicked:\\n"
      "   1:     0x55dda13781fa - \\u003cunknown\\u003e\\n   2:     0x55dda1379000 - main\\n\\tat \\\"x\\\"\"}\n"
      "2026-11-24T05:28:12.123Z id {\"stack\":[\"#0 0x1 in f "
      "(/var/task/lib/liba.so+0x10)\",\"/var/task/b(+0x20)[0x99]\"]}\n"
      "  \"stackTrace\": [ \"  lib/libfoo.so+0x30\" ],\n"
      "{\"log\":\"{\\\"message\\\":\\\"lib/libfoo.so+0x40\\\\nlib/libfoo.so+0x50\\\"}\"}\n"
      "{\"maps\":\"55ed6f241000-55ed6f242000 r-xp 00001000 fe:00 105 /var/task/b\\n\"}\n");
  REQUIRE(log.addresses.size() == 7);
  CHECK(log.addresses[0].value == 0x55dda13781fa);
  CHECK(log.addresses[0].excerpt == "1:     0x55dda13781fa - <unknown>");
  CHECK(log.addresses[1].value == 0x55dda1379000);
  CHECK(log.addresses[1].line == 0);
  CHECK(log.addresses[2].module == "/var/task/lib/liba.so");
  CHECK(log.addresses[3].module == "/var/task/b");
  CHECK(log.addresses[3].line == 1);
  CHECK(log.addresses[4].value == 0x30);
  CHECK(log.addresses[5].value == 0x40);
  CHECK(log.addresses[6].value == 0x50);
  CHECK(log.addresses[6].line == 3);
  REQUIRE(log.maps.size() == 1);
  CHECK(log.maps[0].path == "/var/task/b");
}

TEST_CASE("what begins like JSON and is none is a line like any other") {
  CHECK(only("[signal SIGSEGV: code=0x1 addr=0x0 pc=0x49e140]").value == 0x49e140);
  CHECK(only("\"quoted\" lib/libfoo.so+0x30").value == 0x30);
  CHECK(only("{ lib/libfoo.so+0x30").value == 0x30);
  CHECK(read_crash_log("{\"a\":\"\\\n{\"\\u\n{\"\\u12\n{\"\\uzzzz\"\n\"\\").addresses.empty());
  std::string deep = "lib/libfoo.so+0x30";
  for (int i = 0; i < 8; ++i) {
    std::string outer = "{\"m\":\"";
    for (const char c : deep) outer += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    deep = outer + "\"}";
  }
  CHECK(read_crash_log(deep).addresses.size() <= 1);
}

TEST_CASE("stacks of Node, Boost, glog, backward-cpp, faulthandler and Ruby") {
  LogAddress a = only(" 5: 0x7f3931617010 napi_throw [/var/task/node_modules/x/build/Release/x.node]");
  CHECK(a.module == "/var/task/node_modules/x/build/Release/x.node");
  CHECK(a.kind == AddressKind::absolute);
  CHECK(a.return_address);
  CHECK(only(" 1: 0xb8d0a3 node::Abort() [node]").module == "node");
  a = only(" 2# 0x000055ed6f241373 in ./bootstrap");
  CHECK(a.module == "./bootstrap");
  CHECK(a.value == 0x55ed6f241373);
  CHECK(only("    @     0x7f3931617010  (unknown)").return_address);
  CHECK(!only("PC: @     0x55ed6f241373  main").return_address);
  CHECK(read_crash_log("@ someone\n@ 0x\n 2# main at a.cpp:3\n 3: 0x12 is a number\n").addresses.empty());
  a = only("#3    Object \"/var/task/bootstrap\", at 0x55ed6f241373, in main");
  CHECK(a.module == "/var/task/bootstrap");
  CHECK(a.value == 0x55ed6f241373);
  a = only("  Binary file \"/var/task/shop.so\", at shop_total+0x1d [0x7f3931617010]");
  CHECK(a.kind == AddressKind::in_symbol);
  CHECK(a.symbol == "shop_total");
  CHECK(a.value == 0x1d);
  a = only("  Binary file \"/var/task/my shop.so\", at +0x1139 [0x7f3931617010]");
  CHECK(a.kind == AddressKind::in_module);
  CHECK(a.module == "/var/task/my shop.so");
  CHECK(a.value == 0x1139);
  CHECK(only("  Binary file \"/var/task/shop.so\" [0x7f3931617010]").kind == AddressKind::absolute);
  CHECK(read_crash_log("Binary file \"x\" matches\n").addresses.empty());
  a = only("/var/lang/lib/libruby.so.3.3(rb_vm_bugreport+0x9a8) [0x7f3931617010] vm_dump.c:820");
  CHECK(a.symbol == "rb_vm_bugreport");
  CHECK(a.value == 0x9a8);
}
