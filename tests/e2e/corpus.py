# Where does the corpus lie, how is each of its functions run, and what did the original answer?
#
# The answer of the original package is what a packed one is compared with. Under emulation it takes minutes, so it is
# kept in the cache, under a name that changes with the package, the root, and these scripts.

import json
import sys
from collections import namedtuple
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools/corpus"))

from cache import cache_dir, corpus_dir, hash_of
from catalog import ARCHES, FUNCTIONS
from functions import Run, run_bootstrap, run_java, run_node, run_python
from sandbox import Missing, host_arch

RUNNERS = {"python": run_python, "node": run_node, "java": run_java, "go": run_bootstrap, "rust": run_bootstrap,
           "cpp": run_bootstrap}
TIMEOUT, EMULATED_TIMEOUT = 300, 1800  # seconds

Function = namedtuple("Function", "name arch runtime folder root")


def find_function(name, arch):
    runtime = FUNCTIONS[name].runtime
    function = Function(name, arch, runtime, corpus_dir() / f"{name}-{arch}", corpus_dir() / f"root-{runtime}-{arch}")
    for folder in (function.folder, function.root):
        if not folder.is_dir():
            raise Missing(f"{folder}: not there; run tools/fetch-corpus --arch {arch} {name}")
    return function


def run_function(function, folder):
    """Runs FOLDER, the original one or a packed one, as FUNCTION."""
    timeout = TIMEOUT if function.arch == host_arch() else EMULATED_TIMEOUT
    return RUNNERS[function.name](function.root, folder, function.folder, function.arch, timeout)


def run_original(function):
    made_from = hash_of(Path(__file__).parent, *(corpus_dir() / ".stamps" / folder.name
                                                 for folder in (function.folder, function.root)))
    kept = cache_dir() / "answers" / f"{function.name}-{function.arch}-{made_from[:16]}.json"
    if kept.exists():
        return Run(**json.loads(kept.read_text()))
    run = run_function(function, function.folder)
    if not run.error:
        kept.parent.mkdir(parents=True, exist_ok=True)
        for old in kept.parent.glob(f"{function.name}-{function.arch}-*.json"):
            old.unlink(missing_ok=True)
        kept.write_text(json.dumps(run._asdict()))
    return run


__all__ = ["ARCHES", "FUNCTIONS", "Function", "Missing", "find_function", "run_function", "run_original"]
