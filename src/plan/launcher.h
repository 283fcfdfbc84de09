// The launcher: a tiny static program that starts the package's own loader (src/launcher/launcher.c).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "rules/arch.h"

namespace lambdapack {

struct LauncherSettings {
  std::string loader;   // relative to the launcher's folder: "lib/ld-linux-x86-64.so.2"
  std::string library;  // the folder given as --library-path: "lib"
  std::string program;  // "bin/function"
  bool argv0 = false;   // the loader knows --argv0 (glibc since 2.33)
};

// The launcher as built, without settings. Less than 4 KB.
Bytes launcher_program(Arch arch);

// The launcher with these settings. Error: a path of more than 255 bytes.
Result<std::vector<std::uint8_t>> make_launcher(Arch arch, const LauncherSettings& settings);

}  // namespace lambdapack
