// The half of the symbolizer that runs in a child process, and the messages between the two halves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/limited_child.h"
#include "elf/symbolize.h"

namespace lambdapack {

enum class SymbolQuestion : std::uint8_t { open, frames, address_of };

// Answers questions about one ELF file; the bytes must stay where they are. Only ever called in a child.
LimitedChild::Serve serve_symbols(const std::string& name, Bytes file);

inline constexpr std::uint32_t kMostFrames = 1000;      // that one address may be inlined into
inline constexpr std::uint32_t kLongestName = 1 << 16;  // bytes of a function or file name; the rest is cut off

std::vector<std::uint8_t> encode_frames(const std::vector<SourceFrame>& frames);

// Nothing when the bytes are no such message: too many frames, too long names, bytes missing or left over.
std::optional<std::vector<SourceFrame>> decode_frames(Bytes answer);

}  // namespace lambdapack
