# Which ELF files does strip_real strip?
#
# The ELF files of the wheels, npm packages and Debian packages that strip.lock pins by SHA-256, unpacked into one tree
# per kind and architecture so that $ORIGIN leads where it does when installed, what the compilers of this machine make of
# strip_sources with the flags that matter to strip tools, and copies that patchelf changed. Nothing else of the archives
# is kept. About 2 GB to download once, 6 GB unpacked, all in $LAMBDAPACK_CACHE.

import functools
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tools/corpus"))

from cache import CorpusError, build_folder, cache_dir, corpus_dir, download, hash_of, read_lock
from debian import mirror
from python_function import installed_place
from strip_built import built_folder, patched_folder

LOCK = HERE / "strip.lock"
FUNCTIONS = ("python", "node", "java", "go", "rust", "cpp")


def strip_folders():
    """All folders with files to strip; makes what is missing. The functions are tools/fetch-corpus's."""
    archives = {}
    for sha256, url in read_lock(LOCK):
        archives.setdefault(tree_of(url), []).append((sha256, url.replace("MIRROR", mirror())))
    with ThreadPoolExecutor(4) as workers:
        fetch = [workers.submit(download, url, "sha256", sha256) for rows in archives.values() for sha256, url in rows]
        for job in fetch:
            job.result()
    folders = [build_folder(name, hash_of(rows, HERE / "strip_corpus.py"), functools.partial(unpack_all, rows), cache_dir() / "strip")
               for name, rows in sorted(archives.items())]
    wheels = {arch: cache_dir() / "strip" / f"wheels-{arch}" for arch in ("x86_64", "arm64")}
    for arch, tree in wheels.items():
        folders += [built_folder(arch), patched_folder(arch, tree)]
        folders += [place for name in FUNCTIONS if (place := corpus_dir() / f"{name}-{arch}").is_dir()]
    return folders


def tree_of(url):
    name = url.rsplit("/", 1)[-1]
    arch = "arm64" if re.search(r"aarch64|arm64", name) else "x86_64"
    if name.endswith(".whl"):
        return f"wheels-musl-{arch}" if "musllinux" in name else f"wheels-{arch}"
    return "npm" if name.endswith(".tgz") else f"debian-{arch}"


def unpack_all(rows, folder):
    for sha256, url in rows:
        archive = download(url, "sha256", sha256)
        try:
            if url.endswith(".whl"):
                unpack_wheel(archive, folder)
            elif url.endswith(".tgz"):
                with tarfile.open(archive) as members:
                    unpack_tar(members, folder / npm_name(url))
            else:
                unpack_deb(archive, folder)
        except (OSError, tarfile.TarError, zipfile.BadZipFile) as error:
            raise CorpusError(f"{archive}: cannot be unpacked ({error}); delete it and try again") from error


def npm_name(url):
    """Folder of a registry URL https://registry.npmjs.org/[@SCOPE/]NAME/-/FILE, with the version."""
    return f"node_modules/{url.split('/', 3)[3].split('/-/')[0]}-{url.rsplit('/', 1)[-1].removesuffix('.tgz').rsplit('-', 1)[-1]}"


def unpack_wheel(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            with archive.open(member) as source:
                copy_elf(source, folder / installed_place(member.filename))


def unpack_tar(members, folder, skip=1):
    for member in members:
        parts = PurePosixPath(member.name).parts[skip:]
        if not parts or ".." in parts or parts[0] == "/":
            continue
        place = folder.joinpath(*parts)
        if member.issym() and "/" not in member.linkname:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            place.symlink_to(member.linkname)
        elif member.isfile():
            copy_elf(members.extractfile(member), place)


def unpack_deb(package, folder):
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as producer:
        with tarfile.open(fileobj=producer.stdout, mode="r|") as members:
            unpack_tar(members, folder, skip=0)
        producer.stdout.read()
    if producer.returncode:
        raise CorpusError(f"{package}: cannot be unpacked; delete it and try again")


def copy_elf(source, place):
    head = source.read(4)
    if head != b"\x7fELF":
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with open(place, "wb") as target:
        target.write(head)
        shutil.copyfileobj(source, target, 1 << 20)
    os.chmod(place, 0o755)
