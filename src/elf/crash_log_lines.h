// What one line of a log says, without knowing the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "elf/crash_log.h"

namespace lambdapack {

// Hexadecimal numbers of 1 to 16 digits, taken from the front of `text`: without and with "0x".
std::optional<std::uint64_t> take_digits(std::string_view& text);
std::optional<std::uint64_t> take_hex(std::string_view& text);

std::string_view without_margins(std::string_view text);  // of spaces, tabs and carriage returns

// A line of /proc/PID/maps, wherever it begins in `line`.
std::optional<LogMap> read_map_line(std::string_view line);

// Adds the address that `line` has, and the map of a kernel message, to the log. Whether there is one.
bool read_address_line(std::string_view line, std::size_t number, CrashLog& log);

}  // namespace lambdapack
