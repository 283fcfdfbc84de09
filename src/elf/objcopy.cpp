// The one call of LLVM's objcopy library, and what keeps it from harm.
//
// The library trusts its input in places: it multiplies out alignments, copies symbol names one by one, compares every
// segment with every other.
#include "elf/objcopy.h"

#include <llvm/ObjCopy/COFF/COFFConfig.h>
#include <llvm/ObjCopy/CommonConfig.h>
#include <llvm/ObjCopy/ELF/ELFConfig.h>
#include <llvm/ObjCopy/MachO/MachOConfig.h>
#include <llvm/ObjCopy/MultiFormatConfig.h>
#include <llvm/ObjCopy/ObjCopy.h>
#include <llvm/ObjCopy/XCOFF/XCOFFConfig.h>
#include <llvm/ObjCopy/wasm/WasmConfig.h>
#include <llvm/Object/Binary.h>
#include <llvm/Support/raw_ostream.h>

#include "elf/elf_format.h"
#include "elf/strip_input.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint64_t kLargestAlignment = 2 << 20;  // the huge page of x86-64 and arm64; linkers use no more
constexpr std::uint32_t kShtGroup = 17;

// LLVM keeps each symbol as an object with a copy of its name, and names may overlap: a hostile table of a few MB can
// spell gigabytes. Real names are shared by tail merging only.
bool symbols_would_balloon(const ElfLayout& layout, const ElfSectionHeader& table) {
  constexpr std::uint64_t kObjectSize = 160;
  const std::uint64_t entry_size = layout.reader.is64() ? 24 : 16;
  const ElfReader symbols = section_bytes(layout, table);
  if (table.link >= layout.sections.size()) return true;
  const ElfReader names = section_bytes(layout, layout.sections[table.link]);
  std::uint64_t budget = 2 * layout.reader.size() + (64 << 20);
  for (std::uint64_t offset = 0; offset + entry_size <= symbols.size(); offset += entry_size) {
    const auto name = names.text(symbols.u32(offset), names.size());
    const std::uint64_t cost = kObjectSize + (name ? name->size() : 0);
    if (cost > budget) return true;
    budget -= cost;
  }
  return false;
}

}  // namespace

bool strange_alignment(std::uint64_t alignment) {
  return alignment > kLargestAlignment || (alignment != 0 && !is_power_of_two(alignment));
}

std::string why_not_for_llvm(const ElfLayout& layout, const std::set<std::string_view>& removed) {
  const std::uint64_t compression_header = layout.reader.is64() ? 24 : 12;
  for (const ElfSectionHeader& section : layout.sections) {
    if (section.type == kShtGroup) return "has section groups, which belong to object files";
    if (section.address + section.size < section.address) return "has a section past the end of the address space";
    if (removed.contains(section.name_text)) continue;
    if ((section.flags & kShfCompressed) != 0 && section.size < compression_header)
      return "has a compressed section without its header";
    if (section.type == kShtSymtab && symbols_would_balloon(layout, section)) return "its symbol names overlap";
  }
  for (const ElfSegment& segment : layout.segments)
    if (!fits(segment.offset, segment.file_size, layout.reader.size())) return "has a segment past its end";
  return {};
}

namespace {

class ObjcopyConfig : public llvm::objcopy::MultiFormatConfig {
 public:
  explicit ObjcopyConfig(const std::set<std::string_view>& removed) {
    using namespace llvm::objcopy;
    for (std::string_view name : removed)
      llvm::cantFail(common_.ToRemove.addMatcher(
          NameOrPattern::create(llvm::StringRef(name), MatchStyle::Literal, [](llvm::Error error) { return error; })));
  }

  const llvm::objcopy::CommonConfig& getCommonConfig() const override { return common_; }
  llvm::Expected<const llvm::objcopy::ELFConfig&> getELFConfig() const override { return elf_; }
  llvm::Expected<const llvm::objcopy::COFFConfig&> getCOFFConfig() const override { return elf_only(); }
  llvm::Expected<const llvm::objcopy::MachOConfig&> getMachOConfig() const override { return elf_only(); }
  llvm::Expected<const llvm::objcopy::WasmConfig&> getWasmConfig() const override { return elf_only(); }
  llvm::Expected<const llvm::objcopy::XCOFFConfig&> getXCOFFConfig() const override { return elf_only(); }

 private:
  static llvm::Error elf_only() { return llvm::createStringError(llvm::inconvertibleErrorCode(), "is no ELF file"); }

  llvm::objcopy::CommonConfig common_;
  llvm::objcopy::ELFConfig elf_;
};

// The writer hands over its buffer in one piece, when it has read its input for the last time: giving the input's
// memory back then keeps the peak below three times the file (the original, LLVM's buffer, and this copy of it).
class VectorStream : public llvm::raw_ostream {
 public:
  VectorStream(std::vector<std::uint8_t>& bytes, StripInput& input)
      : llvm::raw_ostream(/*unbuffered=*/true), bytes_(bytes), input_(input) {}

 private:
  void write_impl(const char* data, std::size_t size) override {
    input_.discard();
    bytes_.insert(bytes_.end(), data, data + size);
  }
  std::uint64_t current_pos() const override { return bytes_.size(); }

  std::vector<std::uint8_t>& bytes_;
  StripInput& input_;
};

}  // namespace

Result<std::vector<std::uint8_t>> remove_sections(const ElfLayout& layout, const std::set<std::string_view>& removed) {
  StripInput input(layout, removed);
  const Bytes bytes = input.bytes();
  const llvm::MemoryBufferRef buffer(llvm::StringRef(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
                                     "input");
  auto binary = llvm::object::createBinary(buffer);
  if (!binary) return fail({}, llvm::toString(binary.takeError()));
  const ObjcopyConfig config(removed);
  std::vector<std::uint8_t> output;
  VectorStream stream(output, input);
  if (llvm::Error error = llvm::objcopy::executeObjcopyOnBinary(config, **binary, stream))
    return fail({}, llvm::toString(std::move(error)));
  return output;
}

}  // namespace lambdapack
