# What does a Rust function look like, for either architecture?
#
# Built by the Rust of Debian packages that are unpacked into the cache and used from there. For the other architecture
# it takes the standard library from that architecture's package and links with the cross compiler. With debug info, so
# that there is something to strip.

import os
import shutil

from cache import FIXTURES, HERE, build_folder, cache_dir, hash_of, need_programs
from compilers import HOST, compiler, proxy_settings, run
from debian import TRIPLET, debian_tree

RUST_TARGET = {"x86_64": "x86_64-unknown-linux-gnu", "arm64": "aarch64-unknown-linux-gnu"}


def make_rust_function(arch):
    fixture = FIXTURES / "rust"
    need_programs(compiler(arch, "gcc"))

    def build(folder):
        tree = debian_tree("rust", HOST, ["rustc-web", "cargo-web", "libstd-rust-web-dev"],
                           without=["(?!rustc|cargo|libstd-rust|libllvm|libz3|libedit|libgit2|libhttp-parser|libssh2"
                                    "|libmbed|libcurl|libbsd|libmd|libxml2|libicu|libsqlite3|libnghttp2|librtmp|libpsl"
                                    "|libldap|libsasl2|libbrotli)"])
        sysroot = folder.parent / "sysroot"
        link_standard_libraries(sysroot, tree, arch)
        target = RUST_TARGET[arch]
        linker = f"CARGO_TARGET_{target.upper().replace('-', '_')}_LINKER"
        environment = {"PATH": f"{tree}/usr/bin:{os.environ['PATH']}", "HOME": str(cache_dir()),
                       "LD_LIBRARY_PATH": str(tree / "usr/lib" / TRIPLET[HOST]),
                       "CARGO_HOME": str(cache_dir() / "cargo"),
                       "RUSTC": str(tree / "usr/bin/rustc"), "RUSTFLAGS": f"--sysroot={sysroot}",
                       linker: compiler(arch, "gcc")}
        output = cache_dir() / "cargo/target"  # one for both architectures: the macros are compiled once
        run([tree / "usr/bin/cargo", "build", "--locked", "--release", "--jobs", "2", "--target", target,
             "--target-dir", output], fixture, {**proxy_settings(), **environment})
        shutil.copy(output / target / "release/bootstrap", folder / "bootstrap")

    return build_folder(f"rust-{arch}", hash_of(fixture, HERE / "rust_function.py"), build)


def link_standard_libraries(sysroot, tree, arch):
    rustlib = sysroot / "lib/rustlib"
    rustlib.mkdir(parents=True)
    for folder in (tree / "usr/lib/rustlib").iterdir():
        (rustlib / folder.name).symlink_to(folder)
    if arch != HOST:
        library = debian_tree("rust-std", arch, ["libstd-rust-web-dev"], without=["(?!libstd-rust-web-dev)"])
        (rustlib / RUST_TARGET[arch]).symlink_to(library / "usr/lib/rustlib" / RUST_TARGET[arch])
