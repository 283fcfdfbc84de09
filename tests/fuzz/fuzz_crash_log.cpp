// Any text is a log: every address that is found in it belongs to one of its lines, in order.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "elf/crash_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lambdapack;
  const CrashLog log = read_crash_log(as_text(Bytes(data, size)));
  if (!std::ranges::is_sorted(log.addresses, {}, &LogAddress::line)) std::abort();
  for (const LogAddress& address : log.addresses)
    if (address.line >= log.lines.size()) std::abort();
  for (const LogMap& map : log.maps)
    if (map.start >= map.end || map.path.empty()) std::abort();
  return 0;
}
