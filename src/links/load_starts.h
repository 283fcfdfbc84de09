// Which files take part in loads at all, and whose process libraries are opened in.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "elf/inventory.h"
#include "links/file_view.h"
#include "links/loader_profile.h"

namespace lambdapack {

// Indices of the ELF files.
std::vector<std::size_t> find_elf_files(const Inventory& inventory);

// Whether the profile's loader maps such a file and asks for what it needs.
bool has_edges(const FileRecord& record, const LoaderProfile& profile);

// The package's program that is the runtime's process, when it is an ELF file.
std::optional<std::size_t> find_host(const Inventory& inventory, const LoaderProfile& profile, const FileView& files);

}  // namespace lambdapack
