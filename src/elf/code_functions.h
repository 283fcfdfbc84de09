// Where functions begin and end, in a file that may be stripped: what exception handling keeps of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "elf/elf_layout.h"
#include "elf/read_dynamic.h"

namespace lambdapack {

struct CodeFunction {
  std::uint64_t address = 0, size = 0;
  auto operator<=>(const CodeFunction&) const = default;
};

// Of .eh_frame_hdr, or of the dynamic symbols in a file without; in the order of their addresses. Entries are read when
// they are asked for.
class CodeFunctions {
 public:
  CodeFunctions(const ElfLayout& layout, const StartupTables& tables);

  std::size_t size() const { return count_ > 0 ? count_ : exported_.size(); }
  CodeFunction operator[](std::size_t index) const;  // size 0: the table and the frame description disagree
  std::optional<CodeFunction> at(std::uint64_t address) const;

 private:
  const ElfLayout* layout_;
  std::uint64_t header_address_ = 0;
  ElfReader header_;
  std::size_t count_ = 0;
  std::vector<CodeFunction> exported_;
};

struct StartupFunction {
  std::uint64_t address = 0;
  std::string name;  // "PyInit__x", "a constructor", "main"
};

// What runs whenever the file is loaded or started: DT_INIT, DT_INIT_ARRAY, main, and what an interpreter calls right
// after loading it (PyInit_, JNI_OnLoad, napi_register_module). In this order; at most 256.
std::vector<StartupFunction> startup_functions(const ElfLayout& layout, const StartupTables& tables);

// Whether the loader asks the file itself which code to use: R_*_IRELATIVE among the relocations.
bool has_indirect_functions(const ElfLayout& layout, const StartupTables& tables);

}  // namespace lambdapack
