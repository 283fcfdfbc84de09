// Addresses in a file to functions and source lines, from its debug information and symbol table.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace lambdapack {

struct SourceFrame {
  std::string function;                // demangled (C++, Rust, D); empty when unknown
  std::string file;                    // as the compiler wrote it; empty when unknown
  std::uint32_t line = 0, column = 0;  // from 1; 0: unknown
};

// A range of addresses of the program, as it was linked.
struct AddressRange {
  std::uint64_t start = 0, size = 0;
};

class Symbolizer {
 public:
  // file: an ELF file with debug information, or a separate debug file; copied when it lies at an odd address, else it
  // must outlive the Symbolizer. Errors: no ELF file that LLVM can read.
  static Result<Symbolizer> open(const std::string& name, Bytes file);
  Symbolizer(Symbolizer&&) noexcept;
  ~Symbolizer();

  // Innermost first: what was inlined, then the function that it is in. address: as linked (a symbol's value). Empty
  // when the file says nothing about it.
  std::vector<SourceFrame> frames(std::uint64_t address) const;

  // Value of a function symbol by its linkage name.
  std::optional<std::uint64_t> address_of(const std::string& symbol) const;

  // Lowest address that is mapped, of PT_LOAD; and the first executable range.
  std::uint64_t lowest_address() const;
  std::optional<AddressRange> code() const;

 private:
  struct State;
  explicit Symbolizer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lambdapack
