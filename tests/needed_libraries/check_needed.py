#!/usr/bin/env python3
# Which shared libraries does the program itself need?
#
# LLVM and libdeflate are linked statically: one costs 13 ms a start as a shared library, the other decides the bytes of
# every zip. Both come with others (libz3, libedit) that slip in when --as-needed is lost. So the list is closed.
#
# usage: check_needed.py LAMBDAPACK

import re
import subprocess
import sys

ALLOWED = {
    "libarchive.so.13", "libcrypto.so.3", "libfmt.so.9",             # ours
    "libz.so.1", "libzstd.so.1",                                     # LLVM's, for compressed debug sections
    "libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "libc.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1",
}


def main():
    listing = subprocess.run(["readelf", "-dW", sys.argv[1]], stdout=subprocess.PIPE, check=True, text=True).stdout
    needed = set(re.findall(r"\(NEEDED\)[^\[]*\[([^\]]+)\]", listing))
    if "libc.so.6" not in needed:
        sys.exit(f"{sys.argv[1]}: readelf shows no libc.so.6: its output is not understood")
    if unexpected := sorted(needed - ALLOWED):
        sys.exit(f"{sys.argv[1]}: needs {', '.join(unexpected)}; link it statically, or add it to ALLOWED with a reason")


main()
