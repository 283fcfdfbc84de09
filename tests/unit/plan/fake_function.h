// A function package built in memory: files with ELF facts given by hand, so that a stage is tested without a compiler.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "links/link_graph.h"
#include "plan/check_package.h"
#include "plan/plan.h"
#include "plan/reach.h"
#include "support/symbol_elf.h"

namespace lambdapack::test {

inline ElfInfo library(std::string soname, std::vector<std::string> needed = {}) {
  ElfInfo elf;
  elf.machine = kMachineX86_64;
  elf.type = ElfType::shared;
  elf.soname = std::move(soname);
  elf.needed = std::move(needed);
  elf.has_dynamic = true;
  elf.symtab_bytes = 100;
  return elf;
}

inline ElfInfo executable(std::vector<std::string> needed = {}) {
  ElfInfo elf = library("", std::move(needed));
  elf.pie = true;
  elf.interpreter = "/lib64/ld-linux-x86-64.so.2";
  return elf;
}

class FakeFunction {
 public:
  FakeFunction() {
    target.runtime.id = "provided.test";
    target.runtime.family = "provided";
    target.runtime.os = "al2023";
    target.runtime.loader = "/lib64/ld-linux-x86-64.so.2";
    target.runtime.library_path = {"/lib64", "/var/task", "/var/task/lib", "/opt/lib"};
    target.runtime.program_path = {"/usr/bin"};
    target.runtime.programs = {"/bin/sh", "/usr/bin/bash", "/usr/bin/env"};
    target.runtime.libraries["/lib64"] = {"libc.so.6", "libz.so.1"};
    target.runtime.ceilings = {{"GLIBC", "2.34", "2.34", "test"}, {"GLIBCXX", "3.4.33", "3.4.29", "test"}};
  }

  FakeFunction& text(std::string path, std::string text, std::uint32_t mode = 0644) {
    PackageFile file;
    file.path = std::move(path);
    file.mode = mode;
    file.content = Content::from_text(text);
    FileRecord record;
    if (text.starts_with("#!")) {
      record.type = FileType::script;
      record.shebang = text.substr(2, text.find('\n') - 2);
    }
    return add(std::move(file), std::move(record));
  }

  // body: what the loader maps of it, as one PT_LOAD over the whole file.
  FakeFunction& elf(std::string path, ElfInfo elf, std::string body = "", std::uint32_t mode = 0755) {
    PackageFile file;
    file.path = std::move(path);
    file.mode = mode;
    body =
        "\x7f"
        "ELF" +
        body;
    elf.file_size = body.size() + 100'000;  // so that stripping would pay
    elf.sections = {{".text", 1, 2, 0, 1, 1}, {".symtab", 2, 0, body.size(), elf.symtab_bytes, 8}};
    elf.segments.push_back({1, 5, 0, 0, body.size(), body.size(), 4096});
    file.content = Content::from_text(body);
    FileRecord record;
    record.type = FileType::elf;
    record.elf = std::move(elf);
    return add(std::move(file), std::move(record));
  }

  // A real file, of nothing but dynamic symbols.
  FakeFunction& symbols(std::string path, const LibrarySpec& spec) {
    PackageFile file;
    file.path = std::move(path);
    file.mode = 0755;
    file.content = Content::from_bytes(symbol_elf(spec));
    FileRecord record;
    record.type = FileType::elf;
    record.elf = read_elf(*file.content.read());
    return add(std::move(file), std::move(record));
  }

  FakeFunction& link(std::string path, std::string destination) {
    PackageFile file;
    file.path = std::move(path);
    file.kind = FileKind::symlink;
    file.link_target = std::move(destination);
    FileRecord record;
    record.type = FileType::symlink;
    return add(std::move(file), std::move(record));
  }

  FakeFunction& other(std::string path, FileType type, std::string body) {
    PackageFile file;
    file.path = std::move(path);
    file.content = Content::from_text(body);
    FileRecord record;
    record.type = type;
    return add(std::move(file), std::move(record));
  }

  // Files are added in any order; call once all are there.
  FakeFunction& done() {
    std::vector<std::pair<PackageFile, FileRecord>> files;
    for (std::size_t i = 0; i < package.files.size(); ++i)
      files.emplace_back(std::move(package.files[i]), std::move(inventory.files[i]));
    std::ranges::sort(files, {}, [](const auto& f) { return f.first.path; });
    package.files.clear();
    inventory.files.clear();
    for (auto& [file, record] : files) {
      package.files.push_back(std::move(file));
      inventory.files.push_back(std::move(record));
    }
    languages.distribution_of.resize(package.files.size());
    languages.node_package_of.resize(package.files.size());
    links = resolve_links(package, inventory, lambda_profile(target.runtime, env), Mount{});
    return *this;
  }

  // Gives all files below a folder to an npm package.
  FakeFunction& own(NodePackage npm) {
    for (std::size_t i = 0; i < package.files.size(); ++i) {
      if (!package.files[i].path.starts_with(npm.folder + "/")) continue;
      npm.files.push_back(i);
      languages.node_package_of[i] = languages.node_packages.size();
    }
    languages.node_packages.push_back(std::move(npm));
    return *this;
  }

  std::size_t at(std::string_view path) const {
    for (std::size_t i = 0; i < package.files.size(); ++i) {
      if (package.files[i].path == path) return i;
    }
    return package.files.size();
  }

  Reach reach() const {
    auto result = find_reachable({package, inventory, languages, links, target, rules, options.keep, env}, 2);
    return result ? *std::move(result) : Reach{};
  }

  Plan plan() const {
    const Reach reached = reach();
    auto result = make_plan({package,
                             inventory,
                             languages,
                             links,
                             reached,
                             target,
                             rules,
                             sdk_sets,
                             {},
                             runtime_copies,
                             proposed,
                             rewrites},
                            options);
    return result ? *std::move(result) : Plan{};
  }

  Decision decision(std::string_view path) const { return plan().decisions.at(at(path)); }

  std::vector<Finding> findings(std::string today = "2026-01-01") const {
    const Reach reached = reach();
    return check_package({package, inventory, languages, links, reached, target, rules, layers_bytes, false, zip_bytes,
                          std::move(today)});
  }

  // The finding with this code, or one whose code is "none".
  Finding finding(std::string_view code, std::string today = "2026-01-01") const {
    for (const Finding& found : findings(std::move(today))) {
      if (found.code == code) return found;
    }
    return {"none", Severity::info, {}, {}, {}, {}};
  }

  Package package;
  Inventory inventory;
  LanguageView languages;
  LinkGraph links;
  FunctionTarget target;
  Rules rules;
  PlanOptions options;
  std::vector<SdkSet> sdk_sets;
  std::vector<RuntimeCopy> runtime_copies;
  std::vector<ProposedDrop> proposed;
  std::vector<ProposedRewrite> rewrites;
  std::map<std::string, std::string> env;
  std::uint64_t layers_bytes = 0, zip_bytes = 0;

 private:
  FakeFunction& add(PackageFile file, FileRecord record) {
    package.files.push_back(std::move(file));
    inventory.files.push_back(std::move(record));
    return *this;
  }
};

inline Rule opener_rule(std::string id, std::vector<std::string> paths, std::vector<std::string> opens) {
  Rule rule;
  rule.id = std::move(id);
  rule.kind = RuleKind::opener;
  rule.paths = std::move(paths);
  rule.opens = std::move(opens);
  return rule;
}

}  // namespace lambdapack::test
