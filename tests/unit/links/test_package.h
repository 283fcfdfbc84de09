// Packages made in memory for the tests of links/: ELF files are given by what they say, and edges are read as text.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "links/link_graph.h"

namespace lambdapack {

// A sound shared library for x86-64; tests change what they are about.
inline ElfInfo library(std::vector<std::string> needed = {}) {
  ElfInfo elf;
  elf.machine = kMachineX86_64;
  elf.type = ElfType::shared;
  elf.has_dynamic = true;
  elf.file_size = 4096;
  elf.needed = std::move(needed);
  return elf;
}

inline ElfInfo with_rpath(ElfInfo elf, std::vector<std::string> rpath) {
  elf.rpath = std::move(rpath);
  return elf;
}

inline ElfInfo with_runpath(ElfInfo elf, std::vector<std::string> runpath) {
  elf.runpath = std::move(runpath);
  elf.has_runpath = true;
  return elf;
}

inline ElfInfo with_soname(ElfInfo elf, std::string soname) {
  elf.soname = std::move(soname);
  return elf;
}

inline ElfInfo for_machine(ElfInfo elf, std::uint16_t machine) {
  elf.machine = machine;
  return elf;
}

inline ElfInfo program(std::vector<std::string> needed) {
  ElfInfo elf = library(std::move(needed));
  elf.pie = true;
  elf.interpreter = "/lib64/ld-linux-x86-64.so.2";
  return elf;
}

class TestPackage {
 public:
  TestPackage& elf(std::string path, ElfInfo info) {
    return add(std::move(path), FileKind::regular, {}, {FileType::elf, std::move(info), {}});
  }
  TestPackage& text(std::string path) { return add(std::move(path), FileKind::regular, {}, {}); }
  TestPackage& link(std::string path, std::string target) {
    return add(std::move(path), FileKind::symlink, std::move(target), {FileType::symlink, {}, {}});
  }
  TestPackage& folder(std::string path) {
    return add(std::move(path), FileKind::directory, {}, {FileType::directory, {}, {}});
  }

  // Lambda's shape with little in it; tests add to it.
  LoaderProfile profile = [] {
    LoaderProfile lambda;
    lambda.machine = kMachineX86_64;
    lambda.loader = "/lib64/ld-linux-x86-64.so.2";
    lambda.hwcaps = {"glibc-hwcaps/x86-64-v3", "glibc-hwcaps/x86-64-v2"};
    lambda.library_path = {"/var/lang/lib", "/lib64", "/usr/lib64", "/var/task", "/var/task/lib", "/opt/lib"};
    lambda.default_path = {"/lib64", "/usr/lib64"};
    lambda.outside["/lib64"] = lambda.outside["/usr/lib64"] = {"libc.so.6", "libm.so.6", "libz.so.1"};
    lambda.outside["/var/lang/lib"] = {"libpython3.12.so.1.0"};
    return lambda;
  }();
  Mount mount;

  LinkGraph graph() const { return resolve_links(package(), inventory(), profile, mount); }

  Package package() const {
    Package result;
    for (const Entry& entry : sorted()) result.files.push_back(entry.file);
    return result;
  }
  Inventory inventory() const {
    Inventory result;
    for (const Entry& entry : sorted()) result.files.push_back(entry.record);
    return result;
  }
  std::size_t index(std::string_view path) const {
    const auto entries = sorted();
    return static_cast<std::size_t>(
        std::ranges::find(entries, path, [](const Entry& e) -> std::string_view { return e.file.path; }) -
        entries.begin());
  }

  // The edges of a file as "NEEDED STATE WHERE [HOW]": "libz.so.1 shadowed /lib64/libz.so.1 [LD_LIBRARY_PATH] over
  // lib/libz.so.1".
  std::vector<std::string> edges(std::string_view path) const {
    const LinkGraph result = graph();
    std::vector<std::string> lines;
    for (const Edge& edge : edges_of(result, index(path))) lines.push_back(describe(edge));
    return lines;
  }

  std::string describe(const Edge& edge) const {
    const Package files = package();
    std::string line = edge.needed + " " + std::string(to_string(edge.state));
    if (edge.target) line += " " + files.files[*edge.target].path;
    if (!edge.outside.empty()) line += " " + edge.outside;
    if (edge.how != FoundBy::none) line += " [" + std::string(to_string(edge.how)) + "]";
    if (edge.shadows) line += " over " + files.files[*edge.shadows].path;
    for (const std::string& skipped : edge.skipped) line += " past " + skipped;
    return line;
  }

 private:
  struct Entry {
    PackageFile file;
    FileRecord record;
  };

  TestPackage& add(std::string path, FileKind kind, std::string target, FileRecord record) {
    PackageFile file;
    file.path = std::move(path);
    file.kind = kind;
    file.link_target = std::move(target);
    entries_.push_back({std::move(file), std::move(record)});
    return *this;
  }
  std::vector<Entry> sorted() const {
    std::vector<Entry> entries = entries_;
    std::ranges::sort(entries, {}, [](const Entry& e) -> std::string_view { return e.file.path; });
    return entries;
  }

  std::vector<Entry> entries_;
};

using Lines = std::vector<std::string>;

}  // namespace lambdapack

template <>
struct doctest::StringMaker<std::vector<std::string>> {
  static doctest::String convert(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += "\n  " + line;
    return text.c_str();
  }
};
