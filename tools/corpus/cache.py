# Where does everything that is fetched or built for the corpus live, and when is it built again?
#
# Nothing of it is in git: downloads and built folders live in $LAMBDAPACK_CACHE (~/.cache/lambdapack). A download is
# named by its SHA-256 and counts only when it has that hash. A built folder has a stamp next to it: the hash of
# everything that it was made from. Equal stamp: nothing to do. Building happens beside the final place and ends with a
# rename, under a lock, so that two runs at once, or one that is killed, never leave half a folder behind.

import base64
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
FIXTURES = REPO / "fixtures"


class CorpusError(Exception):
    """What the user has to know: a message that names the subject and the way out."""


def cache_dir():
    chosen = os.environ.get("LAMBDAPACK_CACHE")
    return Path(chosen).resolve() if chosen else Path.home() / ".cache" / "lambdapack"


def corpus_dir():
    return cache_dir() / "corpus"


def say(message):
    sys.stderr.write(f"fetch-corpus: {message}\n")


@contextlib.contextmanager
def locked(name):
    """Only one process at a time works on NAME; the others wait."""
    path = cache_dir() / "locks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def digest(algorithm, path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm)


def integrity_to_hash(integrity):
    """npm writes hashes as `sha512-BASE64`: gives (algorithm, hex digits) of the strongest one."""
    algorithm, value = sorted(integrity.split())[-1].split("-", 1)
    return algorithm, base64.b64decode(value).hex()


def download(url, algorithm, expected):
    """The file behind URL, verified; from the cache when it is there."""
    name = re.sub(r"[^A-Za-z0-9._+-]", "_", url.rsplit("/", 1)[-1])
    target = cache_dir() / "downloads" / f"{expected[:24]}-{name}"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    os.close(handle)
    try:
        fetch_with_retries(url, part)
        seen = digest(algorithm, part).hexdigest()
        if seen != expected:
            raise CorpusError(f"{url}: {algorithm} is {seen}, expected {expected}; the file was changed on the way or "
                              "at its source, it is not used")
        os.chmod(part, 0o644)
        os.replace(part, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part)
    return target


def fetch_with_retries(url, path, attempts=5):
    for attempt in range(1, attempts + 1):
        try:
            request = urllib.request.Request(url, headers={"User-Agent": "lambdapack-fetch-corpus"})
            with urllib.request.urlopen(request, timeout=60) as answer, open(path, "wb") as file:
                shutil.copyfileobj(answer, file, 1 << 20)
                return
        except (urllib.error.URLError, OSError, TimeoutError) as error:
            gone = isinstance(error, urllib.error.HTTPError) and error.code in (401, 403, 404, 410)
            if gone or attempt == attempts:
                raise CorpusError(f"{url}: cannot be downloaded ({error}); check the network and the proxy "
                                  "settings") from error
            time.sleep(2 ** attempt)


def read_lock(path):
    """Lines of `SHA256  URL`; `#` starts a comment."""
    pairs = []
    for line in path.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            pairs.append(tuple(line.split(None, 1)))
    return pairs


def hash_of(*inputs):
    """One hash over files (their bytes), folders (all files in them) and other values (their text)."""
    total = hashlib.sha256()
    for item in inputs:
        if isinstance(item, Path) and item.is_dir():
            files = sorted(file for file in item.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
            for file in files:
                total.update(f"{file.relative_to(item)}\0".encode() + file.read_bytes())
        elif isinstance(item, Path):
            total.update(item.read_bytes())
        else:
            total.update(repr(item).encode())
        total.update(b"\0\0")
    return total.hexdigest()


def build_folder(name, made_from, build, parent=None):
    """The folder NAME, built by build(path) unless it is there already and was made from the same inputs."""
    place = (parent or corpus_dir()) / name
    stamp = place.parent / ".stamps" / name
    with locked(f"{place.parent.name}-{name}"):
        if place.is_dir() and stamp.exists() and stamp.read_text() == made_from:
            say(f"{name}: up to date")
            return place
        stamp.parent.mkdir(parents=True, exist_ok=True)
        start = time.monotonic()
        say(f"{name}: building")
        work = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=place.parent))
        try:
            made = work / "made"
            made.mkdir()
            build(made)
            stamp.unlink(missing_ok=True)
            remove_tree(place)
            made.rename(place)
            stamp.write_text(made_from)
        finally:
            remove_tree(work)
        say(f"{name}: ready in {time.monotonic() - start:.0f} s, {folder_bytes(place) / 1e6:.0f} MB")
    return place


def remove_tree(path):
    """Also when folders in it are read-only, as Go's module cache makes them."""
    if not path.exists():
        return
    for folder, _, _ in os.walk(path):
        os.chmod(folder, 0o755)
    shutil.rmtree(path)


def folder_bytes(path):
    return sum(file.lstat().st_size for file in path.rglob("*") if file.is_file() and not file.is_symlink())


def need_programs(*programs):
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        raise CorpusError(f"{', '.join(missing)}: not installed; run tools/setup")
