# What do a user's `pip install --target` and `npm ci` leave in a folder?
#
# Here the real programs do it, each in one version (installers.lock): bytecode, RECORD, node_modules/.bin and
# .package-lock.json are then what users have. What they install comes from a lock with hashes. The wheels are downloaded
# before, so pip needs no network; npm keeps what it fetched in a cache of its own.

import os
import re
import tempfile
from pathlib import Path

from cache import HERE, CorpusError, build_folder, cache_dir, download, hash_of, need_programs, read_lock
from compilers import proxy_settings, run
from node_function import unpack_npm

INSTALLERS = HERE / "installers.lock"
PYTHON = "/usr/bin/python3.11"  # compiles the bytecode, which counts in this minor version only


def pip_install(lock, folder):
    if not os.access(PYTHON, os.X_OK):
        raise CorpusError(f"{PYTHON}: not there; Debian 12 has it in python3.11")
    with tempfile.TemporaryDirectory() as work:
        wheels, requirements = Path(work, "wheels"), Path(work, "requirements.txt")
        wheels.mkdir()
        lines = []
        for sha256, url in read_lock(lock):
            name = url.rsplit("/", 1)[-1]
            (wheels / name).symlink_to(download(url, "sha256", sha256))
            lines.append(f"{'=='.join(name.split('-')[:2])} --hash=sha256:{sha256}\n")
        requirements.write_text("".join(lines))
        # A wheel is a zip that Python runs: nothing is installed for pip itself.
        run([PYTHON, "-B", locked_file(r"/pip-[^/]*\.whl$") / "pip", "install", "--quiet", "--target", folder, "--no-index",
             "--find-links", wheels, "--no-deps", "--require-hashes", "--only-binary=:all:", "-r", requirements], folder,
            {"PATH": os.environ["PATH"], "HOME": work, "LC_ALL": "C.UTF-8", "PIP_CONFIG_FILE": os.devnull,
             "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"})


def npm_ci(folder):
    """In FOLDER, which has package.json and package-lock.json; then its script `build`, when it has one."""
    need_programs("node")
    cache = cache_dir() / "npm-cache"
    variables = {"PATH": f"{npm_folder() / 'bin'}:{os.environ['PATH']}", "HOME": str(cache), "LC_ALL": "C.UTF-8",
                 "npm_config_cache": str(cache), "npm_config_userconfig": os.devnull,
                 "npm_config_update_notifier": "false", **proxy_settings("NODE_EXTRA_CA_CERTS")}
    # Install scripts fetch what no lock holds a hash of.
    run(["npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"], folder, variables)
    run(["npm", "run", "--if-present", "build"], folder, variables)


def npm_folder():
    def build(folder):
        unpack_npm(locked_file(r"/npm-[^/]*\.tgz$"), folder)
        (folder / "bin/npm").unlink()  # a shell script that looks for npm beside node
        (folder / "bin/npm").symlink_to("npm-cli.js")
        (folder / "bin/npm-cli.js").chmod(0o755)

    return build_folder("npm", hash_of(INSTALLERS, HERE / "node_function.py"), build, cache_dir() / "tools")


def locked_file(pattern):
    sha256, url = next(entry for entry in read_lock(INSTALLERS) if re.search(pattern, entry[1]))
    return download(url, "sha256", sha256)
