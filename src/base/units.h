// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace lambdapack {

// Binary steps, as Lambda counts its limits: "812 B", "14.3 KB", "250.0 MB" (1 MB = 1,048,576 bytes).
std::string format_bytes(std::uint64_t bytes);

// "262,144,000"
std::string format_count(std::uint64_t number);

// "84 ms", "1.3 s"
std::string format_ms(double milliseconds);

// part of whole in percent with one decimal: "31.4 %"; "0 %" when whole is 0.
std::string format_percent(double part, double whole);

}  // namespace lambdapack
