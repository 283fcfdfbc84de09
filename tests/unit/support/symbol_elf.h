// Shared libraries in memory that consist of nothing but dynamic symbols: for tests of what is bound to what.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "elf/read_elf.h"
#include "elf/symbol_table.h"

namespace lambdapack::test {

struct SymbolSpec {
  std::string name;
  std::string version = {};  // of its own, or needed of `library`
  std::string library = {};  // undefined symbols only
  bool defined = true;
  std::uint8_t binding = kBindingGlobal, type = 2 /* STT_FUNC */, visibility = 0;
  bool hidden = false;           // not the default version
  std::uint32_t relocation = 0;  // R_X86_64_*: 0 none, 1 64, 5 COPY, 7 JUMP_SLOT
};

inline SymbolSpec calls(std::string name, std::string version = {}, std::string library = {}) {
  return {.name = std::move(name),
          .version = std::move(version),
          .library = std::move(library),
          .defined = false,
          .relocation = 7};
}
inline SymbolSpec points_to(std::string name) {
  return {.name = std::move(name), .defined = false, .relocation = 1};
}
inline SymbolSpec defines(std::string name, std::string version = {}) {
  return {.name = std::move(name), .version = std::move(version)};
}

struct LibrarySpec {
  std::string soname;
  std::vector<std::string> needed = {};
  std::vector<SymbolSpec> symbols = {};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> dynamic = {};  // more entries
  bool sysv_hash = false;
  std::string interpreter = {};  // a program
  bool executable_stack = false;
};

class SymbolElf {
 public:
  explicit SymbolElf(const LibrarySpec& spec) : spec_(spec) {
    number_versions();
    lay_out();
  }
  std::vector<std::uint8_t> bytes() const { return file_; }

 private:
  template <class T>
  void put(std::size_t at, T value) {
    if (file_.size() < at + sizeof(T)) file_.resize(at + sizeof(T));
    std::memcpy(file_.data() + at, &value, sizeof(T));
  }
  template <class T>
  void add(T value) {
    put(file_.size(), value);
  }
  std::uint32_t text(const std::string& value) {
    if (value.empty()) return 0;
    const auto [known, added] = texts_.try_emplace(value, static_cast<std::uint32_t>(strings_.size()));
    if (added) strings_ += value + '\0';
    return known->second;
  }
  void number_versions() {
    for (const SymbolSpec& symbol : spec_.symbols)
      if (!symbol.version.empty() && symbol.defined) versions_.try_emplace({symbol.version, {}}, versions_.size() + 2);
    for (const SymbolSpec& symbol : spec_.symbols)
      if (!symbol.version.empty() && !symbol.defined)
        versions_.try_emplace({symbol.version, symbol.library}, versions_.size() + 2);
  }
  void start(std::uint64_t tag) {
    file_.resize((file_.size() + 7) & ~std::size_t{7});
    dynamic_.emplace_back(tag, file_.size());
  }

  void lay_out() {
    // Undefined ones first: only what follows is hashed.
    std::vector<SymbolSpec> in_order, defined;
    for (const SymbolSpec& symbol : spec_.symbols) (symbol.defined ? defined : in_order).push_back(symbol);
    const auto undefined = static_cast<std::uint32_t>(in_order.size() + 1);
    in_order.insert(in_order.end(), defined.begin(), defined.end());
    spec_.symbols = std::move(in_order);
    file_.resize(64 + 4 * 56);
    if (!spec_.interpreter.empty()) {
      interpreter_ = file_.size();
      for (const char c : spec_.interpreter + '\0') add(static_cast<std::uint8_t>(c));
    }
    write_symbols();
    write_hash(undefined);
    write_versions();
    write_relocations();
    for (const std::string& name : spec_.needed) dynamic_.emplace_back(1, text(name));
    if (!spec_.soname.empty()) dynamic_.emplace_back(14, text(spec_.soname));
    start(5);
    for (const char c : strings_) add(static_cast<std::uint8_t>(c));
    dynamic_.emplace_back(10, strings_.size());
    dynamic_.insert(dynamic_.end(), spec_.dynamic.begin(), spec_.dynamic.end());
    file_.resize((file_.size() + 7) & ~std::size_t{7});
    const std::size_t at = file_.size();
    for (const auto& [tag, value] : dynamic_) add(tag), add(value);
    add(std::uint64_t{0}), add(std::uint64_t{0});
    write_headers(at);
  }

  void write_symbols() {
    start(6);
    file_.resize(file_.size() + 24);
    for (const SymbolSpec& symbol : spec_.symbols) {
      add(text(symbol.name));
      add(static_cast<std::uint8_t>(symbol.binding << 4 | symbol.type));
      add(symbol.visibility);
      add(static_cast<std::uint16_t>(symbol.defined ? 1 : 0));
      add(std::uint64_t{symbol.defined ? 0x1000U : 0U});
      add(std::uint64_t{0});
    }
  }

  void write_hash(std::uint32_t undefined) {
    const auto count = static_cast<std::uint32_t>(spec_.symbols.size() + 1);
    if (spec_.sysv_hash) {
      start(4);
      add(std::uint32_t{1}), add(count), add(std::uint32_t{count > 1 ? 1U : 0U});
      for (std::uint32_t i = 0; i < count; ++i) add(std::uint32_t{i + 1 < count && i > 0 ? i + 1 : 0});
      return;
    }
    start(0x6ffffef5);
    add(std::uint32_t{1}), add(undefined), add(std::uint32_t{1}), add(std::uint32_t{6});
    add(~std::uint64_t{0});  // a bloom filter that lets everything through
    add(std::uint32_t{undefined < count ? undefined : 0});
    for (std::uint32_t i = undefined; i < count; ++i)
      add(std::uint32_t{SymbolTable::hash(spec_.symbols[i - 1].name) << 1 | (i + 1 == count ? 1U : 0U)});
  }

  void write_versions() {
    if (versions_.empty()) return;
    start(0x6ffffff0);
    add(std::uint16_t{0});
    for (const SymbolSpec& symbol : spec_.symbols) {
      std::uint16_t index = 1;
      if (!symbol.version.empty())
        index = static_cast<std::uint16_t>(versions_.at({symbol.version, symbol.defined ? "" : symbol.library}));
      add(static_cast<std::uint16_t>(index | (symbol.hidden ? 0x8000 : 0)));
    }
    std::vector<std::pair<std::string, std::size_t>> own;
    std::map<std::string, std::vector<std::pair<std::string, std::size_t>>> needed;
    for (const auto& [version, index] : versions_)
      version.second.empty() ? own.emplace_back(version.first, index)
                             : needed[version.second].emplace_back(version.first, index);
    if (!own.empty()) {
      start(0x6ffffffc);
      dynamic_.emplace_back(0x6ffffffd, own.size());
      for (std::size_t i = 0; i < own.size(); ++i) {
        add(std::uint16_t{1}), add(std::uint16_t{0}), add(static_cast<std::uint16_t>(own[i].second)),
            add(std::uint16_t{1});
        add(std::uint32_t{0}), add(std::uint32_t{20}), add(std::uint32_t{i + 1 < own.size() ? 28U : 0U});
        add(text(own[i].first)), add(std::uint32_t{0});
      }
    }
    if (needed.empty()) return;
    start(0x6ffffffe);
    dynamic_.emplace_back(0x6fffffff, needed.size());
    std::size_t left = needed.size();
    for (const auto& [library, names] : needed) {
      add(std::uint16_t{1}), add(static_cast<std::uint16_t>(names.size())), add(text(library)), add(std::uint32_t{16});
      add(static_cast<std::uint32_t>(--left == 0 ? 0 : 16 + 16 * names.size()));
      for (std::size_t i = 0; i < names.size(); ++i) {
        add(std::uint32_t{0}), add(std::uint16_t{0}), add(static_cast<std::uint16_t>(names[i].second));
        add(text(names[i].first)), add(std::uint32_t{i + 1 < names.size() ? 16U : 0U});
      }
    }
  }

  void write_relocations() {
    for (const bool slots : {false, true}) {
      start(slots ? 23 : 7);
      const std::size_t before = file_.size();
      for (std::uint64_t i = 0; i < spec_.symbols.size(); ++i) {
        const std::uint64_t type = spec_.symbols[i].relocation;
        if (type == 0 || (type == 7) != slots) continue;
        add(std::uint64_t{0x2000}), add((i + 1) << 32 | type), add(std::uint64_t{0});
      }
      dynamic_.emplace_back(slots ? 2 : 8, file_.size() - before);
    }
  }

  void write_headers(std::size_t dynamic_at) {
    const unsigned char ident[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    std::memcpy(file_.data(), ident, sizeof ident);
    put<std::uint16_t>(16, 3), put<std::uint16_t>(18, 62), put<std::uint32_t>(20, 1);
    put<std::uint64_t>(32, 64), put<std::uint16_t>(52, 64), put<std::uint16_t>(54, 56);
    put<std::uint16_t>(56, spec_.interpreter.empty() ? 3 : 4);
    const auto segment = [&](std::size_t i, std::uint32_t type, std::uint64_t offset, std::uint64_t size) {
      const std::size_t at = 64 + 56 * i;
      put(at, type), put<std::uint32_t>(at + 4, 5);
      for (const std::size_t field : {8, 16, 24}) put(at + field, offset);
      for (const std::size_t field : {32, 40}) put(at + field, size);
      put<std::uint64_t>(at + 48, type == 1 ? 0x1000 : 8);
    };
    segment(0, 1, 0, file_.size());
    segment(1, 2, dynamic_at, file_.size() - dynamic_at);
    segment(2, 0x6474e551, 0, 0);  // PT_GNU_STACK
    put<std::uint32_t>(64 + 56 * 2 + 4, spec_.executable_stack ? 7 : 6);
    if (!spec_.interpreter.empty()) segment(3, 3, interpreter_, spec_.interpreter.size() + 1);
  }

  LibrarySpec spec_;
  std::vector<std::uint8_t> file_;
  std::string strings_ = std::string(1, '\0');
  std::map<std::string, std::uint32_t> texts_;
  std::map<std::pair<std::string, std::string>, std::size_t> versions_;  // (name, library) -> index
  std::vector<std::pair<std::uint64_t, std::uint64_t>> dynamic_;
  std::size_t interpreter_ = 0;
};

inline std::vector<std::uint8_t> symbol_elf(const LibrarySpec& spec) {
  return SymbolElf(spec).bytes();
}

}  // namespace lambdapack::test
