// LLVM's symbolizer on one file that is already in memory. It trusts its input: it recurses with the nesting of debug
// entries, allocates what compressed sections claim, and opens the .dwo and .dwp files that split debug information
// names. So all of this runs in a child process that may not open files and has limits; see limited_child.h.
#include "elf/symbol_reader.h"

#include <llvm/DebugInfo/DIContext.h>
#include <llvm/DebugInfo/Symbolize/Symbolize.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/Support/ErrorHandling.h>

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "base/message.h"

namespace lambdapack {
namespace {

using Answer = std::vector<std::uint8_t>;

llvm::symbolize::LLVMSymbolizer::Options options() {
  llvm::symbolize::LLVMSymbolizer::Options result;
  result.Demangle = true;
  return result;
}

std::string known(const std::string& text) {
  return text == llvm::DILineInfo::BadString ? std::string() : text;
}

void without_memory(void*, const char*, bool) {
  end_child_without_memory();
}

class SymbolReader {
 public:
  SymbolReader(std::string name, Bytes file) : name_(std::move(name)), file_(file) {}

  Answer answer(Bytes question) {
    MessageReader reader(question);
    switch (static_cast<SymbolQuestion>(reader.number<std::uint8_t>())) {
      case SymbolQuestion::open: return open();
      case SymbolQuestion::frames: return frames(reader.number<std::uint64_t>());
      case SymbolQuestion::address_of: return address_of(reader.text());
    }
    return {};
  }

 private:
  Answer open() {
    llvm::install_bad_alloc_error_handler(without_memory);
    if (reinterpret_cast<std::uintptr_t>(file_.data()) % 8 != 0) {
      copy_.assign(file_.begin(), file_.end());
      file_ = copy_;
    }
    const llvm::MemoryBufferRef buffer(llvm::StringRef(reinterpret_cast<const char*>(file_.data()), file_.size()),
                                       name_);
    auto object = llvm::object::ObjectFile::createELFObjectFile(buffer);
    MessageWriter writer;
    writer.text(object ? std::string() : llvm::toString(object.takeError()));
    if (object) object_ = std::move(*object);
    return writer.take();
  }

  Answer frames(std::uint64_t address) {
    std::vector<SourceFrame> result;
    const llvm::object::SectionedAddress where{address, llvm::object::SectionedAddress::UndefSection};
    if (!object_) return encode_frames(result);
    auto found = symbolizer_.symbolizeInlinedCode(*object_, where);
    if (!found) {
      llvm::consumeError(found.takeError());
      return encode_frames(result);
    }
    const std::uint32_t count = std::min<std::uint32_t>(found->getNumberOfFrames(), kMostFrames);
    for (std::uint32_t i = 0; i < count; ++i) {
      const llvm::DILineInfo& frame = found->getFrame(i);
      result.push_back({known(frame.FunctionName), known(frame.FileName), frame.Line, frame.Column});
    }
    if (std::ranges::all_of(result, [](const SourceFrame& f) { return f.function.empty() && f.file.empty(); }))
      result.clear();
    return encode_frames(result);
  }

  void take_functions() {
    for (const llvm::object::SymbolRef& each : object_->symbols()) {
      auto name = each.getName();
      auto value = each.getValue();
      auto type = each.getType();
      if (name && value && type && *value != 0 && *type == llvm::object::SymbolRef::ST_Function)
        functions_.try_emplace(name->str(), *value);
      if (!name) llvm::consumeError(name.takeError());
      if (!value) llvm::consumeError(value.takeError());
      if (!type) llvm::consumeError(type.takeError());
    }
  }

  Answer address_of(const std::string& symbol) {
    if (object_ && !std::exchange(functions_known_, true)) take_functions();
    const auto found = functions_.find(symbol);
    MessageWriter writer;
    writer.number(static_cast<std::uint8_t>(found != functions_.end()));
    writer.number(found != functions_.end() ? found->second : std::uint64_t{0});
    return writer.take();
  }

  std::string name_;  // LLVM keeps a view of it
  Bytes file_;
  std::vector<std::uint8_t> copy_;
  std::unique_ptr<llvm::object::ObjectFile> object_;
  llvm::symbolize::LLVMSymbolizer symbolizer_{options()};
  std::unordered_map<std::string, std::uint64_t> functions_;  // by linkage name
  bool functions_known_ = false;
};

}  // namespace

LimitedChild::Serve serve_symbols(const std::string& name, Bytes file) {
  // The parent never makes one.
  return [name, file, reader = std::shared_ptr<SymbolReader>()](Bytes question) mutable {
    if (!reader) reader = std::make_shared<SymbolReader>(name, file);
    return reader->answer(question);
  };
}

std::vector<std::uint8_t> encode_frames(const std::vector<SourceFrame>& frames) {
  MessageWriter writer;
  writer.number(static_cast<std::uint32_t>(frames.size()));
  for (const SourceFrame& frame : frames) {
    writer.text(std::string_view(frame.function).substr(0, kLongestName));
    writer.text(std::string_view(frame.file).substr(0, kLongestName));
    writer.number(frame.line);
    writer.number(frame.column);
  }
  return writer.take();
}

std::optional<std::vector<SourceFrame>> decode_frames(Bytes answer) {
  MessageReader reader(answer);
  const auto count = reader.number<std::uint32_t>();
  if (count > kMostFrames) return std::nullopt;
  std::vector<SourceFrame> frames;
  for (std::uint32_t i = 0; i < count && reader.sound(); ++i) {
    SourceFrame frame;
    frame.function = reader.text();
    frame.file = reader.text();
    frame.line = reader.number<std::uint32_t>();
    frame.column = reader.number<std::uint32_t>();
    if (frame.function.size() > kLongestName || frame.file.size() > kLongestName) return std::nullopt;
    frames.push_back(std::move(frame));
  }
  return reader.sound_end() ? std::optional(std::move(frames)) : std::nullopt;
}

}  // namespace lambdapack
