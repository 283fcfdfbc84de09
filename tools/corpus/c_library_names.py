#!/usr/bin/python3
"""Writes rules/c-library.toml: what glibc, libgcc and libstdc++ of Debian 12 define, on both architectures.

Amazon Linux 2 and 2023 have older glibcs, and a glibc never takes a symbol away. Run it when a runtime gets a newer one.
"""

import subprocess
import textwrap
from pathlib import Path

from debian import TRIPLET, debian_tree, listed_packages

LIBRARIES = ("libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libutil.so.1 libresolv.so.2 libgcc_s.so.1 "
             "libstdc++.so.6 ld-linux-x86-64.so.2 ld-linux-aarch64.so.1").split()
OUTPUT = Path(__file__).parents[2] / "rules" / "c-library.toml"

HEAD = """\
# What the C library and GCC's libraries define for programs, of the names that do not begin with an underscore (those are
# all theirs): rule drop-needed-entry takes no library away that they might use. Written by tools/corpus/c_library_names.py.

[c_library]
source = "symbol tables of libc6 (glibc 2.36), libgcc-s1 and libstdc++6 (GCC 12) of Debian 12, x86_64 and arm64; a glibc never takes a name away, so the older ones of Amazon Linux are in it"
names = \"\"\"
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
    lines = textwrap.wrap(" ".join(words), width=118, break_on_hyphens=False)
    OUTPUT.write_text(HEAD + "\n".join(lines) + '\n"""\n')


if __name__ == "__main__":
    main()
