# How do Debian packages of either architecture get into a folder, without touching the machine's own apt?
#
# apt is run with its own configuration, lists and empty list of installed packages in the cache, so that it can resolve
# for arm64 on x86_64, as any user, and finds the same packages wherever it runs. Versions are not pinned: a point
# release removes the old files from the mirrors. apt checks the archive's signature, and with it every file.

import functools
import os
import re
import subprocess
import urllib.parse
from pathlib import Path

from cache import HERE, CorpusError, build_folder, cache_dir, hash_of, locked, need_programs

DEBIAN_ARCH = {"x86_64": "amd64", "arm64": "arm64"}
TRIPLET = {"x86_64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
SUITES = [("debian", "bookworm"), ("debian", "bookworm-updates"), ("debian-security", "bookworm-security")]


def debian_tree(name, arch, packages, without=()):
    """A folder with PACKAGES and all they depend on unpacked, as on a merged-/usr system; links in it are relative.

    WITHOUT: regular expressions for dependencies that are not wanted."""
    need_programs("apt-get", "dpkg-deb", "tar")

    def build(folder):
        files = download_packages(name, arch, packages, without)
        for directory in ("bin", "lib", "lib64", "sbin"):
            (folder / "usr" / directory).mkdir(parents=True)
            (folder / directory).symlink_to(f"usr/{directory}")
        for file in files:
            unpack(file, folder)
        make_links_relative(folder)

    made_from = hash_of(packages, without, SUITES, HERE / "debian.py")
    return build_folder(f"{name}-{arch}", made_from, build, cache_dir() / "debian")


def listed_packages():
    lines = (HERE / "debian-packages.txt").read_text().splitlines()
    return [name for line in lines for name in line.split("#")[0].split()]


def download_packages(name, arch, packages, without):
    place = cache_dir() / "debian" / ".packages" / f"{name}-{arch}"
    place.mkdir(parents=True, exist_ok=True)
    with locked(f"apt-{arch}"):
        update_lists(arch)
        answer = apt(arch, ["install", "--yes", "--no-install-recommends", "--print-uris", *packages])
        files = re.findall(r"^'\S+' (\S+\.deb) ", answer, re.MULTILINE)
        wanted = [file for file in files if not any(re.match(pattern, file) for pattern in without)]
        for old in set(path.name for path in place.iterdir()) - set(wanted):
            (place / old).unlink()
        missing = [file for file in wanted if not (place / file).exists()]
        if missing:
            apt(arch, ["download", *map(name_and_version, missing)], cwd=place)
    return [place / file for file in sorted(wanted)]


def name_and_version(file):
    name, version, _ = file.split("_")
    return f"{name}={urllib.parse.unquote(version)}"


@functools.cache
def update_lists(arch):
    apt(arch, ["update"])


def apt(arch, arguments, cwd=None):
    environment = dict(os.environ, APT_CONFIG=str(apt_config(arch)), LC_ALL="C", DEBIAN_FRONTEND="noninteractive")
    done = subprocess.run(["apt-get", *arguments], cwd=cwd, env=environment, text=True, capture_output=True)
    if done.returncode != 0 or re.search(r"^(W|Err).*(Failed to fetch|NO_PUBKEY)", done.stderr, re.MULTILINE):
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()[-6:]
        raise CorpusError(f"apt-get {arguments[0]} for {arch}: failed; check that {mirror()} can be reached "
                          "(LAMBDAPACK_DEBIAN_MIRROR names another one)\n  " + "\n  ".join(lines))
    return done.stdout


def mirror():
    return os.environ.get("LAMBDAPACK_DEBIAN_MIRROR", "http://deb.debian.org").rstrip("/")


def apt_config(arch):
    place = cache_dir() / "apt" / arch
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (place / folder).mkdir(parents=True, exist_ok=True)
    (place / "status").touch()
    (place / "sources.list").write_text("".join(
        f"deb [signed-by={KEYRING}] {mirror()}/{path} {suite} main\n" for path, suite in SUITES))
    config = place / "apt.conf"
    config.write_text(f"""
        APT::Architecture "{DEBIAN_ARCH[arch]}";
        APT::Architectures {{ "{DEBIAN_ARCH[arch]}"; }};
        APT::Sandbox::User "root";
        Acquire::Retries "5";
        Acquire::Languages "none";
        Dir::State "{place}/state";
        Dir::State::status "{place}/status";
        Dir::Cache "{place}/cache";
        Dir::Etc::sourcelist "{place}/sources.list";
        Dir::Etc::sourceparts "/dev/null";
        Dir::Etc::preferences "/dev/null";
        Dir::Etc::preferencesparts "/dev/null";
        """)
    return config


def unpack(file, folder):
    """tar and not `dpkg-deb -x`: a folder in the package must not replace our links from /lib to /usr/lib."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", file], stdout=subprocess.PIPE) as producer:
        done = subprocess.run(["tar", "-x", "--keep-directory-symlink", "--no-same-owner", "--no-same-permissions",
                               "-C", folder], stdin=producer.stdout)
    if done.returncode or producer.returncode:
        raise CorpusError(f"{file}: cannot be unpacked; delete it and try again")


def make_links_relative(tree):
    for folder, folders, files in os.walk(tree):
        for name in folders + files:
            link = Path(folder, name)
            if link.is_symlink() and os.readlink(link).startswith("/"):
                target = os.path.relpath(f"{tree}{os.readlink(link)}", folder)
                link.unlink()
                link.symlink_to(target)
