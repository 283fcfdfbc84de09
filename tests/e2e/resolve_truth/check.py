# Does lambdapack find the files that Node.js finds?
#
# tests/e2e/resolve_truth/check.py PRINT_RESOLVED makes a package of everything that is awkward (awkward.py), takes the
# large node_modules of tests/e2e/js_truth, and runs compare.mjs over both with the Node.js of the corpus.

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "js_truth"))

from run import CorpusError, node_program, packages

from awkward import write_files


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check.py PRINT_RESOLVED")
    try:
        node, real = node_program(), packages()
    except CorpusError as error:
        sys.exit(f"resolve_truth: {error}")
    with tempfile.TemporaryDirectory(prefix="lambdapack-resolve-") as place:
        write_files(Path(place))
        command = [node, "--no-warnings", "--experimental-import-meta-resolve", HERE / "compare.mjs", sys.argv[1],
                   real, place]
        sys.exit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()
