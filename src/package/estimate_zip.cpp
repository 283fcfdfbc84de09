// How large the zip would be, from a sample of blocks: analyze must not cost what packing costs.
//
// Sample points lie at equal distances in all the bytes of the package, laid end to end: files of one kind side by
// side, so that every kind, every large file and every part of one gets its share (a systematic sample with probability
// proportional to size). At each point the block around it is compressed, the whole file when that is smaller. The mean
// of the ratios times the bytes is the estimate; its error comes from the differences between neighbouring points,
// which leave out what the order explains (W. G. Cochran, Sampling Techniques, 3rd ed., 8.12). Headers are counted
// exactly.
//
// A block from the middle of a file compresses worse alone than in its place, where it could refer to what is before
// it: by 4 to 30 %, depending on the package. So every few blocks are compressed twice more, the 32 KB before them
// without and with the block, and the difference corrects them all (double sampling with a ratio estimator,
// Cochran 12.8).
//
// Samples are compressed at the fastest level; what the others save beyond it differs little between packages.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <tuple>

#include "base/parallel.h"
#include "package/deflate.h"
#include "package/write_package.h"
#include "package/zip_entry.h"

namespace lambdapack {
namespace {

constexpr std::uint64_t kBlock = 8 << 10;
constexpr std::uint64_t kContext = 32 << 10;  // as far as deflate can refer back
constexpr std::size_t kContextEvery = 8;      // blocks per one that is compressed in its place too
constexpr std::size_t kMinPoints = 16;

// Size at a level by size at Level::fast, and by how much that differs from package to package: measured on Python,
// Node, Java, C++, Go and Rust packages for both architectures.
struct LevelFactor {
  double factor = 1, error = 0;
};
LevelFactor level_factor(Level level) {
  switch (level) {
    case Level::fast: return {1, 0.01};
    case Level::normal: return {0.994, 0.01};
    case Level::best: return {0.970, 0.015};
  }
  return {};
}

// A block of a file.
struct Unit {
  std::size_t file = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  auto operator<=>(const Unit&) const = default;
};

std::uint64_t header_bytes(const Package& package, const std::vector<FilePart>& parts) {
  std::uint64_t bytes = 0;
  std::vector<ZipEntry> entries;
  entries.reserve(package.files.size());
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const PackageFile& file = package.files[i];
    if (!parts[i].left) continue;
    ZipEntry entry = describe_entry(file);
    entry.size = entry.packed_size = file.kind == FileKind::symlink ? file.link_target.size() : file.size();
    bytes += local_header(entry).size();
    if (file.kind == FileKind::symlink) bytes += entry.size;
    entries.push_back(std::move(entry));
  }
  return bytes + central_directory(entries, bytes).size();
}

std::string_view extension_of(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  // "libz.so.1" is of the kind ".so".
  if (const std::size_t so = name.find(".so"); so != std::string_view::npos) return name.substr(so, 3);
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot);
}

// Regular files with bytes, files of one kind side by side, the small before the large ones.
std::vector<std::size_t> files_by_kind(const Package& package) {
  using Key = std::tuple<std::string_view, bool, std::size_t>;  // extension, large, file: files are in path order
  std::vector<Key> keys;
  for (std::size_t i = 0; i < package.files.size(); ++i)
    if (const std::uint64_t size = package.files[i].size(); size > 0)
      keys.emplace_back(extension_of(package.files[i].path), size > kBlock, i);
  std::ranges::sort(keys);
  std::vector<std::size_t> order;
  order.reserve(keys.size());
  for (const Key& key : keys) order.push_back(std::get<2>(key));
  return order;
}

// The block that each of `points` evenly spaced positions lies in.
std::vector<Unit> units_at_points(const Package& package, const std::vector<std::size_t>& order, std::uint64_t total,
                                  std::size_t points) {
  std::vector<Unit> units;
  std::uint64_t start = 0;  // of the file, in all the bytes
  for (const std::size_t i : order) {
    const std::uint64_t size = package.files[i].size();
    while (units.size() < points) {
      const double distance = static_cast<double>(total) / static_cast<double>(points);
      const auto position = static_cast<std::uint64_t>((static_cast<double>(units.size()) + 0.5) * distance);
      if (position >= start + size) break;
      const std::uint64_t offset = (position - start) / kBlock * kBlock;
      if (size <= kContext) {
        units.push_back({i, 0, size});
      } else {
        units.push_back({i, offset, std::min(kBlock, size - offset)});
      }
    }
    start += size;
  }
  return units;
}

// What a unit compresses to.
struct Measured {
  double alone = 0;     // bytes
  double in_place = 0;  // bytes it adds to what is before it; only where `twice`
  bool twice = false;
};

Result<Measured> measure(const Package& package, const Unit& unit, bool twice) {
  const std::uint64_t start = twice ? unit.offset - std::min(unit.offset, kContext) : unit.offset;
  const auto context = static_cast<std::size_t>(unit.offset - start);
  const auto size = static_cast<std::size_t>(unit.size);
  LP_TRY(const std::vector<std::uint8_t> bytes, package.files[unit.file].content.slice(start, context + size));
  const Bytes all(bytes);
  Measured measured;
  measured.alone = static_cast<double>(deflated_size(all.subspan(context), Level::fast));
  measured.twice = twice && context > 0 && measured.alone < static_cast<double>(size);
  if (!measured.twice) return measured;
  const auto before = static_cast<double>(deflated_size(all.first(context), Level::fast));
  measured.in_place = std::max(0.0, static_cast<double>(deflated_size(all, Level::fast)) - before);
  return measured;
}

// Parallel to units. Whole files and blocks at the start of one have nothing before them.
Result<std::vector<Measured>> measure_all(const Package& package, const std::vector<Unit>& units, unsigned threads) {
  std::vector<std::optional<Result<Measured>>> results(units.size());
  parallel_for(units.size(), threads, [&](std::size_t i) {
    // Several points may lie in one small file: the first one measures it.
    if (i > 0 && units[i] == units[i - 1]) return;
    results[i] = measure(package, units[i], i % kContextEvery == 0 && units[i].offset > 0);
  });
  std::vector<Measured> measured;
  for (auto& result : results) {
    if (!result) {
      measured.push_back(measured.back());
      continue;
    }
    LP_TRY(measured.emplace_back(), *std::move(result));
  }
  return measured;
}

// By what a block from the middle of a file is smaller in its place than alone.
struct ContextGain {
  double factor = 1, error = 0;  // 95 %, relative
};

// Student's t for 95 %, close enough for our numbers of points.
double t_value(std::size_t points) {
  return 1.96 + 3.0 / static_cast<double>(std::max<std::size_t>(points, 3) - 1);
}

ContextGain context_gain(const std::vector<Measured>& measured) {
  double alone = 0, in_place = 0;
  std::size_t count = 0;
  for (const Measured& one : measured)
    if (one.twice) {
      alone += one.alone;
      in_place += one.in_place;
      ++count;
    }
  // Too few to tell: the mean over all kinds of packages.
  if (count < 3) return {0.87, 0.1};
  const double factor = in_place / alone;
  double squares = 0;
  for (const Measured& one : measured)
    if (one.twice) squares += std::pow(one.in_place - factor * one.alone, 2);
  const double n = static_cast<double>(count);
  const double deviation = std::sqrt(squares / (n - 1) / n) / (alone / n);
  return {factor, t_value(count) * deviation / std::max(factor, 0.01)};
}

// The ratios of the units, corrected for their context.
std::vector<double> ratios_of(const std::vector<Unit>& units, const std::vector<Measured>& measured, double gain) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const double size = static_cast<double>(units[i].size);
    const double alone = measured[i].alone;
    const bool corrected = units[i].offset > 0 && alone < size;
    ratios.push_back((corrected ? alone * gain : alone) / size);
  }
  return ratios;
}

// What was measured, as ratios of points that stand for equal numbers of bytes.
struct Sample {
  std::vector<Unit> units;
  std::vector<double> ratios;  // parallel to units
  double total = 0;            // bytes that the units stand for, together
  double error = 0;            // of the correction for the context, relative, 95 %
};

// Which share of a unit's bytes is left.
double share_left(const Unit& unit, const FilePart& part) {
  if (!part.left) return 0;
  std::uint64_t removed = 0;
  for (const ByteRange& range : part.removed) {
    const std::uint64_t start = std::max(range.offset, unit.offset);
    const std::uint64_t end = std::min(range.offset + range.size, unit.offset + unit.size);
    if (end > start) removed += end - start;
  }
  return 1 - static_cast<double>(removed) / static_cast<double>(unit.size);
}

ZipEstimate summarise(const Sample& sample, const std::vector<FilePart>& parts, std::uint64_t headers, Level level) {
  const LevelFactor at_level = level_factor(level);
  const double count = static_cast<double>(sample.units.size());
  std::vector<double> left;
  for (std::size_t i = 0; i < sample.units.size(); ++i)
    left.push_back(sample.ratios[i] * share_left(sample.units[i], parts[sample.units[i].file]));
  const double mean = std::accumulate(left.begin(), left.end(), 0.0) / count;
  double differences = 0;
  for (std::size_t i = 1; i < left.size(); ++i) differences += std::pow(left[i] - left[i - 1], 2);
  const double deviation = std::sqrt(differences / (2 * count * (count - 1))) / std::max(mean, 1e-6);
  const double packed = mean * sample.total * at_level.factor;
  const double bytes = packed + static_cast<double>(headers);
  const double error = std::hypot(t_value(left.size()) * deviation, std::hypot(sample.error, at_level.error));
  return {static_cast<std::uint64_t>(std::llround(bytes)), error * packed / bytes};
}

// How many bytes of these files are left.
std::uint64_t bytes_left(const Package& package, const std::vector<std::size_t>& order,
                         const std::vector<FilePart>& parts) {
  std::uint64_t total = 0;
  for (const std::size_t i : order) {
    if (!parts[i].left) continue;
    total += package.files[i].size();
    for (const ByteRange& range : parts[i].removed) total -= std::min(total, range.size);
  }
  return total;
}

// The bytes of a file without those that go.
std::vector<std::uint8_t> cut(Bytes bytes, const FilePart& part) {
  std::vector<std::uint8_t> left;
  std::size_t at = 0;
  for (const ByteRange& range : part.removed) {
    const std::size_t start = std::clamp<std::uint64_t>(range.offset, at, bytes.size());
    left.insert(left.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                bytes.begin() + static_cast<std::ptrdiff_t>(start));
    at = start + std::min<std::uint64_t>(range.size, bytes.size() - start);
  }
  left.insert(left.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end());
  return left;
}

// Compresses what is left of the files of `order`, as make_zip does.
Result<ZipEstimate> measure_whole(const Package& package, const std::vector<std::size_t>& order,
                                  const WriteOptions& options, const std::vector<FilePart>& parts) {
  const Level level = level_for(options.level, bytes_left(package, order, parts));
  std::vector<std::optional<Result<std::uint64_t>>> results(order.size());
  parallel_for(order.size(), options.threads, [&](std::size_t i) {
    const FilePart& part = parts[order[i]];
    const auto bytes = package.files[order[i]].content.read();
    if (!bytes) {
      results[i] = std::unexpected(bytes.error());
    } else if (!part.left) {
      results[i] = 0;
    } else {
      results[i] = deflated_size(part.removed.empty() ? *bytes : Bytes(cut(*bytes, part)), level);
    }
  });
  std::uint64_t total = header_bytes(package, parts);
  for (auto& result : results) {
    LP_TRY(const std::uint64_t size, *std::move(result));
    total += size;
  }
  return ZipEstimate{total, 0};
}

// Measures points in the files of `order`, which hold `total` bytes.
Result<Sample> take_sample(const Package& package, const std::vector<std::size_t>& order, std::uint64_t total,
                           unsigned threads, std::uint64_t sample_bytes) {
  double cost = 0;  // of a point: bytes to compress, on average
  for (const std::size_t i : order) {
    const std::uint64_t size = package.files[i].size();
    const bool whole = size <= kContext;
    cost += static_cast<double>(size) *
            (whole ? static_cast<double>(size) : kBlock + static_cast<double>(kBlock + 2 * kContext) / kContextEvery);
  }
  const double per_point = std::max(1.0, cost / static_cast<double>(total));
  const std::size_t points =
      std::max(kMinPoints, static_cast<std::size_t>(static_cast<double>(sample_bytes) / per_point));
  Sample sample;
  sample.units = units_at_points(package, order, total, points);
  sample.total = static_cast<double>(total);
  LP_TRY(const std::vector<Measured> measured, measure_all(package, sample.units, threads));
  const ContextGain gain = context_gain(measured);
  sample.ratios = ratios_of(sample.units, measured, gain.factor);
  sample.error = gain.error;
  return sample;
}

}  // namespace

Result<ZipEstimates> estimate_zip_and_part(const Package& package, const WriteOptions& options,
                                           std::uint64_t sample_bytes, const std::vector<FilePart>& parts) {
  const std::vector<FilePart> all(package.files.size());
  const std::vector<std::size_t> order = files_by_kind(package);
  std::vector<std::size_t> left;
  for (const std::size_t i : order) {
    if (parts[i].left) left.push_back(i);
  }
  const std::uint64_t total = bytes_left(package, order, all);
  const std::uint64_t left_total = bytes_left(package, left, all);
  const Level level_of_left = level_for(options.level, bytes_left(package, left, parts));
  ZipEstimates estimates;
  if (total <= sample_bytes) {
    LP_TRY(estimates.whole, measure_whole(package, order, options, all));
  } else {
    LP_TRY(const Sample sample, take_sample(package, order, total, options.threads, sample_bytes));
    estimates.whole = summarise(sample, all, header_bytes(package, all), level_for(options.level, total));
    estimates.part = summarise(sample, parts, header_bytes(package, parts), level_of_left);
  }
  if (left_total <= sample_bytes) {
    LP_TRY(estimates.part, measure_whole(package, left, options, parts));
  } else if (left_total <= total / 2) {
    // Few points lie in a part that is much smaller than the whole, so it gets a sample of its own.
    LP_TRY(const Sample sample, take_sample(package, left, left_total, options.threads, sample_bytes));
    estimates.part = summarise(sample, parts, header_bytes(package, parts), level_of_left);
  }
  return estimates;
}

Result<ZipEstimate> estimate_zip(const Package& package, const WriteOptions& options, std::uint64_t sample_bytes) {
  const std::vector<FilePart> all(package.files.size());
  const std::vector<std::size_t> order = files_by_kind(package);
  const std::uint64_t total = bytes_left(package, order, all);
  if (total <= sample_bytes) return measure_whole(package, order, options, all);
  LP_TRY(const Sample sample, take_sample(package, order, total, options.threads, sample_bytes));
  return summarise(sample, all, header_bytes(package, all), level_for(options.level, total));
}

}  // namespace lambdapack
