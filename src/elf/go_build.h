// What Go's linker writes into every program: the version, the module and how it was built (`go version -m`).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "elf/elf_info.h"

namespace lambdapack {

struct GoBuild {
  std::string version;                          // "go1.26.1"
  std::string path;                             // of the main package; empty in what no module build made
  std::string module, module_version;           // "example.com/app", "(devel)" or "v1.2.3"
  std::size_t dependencies = 0;                 // modules beside the main one
  std::map<std::string, std::string> settings;  // "CGO_ENABLED" -> "0", "-ldflags" -> "-s -w", "GOAMD64" -> "v1"
};

// bytes: a section .go.buildinfo, or data that has such a record in its first MiB. Nothing without one, with
// one that lies about its sizes, and with one of Go before 1.18, which holds addresses and not the texts.
std::optional<GoBuild> parse_go_build(Bytes bytes);

// The same for a whole file, with or without section headers. info: what read_elf says of the same bytes.
std::optional<GoBuild> read_go_build(Bytes file, const ElfInfo& info);

}  // namespace lambdapack
