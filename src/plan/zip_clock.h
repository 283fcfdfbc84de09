// Comparing dates of a zip that tells only the wall clock of an unknown zone (PackageFile::mtime_is_local).
#pragma once

#include <cstdint>
#include <vector>

namespace lambdapack {

class ZipClock {
 public:
  struct Pair {
    std::uint32_t seconds = 0;  // since 1970, UTC: the date that bytecode holds
    std::int64_t wall = 0;      // the date in the zip
  };

  // The zone in which most of the pairs agree. Some must: UTC needs one, any other zone eight, since there are a
  // hundred of them.
  static ZipClock from(const std::vector<Pair>& pairs);

  // Never when no zone was found.
  bool same(std::uint32_t seconds, std::int64_t wall) const;

 private:
  bool known_ = false;
  std::int64_t offset_ = 0;  // seconds that the wall clock is ahead of UTC
};

}  // namespace lambdapack
