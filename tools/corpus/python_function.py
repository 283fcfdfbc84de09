# What does a Python function look like that somebody installed with pip and zipped?
#
# The wheels named in python-ARCH.lock, unpacked the way `pip install --target` does it (PEP 427: the roots, then the
# *.data folders; RECORD and INSTALLER written), with the handler beside them. No pip: what ends up in the folder then
# depends on nothing but the lock file.

import base64
import csv
import hashlib
import io
import shutil
import zipfile
from pathlib import PurePosixPath

from cache import FIXTURES, HERE, CorpusError, build_folder, download, hash_of, read_lock


def make_python_function(arch):
    lock = HERE / f"python-{arch}.lock"
    handler = FIXTURES / "python"

    def build(folder):
        install_wheels(lock, folder)
        shutil.copy(handler / "app.py", folder / "app.py")

    return build_folder(f"python-{arch}", hash_of(lock, handler, HERE / "python_function.py"), build)


def install_wheels(lock, folder):
    for sha256, url in read_lock(lock):
        install_wheel(download(url, "sha256", sha256), folder)


def install_wheel(wheel, folder):
    records = []
    with zipfile.ZipFile(wheel) as archive:
        dist_info = next(name.split("/")[0] for name in archive.namelist()
                         if name.split("/")[0].endswith(".dist-info"))
        for member in archive.infolist():
            if member.is_dir():
                continue
            place = installed_place(member.filename)
            if place == f"{dist_info}/RECORD":
                continue
            content = archive.read(member)
            mode = 0o755 if (member.external_attr >> 16) & 0o111 or place.startswith("bin/") else 0o644
            records.append(write_file(folder, place, content, mode))
    records.append(write_file(folder, f"{dist_info}/INSTALLER", b"pip\n", 0o644))
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerows(sorted(records) + [(f"{dist_info}/RECORD", "", "")])
    write_file(folder, f"{dist_info}/RECORD", text.getvalue().encode(), 0o644)


def installed_place(name):
    """Where a wheel's member goes: NAME.data/SCHEME/… are the only ones that do not keep their path."""
    parts = PurePosixPath(name).parts
    if PurePosixPath(name).is_absolute() or ".." in parts:
        raise CorpusError(f"{name}: a wheel's member points out of the folder")
    if parts[0].endswith(".data") and len(parts) > 2:
        scheme = {"purelib": (), "platlib": (), "scripts": ("bin",), "data": (), "headers": ("include",)}[parts[1]]
        return "/".join(scheme + parts[2:])
    return name


def write_file(folder, place, content, mode):
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    sha256 = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    return place, f"sha256={sha256}", len(content)
