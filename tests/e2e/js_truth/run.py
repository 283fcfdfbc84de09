# Are the imports that lambdapack reads of JavaScript those that others read?
#
# tests/e2e/js_truth/run.py PRINT_IMPORTS installs packages.json, a large node_modules with pinned versions and hashes,
# and runs compare.mjs over it with the Node.js of the corpus.

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "tools/corpus"))

from cache import CorpusError, build_folder, cache_dir, download, hash_of, read_lock
from node_function import install_packages, unpack_npm


def node_program(arch="x86_64"):
    """The Node.js that the corpus runs functions with."""
    lock = HERE.parents[2] / f"tools/corpus/node-{arch}.lock"
    sha256, url = read_lock(lock)[0]
    folder = build_folder("node", hash_of(lock), lambda place: unpack_npm(download(url, "sha256", sha256), place),
                          cache_dir() / "js-truth")
    return folder / "bin/node"


def packages():
    lock = HERE / "packages.json"
    return build_folder("packages", hash_of(lock), lambda place: install_packages(lock, place, [("linux", "x64")]),
                        cache_dir() / "js-truth")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: run.py PRINT_IMPORTS")
    try:
        command = [node_program(), HERE / "compare.mjs", sys.argv[1], packages()]
    except CorpusError as error:
        sys.exit(f"js_truth: {error}")
    sys.exit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()
