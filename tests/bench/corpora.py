# Which packages are measured?
#
# Two functions of over 200 MB with both many files and many ELF files, so that `cp` and `ldd` are fair peers: cp's
# time goes with the number of files, ldd's with that of ELF files, and neither with the bytes. The ELF files of one of
# them alone: what it costs to resolve them, next to ldd and lddtree, which look at nothing else. The other two lie at
# the ends: few and huge ELF files, which cp lets the kernel copy, and thousands of scripts with hardly anything for
# ldd to look at. Their ratios are reported, but have no limits.

import shutil
import sys
from collections import namedtuple
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tools/corpus"))

from cache import build_folder, cache_dir, corpus_dir, hash_of
from elf import elf_files, is_elf, read_elf
from python_function import install_wheels

Corpus = namedtuple("Corpus", "what runtime limits make")  # limits: ratios of run_bench

RESOLVING = ("analyze_to_ldd", "analyze_to_lddtree")
ALL = ("analyze_to_cp", *RESOLVING, "pack_to_zip", "pack_to_zip_size")


class MissingCorpus(Exception):
    """Names the folder that is not there and what makes it."""


def existing(folder):
    if not folder.is_dir():
        raise MissingCorpus(f"{folder}: not there; run tools/fetch-corpus --arch x86_64")
    return folder


def ml_folder():
    lock = HERE / "ml-x86_64.lock"

    def build(folder):
        install_wheels(lock, folder)
        (folder / "app.py").write_text("import awswrangler, matplotlib.pyplot, sklearn.linear_model\n\n\n"
                                       "def handler(event, context):\n    return awswrangler.__version__\n")

    return build_folder("ml-x86_64", hash_of(lock), build, cache_dir() / "bench")


def libraries_folder():
    ml = ml_folder()

    def build(folder):
        for path in elf_files(ml):
            target = folder / path.relative_to(ml)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)

    return build_folder("libraries-x86_64", hash_of(HERE / "ml-x86_64.lock"), build, cache_dir() / "bench")


def native_folder():
    cpp = existing(corpus_dir() / "cpp-x86_64")
    trees = [existing(cache_dir() / "debian" / f"{name}-x86_64") for name in ("base", "rust")]

    def build(folder):
        (folder / "lib").mkdir()
        (folder / "bin").mkdir()
        shutil.copy(cpp / "bootstrap", folder / "bootstrap")
        shutil.copy(trees[-1] / "usr/bin/rustc", folder / "bin/rustc")
        for library in [file for tree in trees for file in (tree / "usr/lib/x86_64-linux-gnu").glob("*.so*")]:
            elf = read_elf(library) if is_elf(library) else None
            if elf:
                shutil.copy(library, folder / "lib" / (elf.soname or library.name))

    made_from = hash_of(*(part.parent / ".stamps" / part.name for part in (cpp, *trees)))
    return build_folder("native-x86_64", made_from, build, cache_dir() / "bench")


CORPORA = {
    "python": Corpus("the Python function of the tests: numpy, pandas, scipy, lxml, cryptography, Pillow, boto3",
                     "python3.11", (*ALL, "pack_to_whole_zip_size"), lambda: existing(corpus_dir() / "python-x86_64")),
    "ml": Corpus("a Python function with AWS SDK for pandas (pyarrow), scikit-learn and matplotlib",
                 "python3.11", ALL, ml_folder),
    "libraries": Corpus("the ELF files of ml alone, in their places", "python3.11", RESOLVING, libraries_folder),
    "native": Corpus("a C++ function with a compiler beside it and every library of the image it was built in",
                     "provided.al2023", (), native_folder),
    "node": Corpus("the Node function of the tests: sharp, @napi-rs/canvas, AWS SDK, axios",
                   "nodejs22.x", (), lambda: existing(corpus_dir() / "node-x86_64")),
}
