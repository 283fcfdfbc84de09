// Which source does a .pyc belong to, and what does its header claim about it?
//
// After importlib._bootstrap_external of CPython (cache_from_source, _classify_pyc), which decides at each import. Only
// names and headers are read here: the code behind the header is Python's marshal format, which differs between
// versions and is never touched.
#include "languages/python_bytecode.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "languages/package_paths.h"

namespace lambdapack {
namespace {

constexpr std::string_view kCacheFolder = "__pycache__";
constexpr std::uint32_t kHashBased = 1, kCheckSource = 2;

std::uint32_t number_at(Bytes bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | bytes[at + i];
  return value;
}

void put_number(std::array<std::uint8_t, kPycHeaderSize>& header, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) header[at + i] = static_cast<std::uint8_t>(value >> (i * 8));
}

bool is_alphanumeric(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

// "3.11" of "cpython-311".
std::string version_of_tag(std::string_view tag) {
  constexpr std::string_view prefix = "cpython-";
  if (!tag.starts_with(prefix)) return {};
  const std::string_view digits = tag.substr(prefix.size());
  const bool numeric = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (digits.size() < 2 || digits.size() > 4 || !numeric) return {};
  return fmt::format("{}.{}", digits.substr(0, 1), digits.substr(1));
}

}  // namespace

std::optional<PycName> parse_pyc_path(std::string_view path) {
  if (!path.ends_with(".pyc")) return std::nullopt;
  const std::string_view folder = parent_folder(path);
  PycName name;
  if (base_name(folder) != kCacheFolder) {
    name.cached = false;
    name.source = path.substr(0, path.size() - 1);
    return name;
  }
  std::string_view rest = base_name(path);
  rest.remove_suffix(4);
  if (const std::size_t opt = rest.rfind(".opt-"); opt != std::string_view::npos) {
    if (!is_alphanumeric(rest.substr(opt + 5))) return std::nullopt;
    name.optimisation = rest.substr(opt + 5);
    rest = rest.substr(0, opt);
  }
  const std::size_t dot = rest.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  name.version = version_of_tag(rest.substr(dot + 1));
  name.source = join_path(parent_folder(folder), fmt::format("{}.py", rest.substr(0, dot)));
  return name;
}

std::optional<PycHeader> parse_pyc_header(Bytes start) {
  if (start.size() < kPycHeaderSize) return std::nullopt;
  PycHeader header;
  header.magic = number_at(start, 0);
  const std::uint32_t flags = number_at(start, 4);
  header.known_flags = (flags & ~(kHashBased | kCheckSource)) == 0;
  header.hash_based = (flags & kHashBased) != 0;
  header.check_source = (flags & kCheckSource) != 0;
  header.mtime = number_at(start, 8);
  header.size = number_at(start, 12);
  std::ranges::copy(start.subspan(8, header.hash.size()), header.hash.begin());
  return header;
}

// _Py_KeyedHash of CPython's Python/pyhash.c: the key is the raw magic number, the upper half zero.
SipHash python_source_hash(const PythonBytecode& python, Bytes source) {
  return siphash(source, {.low = python.magic, .high = 0},
                 {.compression = static_cast<unsigned>(python.compression),
                  .finalization = static_cast<unsigned>(python.finalization)});
}

std::array<std::uint8_t, kPycHeaderSize> hash_header(const PythonBytecode& python, const SipHash& hash, bool checked) {
  std::array<std::uint8_t, kPycHeaderSize> header{};
  put_number(header, 0, python.magic);
  put_number(header, 4, checked ? kHashBased | kCheckSource : kHashBased);
  std::ranges::copy(hash, header.begin() + 8);
  return header;
}

// As CPython reads it (Python/preconfig.c, _Py_get_env_flag): no number, or one below 0, counts as 1.
std::string python_optimisation(const std::map<std::string, std::string>& environment) {
  const auto at = environment.find("PYTHONOPTIMIZE");
  if (at == environment.end() || at->second.empty()) return {};
  const std::string& text = at->second;
  int level = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), level);
  if (error != std::errc() || end != text.data() + text.size() || level < 0) level = 1;
  return level == 0 ? std::string() : std::to_string(level);
}

}  // namespace lambdapack
