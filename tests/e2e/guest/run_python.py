# Does a Python package still do its work? Runs inside the sandbox: sets sys.path as Lambda's python3.11 bootstrap does,
# imports every module it is told to, then calls the handler. The last line of its output is JSON:
# {"modules": {NAME: error or ""}, "response": what the handler returned, "loaded": the files of all modules, "init_ms":
# how long loading the handler took}.

import importlib
import json
import os
import site
import sys
import time

TASK = os.environ["LAMBDA_TASK_ROOT"]


def set_search_path():
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    standard = [entry for entry in sys.path if entry.startswith("/var/lang")]
    sys.path[:] = [TASK, f"/opt/python/lib/{version}/site-packages", "/opt/python",
                   f"/var/lang/lib/{version}/site-packages", "/var/runtime", *standard]
    site.addsitedir(TASK)


def try_import(name):
    try:
        importlib.import_module(name)
        return ""
    except BaseException as error:  # some modules call sys.exit() when imported
        return f"{type(error).__name__}: {error}"


def main():
    asked = json.loads(sys.argv[1])
    set_search_path()
    modules = {name: try_import(name) for name in asked["modules"]}
    module, function = os.environ["_HANDLER"].rsplit(".", 1)
    start = time.perf_counter()
    handler = getattr(importlib.import_module(module), function)
    init_ms = (time.perf_counter() - start) * 1000
    response = handler(asked["event"], None)
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    print("\n" + json.dumps({"modules": modules, "response": response, "init_ms": init_ms,
                             "loaded": sorted(file for file in files if isinstance(file, str))}))


main()
