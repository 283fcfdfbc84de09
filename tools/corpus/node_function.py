# What does a Node function look like that somebody zipped together with all of node_modules?
#
# The packages of a package-lock.json, each tarball checked against the lock's integrity hash and unpacked where the
# lock says, as `npm ci --ignore-scripts` does. Of the packages that are for one platform only, it takes the function's
# own, the musl one and the Mac's: that is what ends up in a folder which was installed on a laptop, in an Alpine
# container and for Lambda in turn.

import shutil
import tarfile
import json
from pathlib import PurePosixPath

from cache import FIXTURES, HERE, CorpusError, build_folder, download, hash_of, integrity_to_hash

NODE_ARCH = {"x86_64": "x64", "arm64": "arm64"}


def make_node_function(arch):
    fixture = FIXTURES / "node"
    platforms = [("linux", NODE_ARCH[arch]), ("darwin", "arm64")]

    def build(folder):
        for name in ("index.js", "package.json"):
            shutil.copy(fixture / name, folder / name)
        install_packages(fixture / "package-lock.json", folder, platforms)

    return build_folder(f"node-{arch}", hash_of(fixture, HERE / "node_function.py"), build)


def install_packages(lock, folder, platforms):
    packages = json.loads(lock.read_text())["packages"]
    for place, package in packages.items():
        if place and runs_on_any(package, platforms):
            algorithm, expected = integrity_to_hash(package["integrity"])
            unpack_npm(download(package["resolved"], algorithm, expected), folder / place)


def runs_on_any(package, platforms):
    systems, processors = package.get("os"), package.get("cpu")
    return any((not systems or system in systems) and (not processors or processor in processors)
               for system, processor in platforms)


def unpack_npm(tarball, place):
    """npm drops the first folder of every path, whatever its name, and fixes the modes."""
    with tarfile.open(tarball) as archive:
        for member in archive:
            parts = PurePosixPath(member.name).parts[1:]
            if not member.isfile() or not parts:
                continue
            if ".." in parts:
                raise CorpusError(f"{tarball.name}: the member {member.name} points out of the folder")
            path = place.joinpath(*parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.extractfile(member) as source, open(path, "wb") as target:
                shutil.copyfileobj(source, target)
            path.chmod(0o755 if member.mode & 0o111 else 0o644)
