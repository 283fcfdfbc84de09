# What does a C++ function look like that somebody copied by hand from `ldd`'s output?
#
# The program of fixtures/cpp, compiled against Debian's headers and libraries of the wanted architecture, and beside it
# in lib/ all that these libraries need, glibc apart, with some that nobody needs any more.

import os
import shutil

from cache import FIXTURES, HERE, build_folder, hash_of, need_programs
from compilers import compiler, run
from debian import TRIPLET, debian_tree, listed_packages
from elf import read_elf

GLIBC = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libresolv.so.2", "libutil.so.1",
         "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
USED = {"curl": "libcurl.so.4", "crypto": "libcrypto.so.3", "sqlite3": "libsqlite3.so.0", "z": "libz.so.1"}
NOT_USED = ["libxml2.so.2", "libxslt.so.1", "libpng16.so.16", "libncurses.so.6"]


def make_cpp_function(arch):
    fixture = FIXTURES / "cpp"
    need_programs(compiler(arch, "g++"))
    tree = debian_tree("base", arch, listed_packages())
    libraries = tree / "usr/lib" / TRIPLET[arch]

    def build(folder):
        # Only these four: the C library's own files would otherwise be taken from there too.
        links = folder.parent / "links"
        links.mkdir()
        for name, soname in USED.items():
            (links / f"lib{name}.so").symlink_to(libraries / soname)
        flags = (fixture / "flags").read_text().split()
        run([compiler(arch, "g++"), *flags, "-idirafter", tree / "usr/include" / TRIPLET[arch],
             "-idirafter", tree / "usr/include", fixture / "bootstrap.cpp", "-o", folder / "bootstrap", "-L", links,
             f"-Wl,-rpath-link,{libraries}", *(f"-l{name}" for name in USED)], fixture, dict(os.environ))
        copy_with_needed(folder / "lib", libraries, [*USED.values(), "libgcc_s.so.1", *NOT_USED])

    return build_folder(f"cpp-{arch}", hash_of(fixture, HERE / "cpp_function.py"), build)


def copy_with_needed(target, libraries, names):
    """What people copy by hand from `ldd`'s output: all of it, glibc apart."""
    target.mkdir()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name in GLIBC or (target / name).exists():
            continue
        shutil.copy(libraries / name, target / name)
        todo += read_elf(target / name).needed
