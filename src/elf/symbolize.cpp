// LLVM's symbolizer on one file that is already in memory. It trusts its input: it recurses with the nesting of debug
// entries, allocates what compressed sections claim, and opens the .dwo files that split debug information names. Debug
// files are the user's own, not the package's.
#include "elf/symbolize.h"

#include <llvm/DebugInfo/DIContext.h>
#include <llvm/DebugInfo/Symbolize/Symbolize.h>
#include <llvm/Object/ObjectFile.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <unordered_map>

#include "elf/elf_format.h"
#include "elf/read_elf.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint32_t kExecutable = 1;   // PF_X
constexpr std::size_t kMostFrames = 1000;  // that one address may be inlined into

llvm::symbolize::LLVMSymbolizer::Options options() {
  llvm::symbolize::LLVMSymbolizer::Options result;
  result.Demangle = true;
  return result;
}

std::string known(const std::string& text) {
  return text == llvm::DILineInfo::BadString ? std::string() : text;
}

}  // namespace

struct Symbolizer::State {
  std::string name;  // LLVM keeps a view of it
  std::vector<std::uint8_t> copy;
  std::unique_ptr<llvm::object::ObjectFile> object;
  ElfInfo info;
  mutable llvm::symbolize::LLVMSymbolizer symbolizer{options()};
  mutable std::unordered_map<std::string, std::uint64_t> functions;  // by linkage name; filled when asked for
  mutable bool functions_known = false;
};

Symbolizer::Symbolizer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Symbolizer::Symbolizer(Symbolizer&&) noexcept = default;
Symbolizer::~Symbolizer() = default;

Result<Symbolizer> Symbolizer::open(const std::string& name, Bytes file) {
  const auto refuse = [&](const std::string& why) {
    return fail(printable(name), "holds no debug information that can be read: " + why,
                "give --debug what pack --debug-out wrote, or an unstripped ELF file");
  };
  if (!has_elf_magic(file)) return refuse("it is no ELF file");
  auto state = std::make_unique<State>();
  state->name = name;
  if (reinterpret_cast<std::uintptr_t>(file.data()) % 8 != 0) {
    state->copy.assign(file.begin(), file.end());
    file = state->copy;
  }
  state->info = read_elf(file);
  const llvm::MemoryBufferRef buffer(llvm::StringRef(reinterpret_cast<const char*>(file.data()), file.size()),
                                     state->name);
  auto object = llvm::object::ObjectFile::createELFObjectFile(buffer);
  if (!object) return refuse(llvm::toString(object.takeError()));
  state->object = std::move(*object);
  return Symbolizer(std::move(state));
}

std::vector<SourceFrame> Symbolizer::frames(std::uint64_t address) const {
  std::vector<SourceFrame> result;
  const llvm::object::SectionedAddress where{address, llvm::object::SectionedAddress::UndefSection};
  auto found = state_->symbolizer.symbolizeInlinedCode(*state_->object, where);
  if (!found) {
    llvm::consumeError(found.takeError());
    return result;
  }
  const std::uint32_t count = std::min<std::uint32_t>(found->getNumberOfFrames(), kMostFrames);
  for (std::uint32_t i = 0; i < count; ++i) {
    const llvm::DILineInfo& frame = found->getFrame(i);
    result.push_back({known(frame.FunctionName), known(frame.FileName), frame.Line, frame.Column});
  }
  if (std::ranges::all_of(result, [](const SourceFrame& f) { return f.function.empty() && f.file.empty(); }))
    result.clear();
  return result;
}

std::optional<std::uint64_t> Symbolizer::address_of(const std::string& symbol) const {
  if (!state_->functions_known) {
    state_->functions_known = true;
    for (const llvm::object::SymbolRef& each : state_->object->symbols()) {
      auto name = each.getName();
      auto value = each.getValue();
      auto type = each.getType();
      if (name && value && type && *value != 0 && *type == llvm::object::SymbolRef::ST_Function)
        state_->functions.try_emplace(name->str(), *value);
      if (!name) llvm::consumeError(name.takeError());
      if (!value) llvm::consumeError(value.takeError());
      if (!type) llvm::consumeError(type.takeError());
    }
  }
  const auto found = state_->functions.find(symbol);
  return found == state_->functions.end() ? std::nullopt : std::optional(found->second);
}

std::uint64_t Symbolizer::lowest_address() const {
  std::uint64_t lowest = std::numeric_limits<std::uint64_t>::max();
  for (const ElfSegment& segment : state_->info.segments)
    if (segment.type == kPtLoad) lowest = std::min(lowest, segment.address);
  return lowest == std::numeric_limits<std::uint64_t>::max() ? 0 : lowest;
}

std::optional<AddressRange> Symbolizer::code() const {
  for (const ElfSegment& segment : state_->info.segments)
    if (segment.type == kPtLoad && (segment.flags & kExecutable) != 0)
      return AddressRange{segment.address, segment.memory_size};
  return std::nullopt;
}

}  // namespace lambdapack
