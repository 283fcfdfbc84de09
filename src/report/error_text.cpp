// Each message is known by the words around the name. The words are the programs' own: CPython Lib/importlib and
// Python/import.c, Node lib/internal/modules, glibc elf/dl-load.c and dl-version.c, musl ldso/dynlink.c, the JDK's
// ClassLoader.loadLibrary, JNA's NativeLibrary, botocore/exceptions.py. A log puts anything before and behind them, and
// escapes quotes when it is JSON.

#include "report/error_text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

namespace lambdapack {
namespace {

constexpr std::size_t kComplaints = 100, kLongestName = 4096;

struct Words {
  Sought sought;
  std::string_view before;
  std::string_view after;  // any of these characters ends the name
};

constexpr std::string_view kQuotes = "'\"`\\\n";
constexpr std::string_view kSpace = " \t\r\n\"'\\,;";

constexpr std::array kBefore = {
    Words{Sought::python_module, "No module named '", kQuotes},
    Words{Sought::python_module, "No module named \"", kQuotes},
    Words{Sought::python_module, "No module named ", kSpace},
    Words{Sought::python_distribution, "No package metadata was found for ", kSpace},
    Words{Sought::npm_package, "Cannot find module '", kQuotes},
    Words{Sought::npm_package, "Cannot find module \"", kQuotes},
    Words{Sought::npm_package, "Cannot find package '", kQuotes},
    Words{Sought::library, "Unable to load library '", kQuotes},
    Words{Sought::aws_service, "Unknown service: '", kQuotes},
    Words{Sought::aws_service, "Unable to load data for: ", kSpace},
    Words{Sought::symbol, "undefined symbol: ", kSpace},
    Words{Sought::symbol, "symbol not found: ", kSpace},
    Words{Sought::file, "No such file or directory: '", kQuotes},
    Words{Sought::file, "no such file or directory, open '", kQuotes},
    Words{Sought::file, "no such file or directory, stat '", kQuotes},
    Words{Sought::file, "no such file or directory, lstat '", kQuotes},
    Words{Sought::file, "no such file or directory, scandir '", kQuotes},
};

// The name stands before these.
constexpr std::array kAfter = {
    Words{Sought::library, ": cannot open shared object file", {}},
    Words{Sought::library, ": No such file or directory (needed by ", {}},
    Words{Sought::library, " in java.library.path", {}},
    Words{Sought::file, ": invalid ELF header", {}},
    Words{Sought::file, ": file too short", {}},
    Words{Sought::file, ": wrong ELF class", {}},
    Words{Sought::file, ": ELF load command", {}},
};

std::string in_package(std::string_view path) {
  for (const std::string_view mount : {"/var/task/", "/opt/"}) {
    if (path.starts_with(mount)) return std::string(path.substr(mount.size()));
  }
  return std::string(path);
}

std::string_view until(std::string_view text, std::string_view ends) {
  return text.substr(0, std::min(text.find_first_of(ends), text.size()));
}

std::string_view word_before(std::string_view text, std::size_t end) {
  std::string_view word = text.substr(0, end);
  if (word.size() > kLongestName) word.remove_prefix(word.size() - kLongestName);
  const std::size_t space = word.find_last_of(kSpace);
  if (space != std::string_view::npos) word.remove_prefix(space + 1);
  if (const std::size_t open = word.find_last_of("('`"); open != std::string_view::npos) word.remove_prefix(open + 1);
  return word;
}

// The first line of "Require stack:\n- /var/task/a.js", or "imported from /var/task/a.js".
std::string node_importer(std::string_view rest) {
  rest = rest.substr(0, kLongestName);
  for (const std::string_view words : {"imported from ", "Require stack:\n- ", "Require stack:\\n- "}) {
    const std::size_t at = rest.find(words);
    if (at != std::string_view::npos) return in_package(until(rest.substr(at + words.size()), kSpace));
  }
  return {};
}

// "/lib64/libc.so.6: version `GLIBC_2.38' not found (required by /var/task/lib/libx.so)"
std::optional<Complaint> read_version(std::string_view text, std::size_t at) {
  constexpr std::string_view kVersion = ": version `", kRequired = "(required by ";
  const std::string_view rest = text.substr(at + kVersion.size());
  const std::string_view name = until(rest, kQuotes);
  const std::string_view tail = rest.substr(name.size(), kLongestName);
  if (tail.find("not found") > 16) return std::nullopt;
  Complaint complaint{Sought::symbol_version, std::string(name), {}, std::string(word_before(text, at))};
  if (const std::size_t by = tail.find(kRequired); by != std::string_view::npos)
    complaint.by = in_package(until(tail.substr(by + kRequired.size()), ")\n"));
  return complaint;
}

// "cannot import name 'x' from 'a.b' (/var/task/a/b.py)": a module a.b.x, or a name that a.b would define.
std::optional<Complaint> read_import_name(std::string_view text, std::size_t at) {
  constexpr std::string_view kImport = "cannot import name '", kFrom = "' from '";
  const std::string_view rest = text.substr(at + kImport.size());
  const std::string_view name = until(rest, kQuotes);
  const std::string_view tail = rest.substr(name.size());
  if (!tail.starts_with(kFrom)) return std::nullopt;
  const std::string_view module = until(tail.substr(kFrom.size()), kQuotes);
  return Complaint{Sought::python_module, std::string(module) + "." + std::string(name), {}, {}};
}

struct Found {
  std::size_t at = 0;
  Complaint complaint;
};

void add(std::vector<Found>& found, std::size_t at, Complaint complaint) {
  if (complaint.name.empty() || complaint.name.size() > kLongestName || found.size() >= 10 * kComplaints) return;
  found.push_back({at, std::move(complaint)});
}

template <class Function>
void for_each(std::string_view text, std::string_view words, Function&& found_at) {
  for (std::size_t at = text.find(words); at != std::string_view::npos; at = text.find(words, at + words.size()))
    found_at(at);
}

Complaint complaint_of(const Words& words, std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at + words.before.size());
  const std::string_view name = until(rest, words.after);
  Complaint complaint{words.sought, in_package(name), {}, {}};
  if (words.sought == Sought::npm_package) {
    complaint.by = node_importer(rest.substr(name.size()));
    // As ES modules are reported, and a package's missing main file: resolved already.
    if (name.starts_with('/')) complaint.sought = Sought::file;
  }
  return complaint;
}

// System.loadLibrary("x") looks for libx.so, and so does JNA.
std::string library_name(std::string_view name) {
  const bool is_path = name.find('/') != std::string_view::npos;
  if (is_path || name.find(".so") != std::string_view::npos) return in_package(name);
  return "lib" + std::string(name) + ".so";
}

}  // namespace

std::vector<Complaint> read_error_text(std::string_view text) {
  std::vector<Found> found;
  for (const Words& words : kBefore) {
    for_each(text, words.before, [&](std::size_t at) {
      Complaint complaint = complaint_of(words, text, at);
      if (complaint.sought == Sought::library) complaint.name = library_name(complaint.name);
      add(found, at, std::move(complaint));
    });
  }
  for (const Words& words : kAfter) {
    for_each(text, words.before, [&](std::size_t at) {
      const std::string_view name = word_before(text, at);
      if (!name.empty())
        add(found, at, {words.sought, words.sought == Sought::library ? library_name(name) : in_package(name), {}, {}});
    });
  }
  for_each(text, ": version `", [&](std::size_t at) {
    if (auto complaint = read_version(text, at)) add(found, at, std::move(*complaint));
  });
  for_each(text, "cannot import name '", [&](std::size_t at) {
    if (auto complaint = read_import_name(text, at)) add(found, at, std::move(*complaint));
  });
  std::ranges::sort(found, [](const Found& a, const Found& b) {
    return std::tie(a.at, a.complaint.name) < std::tie(b.at, b.complaint.name);
  });
  std::vector<Complaint> complaints;
  for (Found& each : found) {
    if (complaints.size() == kComplaints) break;
    if (std::ranges::find(complaints, each.complaint) == complaints.end())
      complaints.push_back(std::move(each.complaint));
  }
  return complaints;
}

}  // namespace lambdapack
