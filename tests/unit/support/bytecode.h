// .pyc files for tests: headers as PEP 552 lays them out, and any code behind them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "languages/python_bytecode.h"

namespace lambdapack::test {

inline const PythonBytecode kPython310{"3.10", 0x0A0D'0D6Fu, 2, 4, "test"};
inline const PythonBytecode kPython311{"3.11", 0x0A0D'0DA7u, 1, 3, "test"};

inline std::string little_endian(std::uint32_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> (i * 8) & 0xFF);
  return bytes;
}

inline std::string dated_pyc(const PythonBytecode& python, std::uint32_t mtime, std::size_t source_size,
                             std::string_view code = "CODE") {
  return little_endian(python.magic) + little_endian(0) + little_endian(mtime) +
         little_endian(static_cast<std::uint32_t>(source_size)) + std::string(code);
}

inline std::string hashed_pyc(const PythonBytecode& python, std::string_view source, bool checked,
                              std::string_view code = "CODE") {
  const auto header = hash_header(python, python_source_hash(python, as_bytes(source)), checked);
  return std::string(as_text(header)) + std::string(code);
}

}  // namespace lambdapack::test
