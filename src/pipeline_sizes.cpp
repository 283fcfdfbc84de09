#include "pipeline_sizes.h"

#include <algorithm>

#include "base/hash.h"
#include "elf/strip_layout.h"
#include "package/layers.h"

namespace lambdapack {
namespace {

// Bytes of input that an estimate of the zip's size compresses. 2 MiB keep the estimate's CPU far below that of
// reading the package; tests/bench records the error that this leaves.
constexpr std::uint64_t kSampleBytes = 2 << 20;

std::uint64_t count_files(const Package& package) {
  return static_cast<std::uint64_t>(std::ranges::count_if(package.files, [](const PackageFile& file) {
    return file.kind == FileKind::regular && !is_layer_file(file.path);
  }));
}

PackageSize unzipped_size(const Package& package) {
  return {count_files(package), package.total_size(), 0, 0, {}};
}

// What strip takes out of a file.
std::vector<ByteRange> stripped_ranges(const ElfInfo& elf) {
  const std::vector<SectionUse> uses = section_uses(elf);
  std::vector<ByteRange> ranges;
  for (std::size_t i = 0; i < uses.size(); ++i)
    if (uses[i] != SectionUse::kept) ranges.push_back({elf.sections[i].offset, elf.sections[i].size});
  std::ranges::sort(ranges, {}, &ByteRange::offset);
  return ranges;
}

// One part per file of the function.
std::vector<FilePart> parts_left(const Package& package, const Inventory& inventory, const Plan& plan) {
  std::vector<FilePart> parts(package.files.size());
  for (const Decision& decision : plan.decisions) {
    if (!decision.applied || decision.action == Action::keep) continue;
    if (decision.action == Action::strip)
      parts[decision.file].removed = stripped_ranges(*inventory.files[decision.file].elf);
    else
      parts[decision.file].left = false;
  }
  const auto [first, last] = layer_files(package);
  parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(first), parts.begin() + static_cast<std::ptrdiff_t>(last));
  return parts;
}

// Files and unpacked bytes after the plan.
PackageSize planned_files(const Package& package, const Plan& plan) {
  PackageSize size = unzipped_size(package);
  for (const Decision& decision : plan.decisions) {
    if (!decision.applied || decision.action == Action::keep) continue;
    size.unpacked_bytes -= decision.saved;
    if (decision.action != Action::strip && package.files[decision.file].kind == FileKind::regular) --size.files;
  }
  return size;
}

// The zip of what was read, when its size is known: it was a zip, or --exact asks to compress it.
Result<std::optional<PackageSize>> known_size(const Package& package, const CommandLine& command_line) {
  PackageSize size = unzipped_size(package);
  if (package.kind == InputKind::zip) {
    size.zip_bytes = package.source_bytes;
    size.code_sha256 = package.source_sha256;
    return size;
  }
  // A gate needs the exact size of what analyze judges; pack judges what it writes.
  const bool gated = command_line.command == Command::analyze && command_line.max_zip_size;
  if (!command_line.exact && !gated) return std::nullopt;
  LP_TRY(const ZipImage image, compress(package, command_line));
  size.zip_bytes = image.written.zip_bytes;
  return size;
}

void set_zip(PackageSize& size, const ZipEstimate& estimate) {
  size.zip_bytes = estimate.bytes;
  size.zip_error = estimate.error;
}

Result<PackageSize> carried_out_size(const Package& package, const Inventory& inventory, const Plan& plan,
                                     const CommandLine& command_line, Progress& progress) {
  LP_TRY(const Applied applied, apply_plan(package, inventory, plan, command_line.threads, progress));
  LP_TRY(const ZipImage image, compress(applied.package, command_line));
  PackageSize size = size_of(applied.package, image);
  size.code_sha256.clear();  // analyze writes no zip
  return size;
}

}  // namespace

Result<ZipImage> compress(const Package& package, const CommandLine& command_line) {
  WriteOptions options = command_line.write;
  options.threads = command_line.threads;
  return make_zip(FunctionPart(package).get(), options);
}

PackageSize size_of(const Package& package, const ZipImage& image) {
  PackageSize size = unzipped_size(package);
  size.zip_bytes = image.written.zip_bytes;
  size.code_sha256 = to_base64(image.written.sha256);
  return size;
}

Result<PackageSize> estimated_size(const Package& package, const CommandLine& command_line) {
  LP_TRY(const ZipEstimate estimate, estimate_zip(FunctionPart(package).get(), command_line.write, kSampleBytes));
  PackageSize size = unzipped_size(package);
  set_zip(size, estimate);
  return size;
}

Result<PackageSize> size_before(const Package& package, const CommandLine& command_line) {
  LP_TRY(const auto known, known_size(package, command_line));
  if (known) return *known;
  return estimated_size(package, command_line);
}

// Before, and after a plan that analyze does not carry out: from one sample, unless --exact asks for more or so little
// is left that doing it is as cheap.
Result<Sizes> planned_sizes(const Package& package, const Inventory& inventory, const Plan& plan,
                            const CommandLine& command_line, Progress& progress) {
  Sizes sizes;
  sizes.before = unzipped_size(package);
  sizes.after = planned_files(package, plan);
  LP_TRY(const auto known, known_size(package, command_line));
  const bool carry_out = command_line.exact || sizes.after->unpacked_bytes <= kSampleBytes;
  if (!known || !carry_out) {
    LP_TRY(const ZipEstimates estimates, estimate_zip_and_part(FunctionPart(package).get(), command_line.write,
                                                               kSampleBytes, parts_left(package, inventory, plan)));
    set_zip(sizes.before, estimates.whole);
    set_zip(*sizes.after, estimates.part);
  }
  if (known) sizes.before = *known;
  if (carry_out) {
    LP_TRY(sizes.after, carried_out_size(package, inventory, plan, command_line, progress));
  }
  return sizes;
}

}  // namespace lambdapack
