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

bool is_bytecode(std::string_view path) {
  return path.ends_with(".pyc") && !is_layer_file(path);
}

PackageSize unzipped_size(const Package& package) {
  PackageSize size;
  size.files = count_files(package);
  size.unpacked_bytes = package.total_size();
  for (const PackageFile& file : package.files) {
    if (!is_bytecode(file.path) || file.kind != FileKind::regular) continue;
    ++size.bytecode_files;
    size.bytecode_bytes += file.size();
  }
  return size;
}

// What a zip holds of a file: its data, and two headers with its name in each (APPNOTE.TXT 4.3.7 and 4.3.12).
std::uint64_t bytes_in_zip(std::string_view path, std::uint64_t packed_size) {
  return packed_size + 30 + 46 + 2 * path.size();
}

// parts without bytecode.
std::vector<FilePart> without_bytecode(const Package& function, std::vector<FilePart> parts) {
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (is_bytecode(function.files[i].path)) parts[i].left = false;
  return parts;
}

// Bytes of the zip of `parts`, which weighs `zip_bytes`, that bytecode makes up.
Result<std::uint64_t> estimated_bytecode(const Package& package, const CommandLine& command_line,
                                         std::vector<FilePart> parts, std::uint64_t zip_bytes) {
  const FunctionPart function(package);
  LP_TRY(const ZipEstimates estimates, estimate_zip_and_part(function.get(), command_line.write, kSampleBytes,
                                                             without_bytecode(function.get(), std::move(parts))));
  return zip_bytes - std::min(zip_bytes, estimates.part.bytes);
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

// The members that a jar loses. What storing the others gives is not known before it is tried.
std::vector<ByteRange> left_out_ranges(const LanguageView& languages, const Decision& decision) {
  const auto jar = std::ranges::lower_bound(languages.jars, decision.file, {}, &JavaArchive::file);
  std::vector<ByteRange> ranges;
  for (std::size_t i = 0; i < jar->natives.files.size(); ++i)
    if (std::ranges::binary_search(decision.jar->left_out, jar->natives.files[i].path))
      ranges.push_back(jar->native_places[i]);
  std::ranges::sort(ranges, {}, &ByteRange::offset);
  return ranges;
}

// One part per file of the function.
std::vector<FilePart> parts_left(const Package& package, const Inventory& inventory, const LanguageView& languages,
                                 const Plan& plan) {
  std::vector<FilePart> parts(package.files.size());
  for (const Decision& decision : plan.decisions) {
    if (!decision.applied || decision.action == Action::keep) continue;
    if (decision.action == Action::rewrite) {
      if (decision.jar) parts[decision.file].removed = left_out_ranges(languages, decision);
      continue;
    }
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
    const PackageFile& file = package.files[decision.file];
    if (decision.action == Action::strip || decision.action == Action::rewrite || file.kind != FileKind::regular)
      continue;
    --size.files;
    if (!is_bytecode(file.path)) continue;
    --size.bytecode_files;
    size.bytecode_bytes -= decision.saved;
  }
  return size;
}

// The zip of what was read, when its size is known: it was a zip, or --exact asks to compress it.
Result<std::optional<PackageSize>> known_size(const Package& package, const CommandLine& command_line) {
  PackageSize size = unzipped_size(package);
  if (package.kind == InputKind::zip) {
    size.zip_bytes = package.source_bytes;
    size.code_sha256 = package.source_sha256;
    for (const PackageFile& file : package.files)
      if (is_bytecode(file.path)) size.bytecode_zip_bytes += bytes_in_zip(file.path, file.packed_size);
    return size;
  }
  // A gate needs the exact size of what analyze judges; pack judges what it writes.
  const bool gated = command_line.command == Command::analyze && command_line.max_zip_size;
  if (!command_line.exact && !gated) return std::nullopt;
  LP_TRY(const ZipImage image, compress(package, command_line));
  size = size_of(package, image);
  size.code_sha256.clear();  // not a zip that anybody has
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
  for (const WrittenFile& file : image.written.files)
    if (is_bytecode(file.path)) size.bytecode_zip_bytes += bytes_in_zip(file.path, file.packed_size);
  return size;
}

Result<PackageSize> estimated_size(const Package& package, const CommandLine& command_line) {
  LP_TRY(const ZipEstimate estimate, estimate_zip(FunctionPart(package).get(), command_line.write, kSampleBytes));
  PackageSize size = unzipped_size(package);
  set_zip(size, estimate);
  if (size.bytecode_files > 0) {
    std::vector<FilePart> all(FunctionPart(package).get().files.size());
    LP_TRY(size.bytecode_zip_bytes, estimated_bytecode(package, command_line, std::move(all), size.zip_bytes));
  }
  return size;
}

Result<PackageSize> size_before(const Package& package, const CommandLine& command_line) {
  LP_TRY(const auto known, known_size(package, command_line));
  if (known) return *known;
  return estimated_size(package, command_line);
}

// Before, and after a plan that analyze does not carry out: from one sample, unless --exact asks for more or so little
// is left that doing it is as cheap.
Result<Sizes> planned_sizes(const Package& package, const Inventory& inventory, const LanguageView& languages,
                            const Plan& plan, const CommandLine& command_line, Progress& progress) {
  Sizes sizes;
  sizes.before = unzipped_size(package);
  sizes.after = planned_files(package, plan);
  LP_TRY(const auto known, known_size(package, command_line));
  const bool carry_out = command_line.exact || sizes.after->unpacked_bytes <= kSampleBytes;
  if (!known || !carry_out) {
    const std::vector<FilePart> left = parts_left(package, inventory, languages, plan);
    LP_TRY(const ZipEstimates estimates,
           estimate_zip_and_part(FunctionPart(package).get(), command_line.write, kSampleBytes, left));
    set_zip(sizes.before, estimates.whole);
    set_zip(*sizes.after, estimates.part);
    if (!known && sizes.before.bytecode_files > 0) {
      LP_TRY(sizes.before.bytecode_zip_bytes,
             estimated_bytecode(package, command_line, std::vector<FilePart>(left.size()), estimates.whole.bytes));
    }
    if (sizes.after->bytecode_files > 0) {
      LP_TRY(sizes.after->bytecode_zip_bytes, estimated_bytecode(package, command_line, left, estimates.part.bytes));
    }
  }
  if (known) sizes.before = *known;
  if (carry_out) {
    LP_TRY(sizes.after, carried_out_size(package, inventory, plan, command_line, progress));
  }
  return sizes;
}

}  // namespace lambdapack
