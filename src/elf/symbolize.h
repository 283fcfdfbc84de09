// Addresses in a file to functions and source lines, from its debug information and symbol table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/limited_child.h"
#include "base/result.h"
#include "elf/elf_info.h"

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

// What reading a debug file of this many bytes may cost. Measured on real ones (docs/decisions/0019), with a wide
// margin: none needs a tenth of it.
ChildLimits symbolizer_limits(std::uint64_t file_size);

// The debug information is read in a child process, which starts with the first question and again after a crash. The
// file may be anything: at worst there are no answers, and the error's message says what the reader did.
class Symbolizer {
 public:
  // file: an ELF file with debug information, or a separate debug file; it must outlive the Symbolizer. Errors: no ELF
  // file.
  static Result<Symbolizer> open(const std::string& name, Bytes file);
  static Result<Symbolizer> open(const std::string& name, Bytes file, const ChildLimits& limits);

  // Innermost first: what was inlined, then the function that it is in. address: as linked (a symbol's value). Empty
  // when the file says nothing about it.
  Result<std::vector<SourceFrame>> frames(std::uint64_t address);

  // Value of a function symbol by its linkage name.
  Result<std::optional<std::uint64_t>> address_of(const std::string& symbol);

  // Lowest address that is mapped, of PT_LOAD; and the first executable range.
  std::uint64_t lowest_address() const;
  std::optional<AddressRange> code() const;
  bool has_entry() const;  // it names an address to begin at, as programs do; debug files keep that

  // Ends the child process, if there is one, until the next question.
  void rest() { child_.reset(); }
  bool resting() const { return !child_; }
  // What the reader did to be given up or to lose an answer; empty when all went well.
  const std::string& trouble() const { return trouble_; }

 private:
  Symbolizer(std::string name, Bytes file, const ChildLimits& limits);
  Result<void> wake();
  Result<std::vector<std::uint8_t>> ask(std::vector<std::uint8_t> question);
  std::unexpected<Error> note(const std::string& what);

  std::string name_;
  Bytes file_;
  ElfInfo info_;
  ChildLimits limits_;
  std::optional<LimitedChild> child_;
  std::string trouble_;
  int crashes_ = 0;
  bool given_up_ = false;
};

}  // namespace lambdapack
