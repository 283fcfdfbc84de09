// What one ELF file says of itself: all that the loader, the checks and the report need, and nothing of LLVM.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lambdapack {

// e_machine values with a name of their own (ELF gABI); any other number is kept as it is.
inline constexpr std::uint16_t kMachine386 = 3;
inline constexpr std::uint16_t kMachineArm = 40;
inline constexpr std::uint16_t kMachineX86_64 = 62;
inline constexpr std::uint16_t kMachineAArch64 = 183;

std::string machine_name(std::uint16_t machine);  // "x86-64", "arm64 (aarch64)", "machine 243"

enum class ElfType { none, relocatable, executable, shared, core, other };  // e_type; a PIE is `shared` with `pie`

struct ElfSection {
  std::string name;
  std::uint32_t type = 0;   // sh_type
  std::uint64_t flags = 0;  // sh_flags
  std::uint64_t offset = 0, size = 0, alignment = 0;
};

struct ElfSegment {
  std::uint32_t type = 0;   // p_type
  std::uint32_t flags = 0;  // p_flags
  std::uint64_t offset = 0, address = 0, file_size = 0, memory_size = 0, alignment = 0;
};

// One Vernaux: the file needs `version` (e.g. "GLIBC_2.34") of the library with soname `library`.
struct VersionNeed {
  std::string library, version;
  bool weak = false;  // VER_FLG_WEAK: the loader only warns when it is missing
  auto operator<=>(const VersionNeed&) const = default;
};

struct DlopenNote {  // .note.dlopen, uapi-group ELF dlopen metadata
  std::vector<std::string> sonames;
  std::string feature, priority;  // priority: "required", "recommended", "suggested"
};

// Code that some of Lambda's processors cannot run; what counts and how it is found: elf/find_above_baseline.h.
struct AboveBaseline {
  std::string feature;   // "AVX-512", "SVE"
  std::string function;  // one of the functions: an exported name, or "the function at 0x1234"
  std::string at_load;   // what runs it whenever the file is loaded or started: "PyInit__x"; empty: nothing known
  // Of the functions that were read, evenly spread over the file, and only one when it `chooses`: all; those with such
  // code; those with any floating-point or vector code; those with SSE code from before AVX, which a build for newer
  // x86-64 processors lacks.
  std::size_t read = 0, above = 0, vector = 0, sse = 0;
  bool chooses = false;  // the file asks what the processor can do, so it may well run the code only where it can
  auto operator<=>(const AboveBaseline&) const = default;
};

// Something in the file that contradicts the ELF format or that the loader would refuse.
struct ElfProblem {
  std::string code;  // "elf-truncated", "elf-bad-dynamic", "elf-misaligned-segment", …
  std::string message;
  bool fatal = false;  // ld.so refuses to map it
  auto operator<=>(const ElfProblem&) const = default;
};

struct ElfInfo {
  bool is64 = true, little_endian = true;
  std::uint16_t machine = 0;
  ElfType type = ElfType::none;
  std::uint8_t os_abi = 0;
  std::string interpreter;  // PT_INTERP
  std::string soname;
  std::vector<std::string> needed;                // DT_NEEDED, in order
  std::vector<std::string> rpath, runpath;        // split at ":", empty parts kept (they mean the current folder)
  bool has_runpath = false;                       // DT_RUNPATH is there, even when empty: it switches RPATH off
  std::vector<std::string> filters, auxiliaries;  // DT_FILTER, DT_AUXILIARY
  bool nodeflib = false, bind_now = false, pie = false, has_dynamic = false, has_dt_relr = false;
  bool has_init = false;                      // DT_INIT, DT_INIT_ARRAY or DT_FINI*: runs code when loaded
  std::vector<VersionNeed> versions_needed;   // sorted, unique
  std::vector<std::string> versions_defined;  // sorted, without the base version
  std::string build_id;                       // lower-case hex, empty when there is none
  std::vector<ElfSection> sections;
  std::vector<ElfSegment> segments;
  std::uint64_t file_size = 0;
  std::uint64_t program_headers = 0;  // e_phoff
  std::uint64_t debug_bytes = 0;      // .debug_*, .zdebug_*, .gdb_index …: bytes in the file
  bool debug_compressed = false;
  std::uint64_t symtab_bytes = 0;  // .symtab and .strtab
  std::uint64_t trailing_bytes =
      0;  // after the last section, segment and header table (zero padding apart): an appended payload
  std::uint64_t undescribed_bytes = 0;  // not zero, before that end, and in no segment, section or header table
  bool is_static = false;               // a program without interpreter and needed libraries
  bool debug_file = false;              // a separate debug file: its code was taken out, no loader takes it
  bool is_go = false, is_rust = false;  // build info sections / notes, .dep-v0, compiler marks
  bool calls_dlopen = false;            // imports dlopen or what passes names on to it (opener_calls)
  // Exported names that plugin loaders look up (PyInit_*, JNI_OnLoad, …), and napi_module_register or
  // node_module_register when imported; sorted, at most 16.
  std::vector<std::string> entry_points;
  std::vector<std::string>
      undefined_symbols;  // of .dynsym, only those with a version: "memcpy@GLIBC_2.14", sorted, unique
  std::vector<DlopenNote> dlopen_notes;
  std::vector<std::string> node_api;    // imported napi_* and node_api_*, sorted, at most 512
  std::vector<int> node_versions;       // NODE_MODULE_VERSION of the addons it registers, sorted, unique
  std::uint32_t x86_levels_needed = 0;  // GNU_PROPERTY_X86_ISA_1_NEEDED: bit 0 baseline, 1 x86-64-v2, … 3 -v4
  std::string go_level;                 // GOAMD64 or GOARM64 of a Go program: "v4"; empty when not said
  bool asks_processor = false;          // imports what tells the processor's features, or has indirect functions
  std::optional<AboveBaseline> above_baseline;
  std::vector<ElfProblem> problems;  // sorted; empty for a sound file

  bool stripped() const { return symtab_bytes == 0 && debug_bytes == 0; }
  bool is_executable() const { return type == ElfType::executable || pie; }
};

}  // namespace lambdapack
