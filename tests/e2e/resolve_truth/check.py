# Does lambdapack find the files that Node.js finds, and is what it calls missing missing?
#
# tests/e2e/resolve_truth/check.py PRINT_RESOLVED PRINT_MISSING takes the large node_modules of tests/e2e/js_truth and the
# Node.js of the corpus. compare.mjs asks both for every specifier there, and in a package of everything that is awkward
# (awkward.py); missing.mjs loads what lambdapack says cannot be loaded after some packages and files were taken away.

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "js_truth"))

from run import CorpusError, cache_dir, node_program, packages

from awkward import write_files

TAKEN = ["ms", "inherits", "es-errors", "tslib", "lru-cache", "depd", "has-flag", "acorn", "estraverse", "@babel/types",
         "pg-types", "jsesc", "lodash/isObject.js", "debug/src/common.js", "graphql/utilities/index.js"]


def copy_without(real, place):
    shutil.copytree(real, place, copy_function=os.link, symlinks=True)
    for name in TAKEN:
        path = place / "node_modules" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: check.py PRINT_RESOLVED PRINT_MISSING")
    try:
        node, real = node_program(), packages()
    except CorpusError as error:
        sys.exit(f"resolve_truth: {error}")
    with tempfile.TemporaryDirectory(prefix="resolve-truth-", dir=cache_dir()) as folder:  # where links are possible
        awkward, broken = Path(folder) / "awkward", Path(folder) / "broken"
        write_files(awkward)
        copy_without(real, broken)
        options = ["--no-warnings", "--experimental-import-meta-resolve"]
        codes = [subprocess.run([node, *options, HERE / "compare.mjs", sys.argv[1], real, awkward], check=False).returncode,
                 subprocess.run([node, HERE / "missing.mjs", sys.argv[2], broken], check=False).returncode]
    sys.exit(max(codes, key=abs))


if __name__ == "__main__":
    main()
