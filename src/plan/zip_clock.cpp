// In which time zone was a zip made?
//
// Python's zipfile, shutil and most build tools write only the MS-DOS date: local time, in steps of two seconds,
// rounded down (Info-ZIP rounds up, but writes the exact date as well). Bytecode holds the same date in UTC. Where both
// are of the same moment they differ by the zone's offset, a multiple of a quarter of an hour between -12 and +14
// hours, and the offset is the same for the whole archive but for summer time. Files that do not fit the offset of the
// others are taken for changed.
#include "plan/zip_clock.h"

#include <map>
#include <optional>

namespace lambdapack {
namespace {

constexpr std::int64_t kQuarter = 900, kHour = 3600, kWest = -12 * kHour, kEast = 14 * kHour;
constexpr std::size_t kEnough = 8;

bool near(std::int64_t difference) {
  return difference == 0 || difference == 1;  // seconds lost by rounding down to an even one
}

// The offset by which wall and seconds are the same moment.
std::optional<std::int64_t> offset_of(const ZipClock::Pair& pair) {
  const std::int64_t ahead = pair.wall - static_cast<std::int64_t>(pair.seconds);
  if (ahead < kWest - 1 || ahead > kEast) return std::nullopt;
  const std::int64_t offset = (ahead + 1 - kWest) / kQuarter * kQuarter + kWest;
  if (near(offset - ahead)) return offset;
  return std::nullopt;
}

}  // namespace

ZipClock ZipClock::from(const std::vector<Pair>& pairs) {
  std::map<std::int64_t, std::size_t> votes;
  for (const Pair& pair : pairs)
    if (const auto offset = offset_of(pair)) ++votes[*offset];
  ZipClock clock;
  std::size_t most = 0;
  for (const auto& [offset, count] : votes) {
    if (count <= most || (offset != 0 && count < kEnough)) continue;
    most = count;
    clock.known_ = true;
    clock.offset_ = offset;
  }
  return clock;
}

bool ZipClock::same(std::uint32_t seconds, std::int64_t wall) const {
  return known_ && near(static_cast<std::int64_t>(seconds) + offset_ - wall);
}

}  // namespace lambdapack
