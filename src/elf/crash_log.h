// Addresses in the text that a crashing program leaves in its log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lambdapack {

enum class AddressKind {
  in_module,  // relative to where `module` begins in memory: backtrace_symbols, sanitizers, hs_err
  in_symbol,  // relative to `symbol` of `module`
  absolute,   // in the memory of the process: a map has to tell what was there
};

struct LogAddress {
  std::size_t line = 0;  // index of the line in the log
  AddressKind kind = AddressKind::absolute;
  std::uint64_t value = 0;
  std::string module;    // path or name as the log has it; may be empty for absolute ones
  std::string symbol;    // in_symbol: linkage name
  std::string build_id;  // lower-case hex, when the log says it
  // The address behind a call, as stacks hold it: the call is the instruction before.
  bool return_address = false;
  std::string excerpt = {};  // the part of the line that has it, when the line is JSON
};

// One file in memory: a line of /proc/PID/maps, or the place a kernel message names.
struct LogMap {
  std::uint64_t start = 0, end = 0;  // addresses
  std::uint64_t offset = 0;          // in the file
  bool code_only = false;            // the executable part, whose offset in the file is not known
  std::string path;
};

struct CrashLog {
  std::vector<std::string_view> lines;  // without their ends; views into the text
  std::vector<LogAddress> addresses;    // sorted by line
  std::vector<LogMap> maps;
};

// Understands: glibc's backtrace_symbols and Ruby's, sanitizer stacks, "module+0x12" and hs_err's "[lib.so+0x12]",
// Rust's "N: 0xADDRESS - name" of RUST_BACKTRACE=full, Node's, Boost's, glog's and backward-cpp's stacks,
// faulthandler's, gdb's
// "#N 0xADDRESS in", "pc=0xADDRESS" and "ip ADDRESS" of Go and the kernel, a line that is an address, and
// /proc/PID/maps; each also behind a time and a request id, or in strings of JSON. Lines it does not know are left
// alone; at most the first 4,096 bytes of a line are looked at (1 MB of JSON), and at most 100,000 addresses are taken.
CrashLog read_crash_log(std::string_view text);

// "0x12", "12" (hex), "libfoo.so+0x12", "symbol+0x12" is not one; nothing when it is no address.
std::vector<LogAddress> read_address_argument(std::string_view text);

}  // namespace lambdapack
