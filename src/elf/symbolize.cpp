// The half of the symbolizer that trusts nothing: it asks a child process, which has LLVM read the file, and checks
// what comes back. What a debug file made to hurt costs is its own frames.
#include "elf/symbolize.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/message.h"
#include "elf/elf_format.h"
#include "elf/elf_layout.h"
#include "elf/read_elf.h"
#include "elf/symbol_reader.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint32_t kExecutable = 1;  // PF_X
constexpr int kMostCrashes = 3;           // of one file: each costs a question, and the next begins from nothing

std::vector<std::uint8_t> question(SymbolQuestion kind) {
  MessageWriter writer;
  writer.number(static_cast<std::uint8_t>(kind));
  return writer.take();
}

}  // namespace

ChildLimits symbolizer_limits(std::uint64_t file_size) {
  constexpr std::uint64_t kBytesPerSecond = 4 << 20;
  ChildLimits limits;
  limits.memory = (512ULL << 20) + 16 * std::min(file_size, std::uint64_t{1} << 40);
  limits.cpu_seconds = 60 + static_cast<unsigned>(std::min<std::uint64_t>(file_size / kBytesPerSecond, 3600));
  limits.wall_seconds = 10 * limits.cpu_seconds;
  return limits;
}

Symbolizer::Symbolizer(std::string name, Bytes file, const ChildLimits& limits)
    : name_(std::move(name)), file_(file), info_(read_elf(file)), limits_(limits) {}

Result<Symbolizer> Symbolizer::open(const std::string& name, Bytes file) {
  return open(name, file, symbolizer_limits(file.size()));
}

Result<Symbolizer> Symbolizer::open(const std::string& name, Bytes file, const ChildLimits& limits) {
  if (!has_elf_magic(file))
    return fail(printable(name), "holds no debug information that can be read: it is no ELF file",
                "give --debug what pack --debug-out wrote, or an unstripped ELF file");
  return Symbolizer(name, file, limits);
}

std::unexpected<Error> Symbolizer::note(const std::string& what) {
  trouble_ = what;
  return fail(printable(name_), what);
}

Result<void> Symbolizer::wake() {
  if (child_ && child_->alive()) return {};
  if (given_up_) return note(trouble_);
  auto started = LimitedChild::start(serve_symbols(name_, file_), limits_);
  if (!started) return std::unexpected(started.error());
  child_.emplace(*std::move(started));
  LP_TRY(const auto answer, ask(question(SymbolQuestion::open)));
  MessageReader reader(answer);
  const std::string problem = reader.text();
  if (reader.sound_end() && problem.empty()) return {};
  given_up_ = true;
  child_.reset();
  return note("cannot be read: " + (reader.sound_end() ? printable(problem) : std::string("its reader went wrong")));
}

Result<std::vector<std::uint8_t>> Symbolizer::ask(std::vector<std::uint8_t> text) {
  auto answer = child_->ask(text);
  if (answer) return answer;
  ++crashes_;
  given_up_ = child_->hit_limit() || crashes_ >= kMostCrashes;
  return note(fmt::format("the process that read it {}", answer.error().message));
}

Result<std::vector<SourceFrame>> Symbolizer::frames(std::uint64_t address) {
  LP_CHECK(wake());
  MessageWriter writer;
  writer.number(static_cast<std::uint8_t>(SymbolQuestion::frames));
  writer.number(address);
  LP_TRY(const auto answer, ask(writer.take()));
  auto frames = decode_frames(answer);
  if (!frames) return note("the process that read it gave an answer that makes no sense");
  return *std::move(frames);
}

Result<std::optional<std::uint64_t>> Symbolizer::address_of(const std::string& symbol) {
  LP_CHECK(wake());
  MessageWriter writer;
  writer.number(static_cast<std::uint8_t>(SymbolQuestion::address_of));
  writer.text(symbol);
  LP_TRY(const auto answer, ask(writer.take()));
  MessageReader reader(answer);
  const bool found = reader.number<std::uint8_t>() == 1;
  const auto value = reader.number<std::uint64_t>();
  if (!reader.sound_end()) return note("the process that read it gave an answer that makes no sense");
  return found ? std::optional(value) : std::nullopt;
}

std::uint64_t Symbolizer::lowest_address() const {
  std::uint64_t lowest = std::numeric_limits<std::uint64_t>::max();
  for (const ElfSegment& segment : info_.segments)
    if (segment.type == kPtLoad) lowest = std::min(lowest, segment.address);
  return lowest == std::numeric_limits<std::uint64_t>::max() ? 0 : lowest;
}

bool Symbolizer::has_entry() const {
  constexpr std::uint64_t kEntry = 24;  // e_entry, in either class
  return ElfReader(file_, info_.is64, info_.little_endian).word(kEntry) != 0;
}

std::optional<AddressRange> Symbolizer::code() const {
  for (const ElfSegment& segment : info_.segments)
    if (segment.type == kPtLoad && (segment.flags & kExecutable) != 0)
      return AddressRange{segment.address, segment.memory_size};
  return std::nullopt;
}

}  // namespace lambdapack
