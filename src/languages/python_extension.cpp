// Which interpreter imports a shared object by its name alone?
//
// CPython's importer tries, in this order, MODULE.cpython-312-x86_64-linux-gnu.so, MODULE.abi3.so and MODULE.so
// (importlib.machinery.EXTENSION_SUFFIXES, PEP 3149, PEP 384); nothing else in the name matters to it. Names with a tag
// of another interpreter or platform are recognised too, so that they can be reported and never taken for libraries.

#include "languages/python_extension.h"

#include <algorithm>
#include <cctype>

namespace lambdapack {

namespace {

bool is_identifier(std::string_view name) {
  const auto part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  };
  return !name.empty() && !std::isdigit(static_cast<unsigned char>(name.front())) && std::ranges::all_of(name, part);
}

// "312" -> "cp312"; "313t" (free-threaded) and "312d" (debug) keep their letter: their ABI is another one.
std::string abi_of_cpython(std::string_view version) {
  return "cp" + std::string(version);
}

// "cpython-312-x86_64-linux-gnu" or "pypy39-pp73-x86_64-linux-gnu": ABI and platform; nothing for any other text.
std::optional<std::pair<std::string, std::string>> parse_tag(std::string_view tag) {
  if (tag == "abi3") return std::pair{std::string("abi3"), std::string()};
  const bool cpython = tag.starts_with("cpython-");
  if (!cpython && !tag.starts_with("pypy")) return std::nullopt;
  // PyPy's ABI has a dash of its own: "pypy39-pp73".
  const std::size_t abi_begin = cpython ? std::string_view("cpython-").size() : 0;
  std::size_t abi_end = tag.find('-', abi_begin);
  if (!cpython && abi_end != std::string_view::npos) abi_end = tag.find('-', abi_end + 1);
  const std::string_view abi = tag.substr(abi_begin, abi_end == std::string_view::npos ? abi_end : abi_end - abi_begin);
  if (abi.empty() || (cpython && !std::isdigit(static_cast<unsigned char>(abi.front())))) return std::nullopt;
  const std::string_view platform = abi_end == std::string_view::npos ? std::string_view{} : tag.substr(abi_end + 1);
  return std::pair{cpython ? abi_of_cpython(abi) : std::string(abi), std::string(platform)};
}

}  // namespace

std::optional<PythonExtension> parse_python_extension(std::string_view file_name) {
  constexpr std::string_view suffix = ".so";
  if (!file_name.ends_with(suffix)) return std::nullopt;
  const std::string_view stem = file_name.substr(0, file_name.size() - suffix.size());
  const std::size_t dot = stem.find('.');
  if (dot == std::string_view::npos) {
    if (!is_identifier(stem)) return std::nullopt;
    return PythonExtension{.module = std::string(stem), .abi = {}, .platform = {}};
  }
  // With a tag the module need not be an identifier: mypyc names its shared part "81d243bd2c585b0f4821__mypyc".
  if (dot == 0) return std::nullopt;
  auto tag = parse_tag(stem.substr(dot + 1));
  if (!tag) return std::nullopt;
  return PythonExtension{.module = std::string(stem.substr(0, dot)), .abi = tag->first, .platform = tag->second};
}

std::optional<PythonExtension> parse_windows_extension(std::string_view file_name) {
  constexpr std::string_view suffix = ".pyd";
  if (!file_name.ends_with(suffix)) return std::nullopt;
  const std::string_view stem = file_name.substr(0, file_name.size() - suffix.size());
  const std::size_t dot = stem.find('.');
  if (dot == 0 || stem.empty()) return std::nullopt;
  PythonExtension extension{.module = std::string(stem.substr(0, dot)), .abi = {}, .platform = "win"};
  if (dot == std::string_view::npos) return extension;
  const std::string_view tag = stem.substr(dot + 1);
  const std::size_t dash = tag.find('-');
  extension.abi = tag.substr(0, dash);
  if (dash != std::string_view::npos) extension.platform = tag.substr(dash + 1);
  return extension;
}

int cpython_number(std::string_view tag) {
  if (!tag.starts_with("cp") || tag.size() < 4) return 0;
  int minor = 0;
  const char major = tag[2];
  std::size_t at = 3;
  for (; at < tag.size() && at < 6 && std::isdigit(static_cast<unsigned char>(tag[at])); ++at)
    minor = 10 * minor + (tag[at] - '0');
  return at == 3 || !std::isdigit(static_cast<unsigned char>(major)) ? 0 : 100 * (major - '0') + minor;
}

std::string abi_in_words(std::string_view abi) {
  if (const int number = cpython_number(abi); number > 0) {
    std::string words = "CPython " + std::to_string(number / 100) + "." + std::to_string(number % 100);
    if (abi.find('t') != std::string_view::npos) words += " (free-threaded)";
    if (abi.find('d') != std::string_view::npos) words += " (debug)";
    return words;
  }
  if (abi.starts_with("pypy") && abi.size() > 5 && std::isdigit(static_cast<unsigned char>(abi[5])))
    return "PyPy " + std::string(abi.substr(4, 1)) + "." + std::string(abi.substr(5, abi.find('-') - 5));
  return std::string(abi);
}

bool tag_fits(std::string_view tag, std::string_view python_tag, std::string_view machine) {
  const std::size_t first = tag.find('-'), second = tag.find('-', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return false;
  const std::string_view python = tag.substr(0, first), abi = tag.substr(first + 1, second - first - 1);
  const std::string_view platform = tag.substr(second + 1);
  const bool for_linux = (platform.starts_with("manylinux") || platform.starts_with("linux_")) &&
                         platform.ends_with("_" + std::string(machine));
  if (platform != "any" && !for_linux) return false;
  if (abi == "none") return python.starts_with("py") ? !python.starts_with("py2") : python == python_tag;
  if (abi == "abi3") return cpython_number(python) > 0 && cpython_number(python) <= cpython_number(python_tag);
  return abi == python_tag && python == python_tag;
}

bool is_of_other_python(std::string_view path, std::string_view version) {
  constexpr std::string_view kFolder = "lib/python";
  const std::size_t at = path.find(kFolder);
  if (at == std::string_view::npos || (at > 0 && path[at - 1] != '/')) return false;
  const std::size_t first = at + kFolder.size();
  const std::string_view found = path.substr(first, path.find('/', first) - first);
  return !found.empty() && found != version;
}

bool importable(const PythonExtension& extension, std::string_view python_tag, std::string_view platform) {
  if (extension.abi.empty()) return true;
  // The stable ABI has no free-threaded form before Python 3.15 (PEP 703, PEP 803).
  if (extension.abi == "abi3") return python_tag.starts_with("cp3") && !python_tag.ends_with("t");
  return extension.abi == python_tag && extension.platform == platform;
}

}  // namespace lambdapack
