# Which files of strip_real are built here, and how?
#
# strip_sources with every compiler and flag that changes what a strip tool meets: debug info plain, zlib- and
# zstd-compressed and split, packed relative relocations, static and static-pie programs, the three linkers, section
# layouts; Go's own commands with and without symbols; Rust in debug and release. And copies of wheels' libraries after
# patchelf. What RUNNABLE holds prints the same each time it is run.

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from cache import CorpusError, build_folder, cache_dir, hash_of, need_programs
from compilers import HOST, compiler, proxy_settings, run
from debian import TRIPLET, debian_tree
from elf import elf_files, read_elf
from rust_function import RUST_TARGET, link_standard_libraries

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "strip_sources"
RUNNABLE = "runnable"
CLANG = "clang++-19"

# Name: (compiler, flags). A linker named "lld" is Debian's lld-19, unpacked into the cache.
LIBRARY_FLAGS = {
    "plain": ("gcc", []),
    "g": ("gcc", ["-g"]),
    "g3-dwarf4": ("gcc", ["-g3", "-gdwarf-4"]),
    "gz": ("gcc", ["-g", "-gz=zlib"]),
    "gz-gnu": ("gcc", ["-g", "-gz=zlib-gnu"]),
    "gz-zstd": (CLANG, ["-g", "-gz=zstd", "-Wl,--compress-debug-sections=zstd"]),
    "split": ("gcc", ["-g", "-gsplit-dwarf"]),
    "split-gz": (CLANG, ["-g", "-gsplit-dwarf", "-gz=zlib"]),
    "fat-lto": ("gcc", ["-g", "-flto", "-ffat-lto-objects"]),
    "emit-relocs": ("gcc", ["-g", "-Wl,--emit-relocs"]),
    "page-64k": ("gcc", ["-g", "-Wl,-z,max-page-size=65536"]),
    "noseparate": ("gcc", ["-g", "-Wl,-z,noseparate-code"]),
    "hash-sysv": ("gcc", ["-g", "-Wl,--hash-style=sysv"]),
    "gold": ("gcc", ["-g", "-fuse-ld=gold"]),
    "gold-pack": ("gcc", ["-g", "-fuse-ld=gold", "-Wl,--icf=all", "-ffunction-sections"]),
    "lld": (CLANG, ["-g", "lld"]),
    "lld-relr": (CLANG, ["-g", "lld", "-Wl,--pack-dyn-relocs=relr"]),
    "lld-android-relr": (CLANG, ["-g", "lld", "-Wl,-z,pack-relative-relocs"]),
    "lld-gz-zstd": (CLANG, ["-g", "lld", "-gz=zstd", "-Wl,--compress-debug-sections=zstd"]),
    "lld-rosegment": (CLANG, ["-g", "lld", "-Wl,--no-rosegment", "-Wl,--icf=all"]),
    "record": ("gcc", ["-g", "-frecord-gcc-switches"]),
    "no-build-id": ("gcc", ["-g", "-Wl,--build-id=none"]),
}
X86_FLAGS = {"relr": ("gcc", ["-g", "-Wl,-z,pack-relative-relocs"])}  # GNU ld 2.40 packs them on x86 only
PROGRAM_FLAGS = {
    "pie": ("gcc", ["-g", "-pie"]),
    "no-pie": ("gcc", ["-g", "-no-pie"]),
    "static": ("gcc", ["-g", "-static"]),
    "static-stripped": ("gcc", ["-static", "-s"]),
    "static-pie": ("gcc", ["-g", "-static-pie"]),
    "static-pie-gz": ("gcc", ["-g", "-gz", "-static-pie"]),
    "static-pie-lld": (CLANG, ["-g", "lld", "-static-pie"]),
    "static-lld-relr": (CLANG, ["-g", "lld", "-static-pie", "-Wl,--pack-dyn-relocs=relr"]),
    "export-dynamic": ("gcc", ["-g", "-rdynamic"]),
    "static-libs": ("gcc", ["-g", "-static-libstdc++", "-static-libgcc"]),
}
GO_FLAGS = {"plain": [], "no-dwarf": ["-ldflags=-w"], "stripped": ["-ldflags=-s -w"], "pie": ["-buildmode=pie"],
            "plain-dwarf": ["-ldflags=-compressdwarf=false"]}
GO_COMMANDS = ["gofmt", "vet", "nm", "objdump"]
RUST_FLAGS = {"debug": ["-g"], "release": ["-O"], "release-g": ["-O", "-g"], "abort": ["-O", "-Cpanic=abort"],
              "static": ["-g", "-Ctarget-feature=+crt-static"], "split": ["-g", "-Csplit-debuginfo=packed"],
              "stripped": ["-O", "-Cstrip=symbols"], "dynamic": ["-g", "-Cprefer-dynamic"]}


def built_folder(arch):
    need_programs(compiler(arch, "g++"), CLANG)

    def build(folder):
        build_cpp(arch, folder)
        build_go(arch, folder)
        build_rust(arch, folder)

    return build_folder(f"built-{arch}", hash_of(SOURCES, HERE / "strip_built.py"), build, cache_dir() / "strip")


def build_cpp(arch, folder):
    lld = debian_tree("lld", HOST, ["lld-19"], without=["(?!lld)"]) / "usr/lib/llvm-19/bin/ld.lld"
    libraries = {**LIBRARY_FLAGS, **(X86_FLAGS if arch == "x86_64" else {})}
    (folder / RUNNABLE).mkdir()
    (folder / "lib").mkdir()
    for name, (which, flags) in libraries.items():
        compile_cpp(arch, which, flags + ["-shared", "-fPIC"], folder / f"lib/lib{name}.so", lld)
    for name, (which, flags) in PROGRAM_FLAGS.items():
        compile_cpp(arch, which, flags + ["-DLP_PROGRAM"], folder / RUNNABLE / name, lld)


def compile_cpp(arch, which, flags, output, lld):
    command = [compiler(arch, "g++")] if which == "gcc" else [which, f"--target={TRIPLET[arch]}"]
    flags = [f"--ld-path={lld}" if flag == "lld" else flag for flag in flags]
    environment = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": "/usr/lib/llvm-19/lib"}
    run([*command, "-std=c++20", "-O1", *flags, "-o", output, SOURCES / "library.cpp"], output.parent, environment)


def build_go(arch, folder):
    tree = debian_tree("go-source", HOST, ["golang-1.19-go", "golang-1.19-src"], without=["(?!golang)"])
    go, cache = tree / "usr/lib/go-1.19", cache_dir() / "go"
    if not (go / "src").exists():
        raise CorpusError(f"{go}/src: is not there; delete {tree} and try again")
    environment = {"PATH": os.environ["PATH"], "HOME": str(cache), "GOROOT": str(go), "GOPATH": str(cache),
                   "GOCACHE": str(cache / "build"), "GOOS": "linux", "CGO_ENABLED": "0", "GOTOOLCHAIN": "local",
                   "GOARCH": {"x86_64": "amd64", "arm64": "arm64"}[arch]}
    (folder / "go").mkdir()
    for command in GO_COMMANDS:
        for name, flags in GO_FLAGS.items() if command == "gofmt" else [("plain", []), ("stripped", ["-ldflags=-s -w"])]:
            run([go / "bin/go", "build", "-trimpath", *flags, "-o", folder / f"go/{command}-{name}", f"cmd/{command}"],
                go / "src", {**proxy_settings("GOPROXY", "GOSUMDB"), **environment})


def build_rust(arch, folder):
    tree = cache_dir() / "debian" / f"rust-{HOST}"
    if not tree.is_dir():
        raise CorpusError(f"{tree}: not there; run tools/fetch-corpus rust")
    sysroot = folder.parent / "sysroot"
    link_standard_libraries(sysroot, tree, arch)
    environment = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(tree / "usr/lib" / TRIPLET[HOST])}
    (folder / "rust").mkdir()
    for name, flags in RUST_FLAGS.items():
        # libstd.so is not beside the one, and the other ends in the panic that the rest catch.
        place = folder / ("rust" if name in ("dynamic", "abort") else RUNNABLE) / f"rust-{name}"
        run([tree / "usr/bin/rustc", "--sysroot", sysroot, "--target", RUST_TARGET[arch], f"-Clinker={compiler(arch, 'gcc')}",
             *flags, "-o", place, SOURCES / "program.rs"], folder, environment)


PATCHES = [["--set-rpath", "$ORIGIN:" + "/a/long/folder/name/that/does/not/fit" * 8], ["--add-needed", "libm.so.6"],
           ["--set-soname", "lib-with-a-much-longer-name-than-before-0123456789abcdef.so.1"],
           ["--set-rpath", "$ORIGIN/../lib:" + "x" * 5000, "--add-needed", "libc.so.6"]]


def patched_folder(arch, wheels, count=60, largest=30 << 20):
    """COUNT of the wheels' files, in the order of a hash, each patched in one of four ways."""
    need_programs("patchelf")

    def build(folder):
        files = [path for path in elf_files(wheels) if path.stat().st_size <= largest and (elf := read_elf(path)) and elf.needed]
        files.sort(key=lambda path: hashlib.sha256(str(path.relative_to(wheels)).encode()).digest())
        for number, path in enumerate(files[:count]):
            place = folder / f"{number:03}-{path.name}"
            shutil.copyfile(path, place)
            done = subprocess.run(["patchelf", *PATCHES[number % len(PATCHES)], place], capture_output=True)
            if done.returncode:
                place.unlink()

    made_from = hash_of(str(wheels), (wheels.parent / ".stamps" / wheels.name), HERE / "strip_built.py")
    return build_folder(f"patched-{arch}", made_from, build, cache_dir() / "strip")
