// Packages built from memory, for tests of the stages: what is in them is said where it is used, no disk is needed.
//
//   const TestPackage made = MakePackage()
//       .file("app.py", "import boto3\n")
//       .elf_for(kMachineAArch64, "lib/libfoo.so.1")
//       .link("lib/libfoo.so", "libfoo.so.1")
//       .make();
//   made.package.files[made.at("app.py")]
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "elf/inventory.h"
#include "package/package.h"

namespace lambdapack::test {

struct TestPackage {
  Package package;
  Inventory inventory;  // parallel to package.files, as take_inventory would have it

  // Index of the file with this path; a test that misspells one stops here.
  std::size_t at(std::string_view path) const {
    for (std::size_t i = 0; i < package.files.size(); ++i)
      if (package.files[i].path == path) return i;
    throw std::out_of_range("no file " + std::string(path) + " in the test's package");
  }

  std::vector<std::string> paths(const std::vector<std::size_t>& files) const {
    std::vector<std::string> paths;
    for (const std::size_t file : files) paths.push_back(package.files[file].path);
    return paths;
  }
};

class MakePackage {
 public:
  MakePackage& file(std::string path, std::string_view text, std::uint32_t mode = 0644) {
    FileRecord record;
    if (text.starts_with("#!")) {
      record.type = FileType::script;
      record.shebang = text.substr(2, text.find('\n') - 2);
    }
    return add({.path = std::move(path), .mode = mode, .link_target = {}, .content = Content::from_text(text)},
               std::move(record));
  }

  // The record is `info`; the content is `bytes`, or something that only begins like an ELF file.
  MakePackage& elf(std::string path, ElfInfo info = {}, std::vector<std::uint8_t> bytes = {0x7F, 'E', 'L', 'F'}) {
    if (info.machine == 0) info.machine = kMachineX86_64;
    if (info.type == ElfType::none) info.type = ElfType::shared;
    if (info.file_size == 0) info.file_size = bytes.size();
    return add(
        {.path = std::move(path), .mode = 0755, .link_target = {}, .content = Content::from_bytes(std::move(bytes))},
        {.type = FileType::elf, .elf = std::move(info), .shebang = {}});
  }

  MakePackage& elf_for(std::uint16_t machine, std::string path) {
    ElfInfo info;
    info.machine = machine;
    return elf(std::move(path), std::move(info));
  }

  MakePackage& link(std::string path, std::string target) {
    return add({.path = std::move(path),
                .kind = FileKind::symlink,
                .mode = 0777,
                .link_target = std::move(target),
                .content = {}},
               {.type = FileType::symlink, .elf = {}, .shebang = {}});
  }

  MakePackage& folder(std::string path) {  // an empty one
    return add({.path = std::move(path), .kind = FileKind::directory, .mode = 0755, .link_target = {}, .content = {}},
               {.type = FileType::directory, .elf = {}, .shebang = {}});
  }

  MakePackage& kind(InputKind kind) {
    kind_ = kind;
    return *this;
  }

  TestPackage make() const {
    auto sorted = files_;
    std::ranges::sort(sorted, {}, [](const auto& entry) -> const std::string& { return entry.first.path; });
    TestPackage made;
    made.package.source = "test";
    made.package.kind = kind_;
    for (auto& [file, record] : sorted) {
      made.package.files.push_back(std::move(file));
      made.inventory.files.push_back(std::move(record));
    }
    return made;
  }

 private:
  MakePackage& add(PackageFile file, FileRecord record) {
    files_.emplace_back(std::move(file), std::move(record));
    return *this;
  }

  InputKind kind_ = InputKind::folder;
  std::vector<std::pair<PackageFile, FileRecord>> files_;
};

}  // namespace lambdapack::test
