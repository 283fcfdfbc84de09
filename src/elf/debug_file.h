// What strip took out of a file, as a separate debug file: gdb, debuginfod and symbolizers put the two together again
// by their build id.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "elf/elf_info.h"

namespace lambdapack {

// Whether `after`, the stripped file, lacks debug info or symbols that `before` had.
bool lost_debug_info(const ElfInfo& before, const ElfInfo& after);

struct DebugFileOutcome {
  std::vector<std::uint8_t> bytes;  // the debug file; empty: the whole original must serve as one
  std::string reason;               // then why: "is malformed: …"; empty when it is just not longer
};

// Makes the file that `objcopy --only-keep-debug` makes: section headers as in the original, symbols, debug info and
// notes with their bytes, loaded code and data without. Proven before it counts: same build id, same sections, the
// bytes of all that debuggers read equal. Debuggers take the whole original just as well, so that is what remains when
// the proof fails. Never throws; needs as much memory as the result has bytes.
DebugFileOutcome make_debug_file(Bytes original, const ElfInfo& info);

// What decides the name of a debug file. Hashes are SHA-256 in lower-case hex.
struct DebugIdentity {
  std::string build_id;         // lower-case hex, may be empty
  std::string sha256;           // of the stripped file
  std::string original_sha256;  // of the file that was stripped
};

// Per file its name in a bundle: ".build-id/ab/cdef.debug", where gdb and debuginfod look, for the first file with a
// build id, and "by-sha256/<sha256>.debug" for one that has none, or the build id of another original. Two files with
// the same original share a name; no others do.
std::vector<std::string> debug_file_names(std::span<const DebugIdentity> files);

}  // namespace lambdapack
