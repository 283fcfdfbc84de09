// ELF notes: build id, Go's mark, and the libraries that a file says it opens by itself.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "elf/elf_info.h"
#include "elf/elf_layout.h"

namespace lambdapack {

// Fills in build_id, dlopen_notes and is_go of `info` from PT_NOTE segments and SHT_NOTE sections.
void read_notes(const ElfLayout& layout, ElfInfo& info);

// Damaged notes are bytes like any other: they stay, and nothing else depends on them. Node's single executables have
// them (postject moves the notes into sections of wrong lengths).
bool is_about_notes(const ElfProblem& problem);

// The entries of one .note.dlopen: a JSON array of objects with "soname" (array of strings), "feature", "description"
// and "priority" (uapi-group.org/specifications/specs/elf_dlopen_metadata). Unknown keys are skipped. Nothing when it
// is no such array.
std::optional<std::vector<DlopenNote>> parse_dlopen_note(std::string_view json);

}  // namespace lambdapack
