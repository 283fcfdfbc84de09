#!/usr/bin/python3
"""Writes src/plan/c_library_names.cpp: what glibc, libgcc and libstdc++ of Debian 12 define, on both architectures.

Amazon Linux 2 and 2023 have older glibcs, and a glibc never takes a symbol away. Run it when a runtime gets a newer one.
"""

import subprocess
import textwrap
from pathlib import Path

from debian import TRIPLET, debian_tree, listed_packages

LIBRARIES = ("libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libutil.so.1 libresolv.so.2 libgcc_s.so.1 "
             "libstdc++.so.6 ld-linux-x86-64.so.2 ld-linux-aarch64.so.1").split()
OUTPUT = Path(__file__).parents[2] / "src" / "plan" / "c_library_names.cpp"

HEAD = """\
// Written by tools/corpus/c_library_names.py from the packages libc6, libgcc-s1 and libstdc++6 of Debian 12 (glibc 2.36,
// GCC 12), for x86_64 and arm64.
#include "plan/c_library_names.h"

#include <algorithm>
#include <vector>

namespace lambdapack {
namespace {

// Sorted, separated by spaces.
constexpr std::string_view kNames =
"""

TAIL = """
std::vector<std::string_view> split_names() {
  std::vector<std::string_view> names;
  for (std::size_t start = 0; start < kNames.size();) {
    const std::size_t end = kNames.find(' ', start);
    names.push_back(kNames.substr(start, end - start));
    start = end + 1;
  }
  return names;
}

}  // namespace

bool is_c_library_name(std::string_view name) {
  static const std::vector<std::string_view> names = split_names();
  return std::ranges::binary_search(names, name);
}

}  // namespace lambdapack
"""


def defined_names(library):
    table = subprocess.run(["readelf", "--wide", "--dyn-syms", library], check=True, capture_output=True, text=True)
    for line in table.stdout.splitlines():
        fields = line.split()
        if len(fields) == 8 and fields[0].endswith(":") and fields[6] not in ("UND", "ABS"):
            yield fields[7].split("@")[0]


def main():
    names = set()
    for arch, triplet in TRIPLET.items():
        folder = debian_tree("base", arch, listed_packages()) / "usr" / "lib" / triplet
        for library in LIBRARIES:
            if (folder / library).exists():
                names.update(defined_names(folder / library))
    words = sorted(name for name in names if name.isidentifier() and not name.startswith("_"))
    lines = textwrap.wrap(" ".join(words), width=112, break_on_hyphens=False)
    text = "\n".join(f'    "{line} "' for line in lines) + ";\n"
    OUTPUT.write_text(HEAD + text + TAIL)


if __name__ == "__main__":
    main()
