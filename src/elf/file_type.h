// What a file is, by its first bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "elf/inventory.h"

namespace lambdapack {

// As much of a "#!" line as the kernel looks at (BINPRM_BUF_SIZE); enough for every magic number.
inline constexpr std::size_t kHeadBytes = 256;

// head is the file's start, up to kHeadBytes. `pe` is only likely: check that "PE\0\0" is at pe_header_offset(head).
FileType file_type(Bytes head);

// Where an MZ file says its PE header is.
std::uint64_t pe_header_offset(Bytes head);

// The first line without "#!", with its "\r" if it has one; cut at the end of head.
std::string shebang(Bytes head);

// "libfoo.so", "libfoo.so.1.2.3", "addon.node": what a loader would be given.
bool has_library_name(std::string_view path);

// The destination when a file's whole text is the name of a library, perhaps with folders before it and a line end
// behind: what a symlink becomes in git on Windows and in archives without links. Else empty.
std::string_view link_text(std::string_view text);

// The text that stands for a library at link time: libc.so, libpthread.so, libgcc_s.so of many distributions.
bool is_linker_script(std::string_view head);

}  // namespace lambdapack
