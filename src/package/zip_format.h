// The numbers of the zip format (PKWARE's APPNOTE.TXT 6.3) that are needed to read and to write it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lambdapack::zip {

inline constexpr std::uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50;
inline constexpr std::uint32_t kDescriptor = 0x08074b50;  // before a data descriptor, or not: APPNOTE 4.3.9.3
inline constexpr std::uint32_t kEnd64 = 0x06064b50, kEnd64Locator = 0x07064b50;
inline constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22;  // without names and extra fields
inline constexpr std::size_t kEnd64Size = 56, kEnd64LocatorSize = 20;

inline constexpr std::uint16_t kExtraZip64 = 0x0001, kExtraTime = 0x5455;
inline constexpr std::uint16_t kFlagEncrypted = 1, kFlagStrong = 1 << 6, kFlagUtf8 = 1 << 11, kFlagMasked = 1 << 13;
inline constexpr std::uint16_t kFlagSizesBehind = 1 << 3;  // APPNOTE 4.4.4: crc and sizes stand in a data descriptor
inline constexpr std::uint16_t kStored = 0, kDeflated = 8;

inline constexpr unsigned kUnix = 3, kMac = 19;  // "version made by", upper byte
inline constexpr std::uint16_t kVersion = 20, kVersion64 = 45;
inline constexpr std::uint16_t kDate = 0x0021, kTime = 0;  // 1980-01-01 00:00:00, the first that can be told

}  // namespace lambdapack::zip
