# Does a package of the corpus do its work?
#
# One function per language runs a folder in its root and says what happened as a Run: the answer to one event, and for
# each module that the ORIGINAL package brings, whether it can be imported. What is asked of a packed folder is taken
# from the original one, so that a module that got lost is noticed.

import csv
import json
import subprocess
from collections import namedtuple
from pathlib import PurePosixPath

from runtime_api import ask_bootstrap
from sandbox import lambda_environment, run_inside, sandbox_command

EVENT = {"name": "Ada"}
EXTENSION_SUFFIXES = (".cpython-311-x86_64-linux-gnu.so", ".cpython-311-aarch64-linux-gnu.so", ".abi3.so")

# modules: {name: error, or "" when it was imported}; error: why there is no response.
Run = namedtuple("Run", "modules response error")


def run_python(root, folder, original, arch, timeout):
    asked = json.dumps({"modules": python_modules(original), "event": EVENT})
    return run_interpreter(root, folder, arch, ["/var/lang/bin/python3.11", "/var/e2e/run_python.py", asked],
                           lambda_environment("python3.11", "app.handler"), timeout)


def run_node(root, folder, original, arch, timeout):
    dependencies = json.loads((original / "package.json").read_text())["dependencies"]
    asked = json.dumps({"modules": sorted(dependencies), "event": EVENT})
    return run_interpreter(root, folder, arch, ["/var/lang/bin/node", "/var/e2e/run_node.js", asked],
                           lambda_environment("nodejs22.x", "index.handler"), timeout)


def run_java(root, folder, original, arch, timeout):
    program = ["/var/lang/bin/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx445m", "-cp", "/var/runtime",
               "RunHandler", "demo.Handler::handle", EVENT["name"]]
    return run_interpreter(root, folder, arch, program, lambda_environment("java17", "demo.Handler::handle"), timeout)


def run_bootstrap(root, folder, original, arch, timeout):
    def command(address):
        environment = lambda_environment("provided.al2023", "bootstrap", address)
        return sandbox_command(root, folder, arch, ["/var/task/bootstrap"], environment), {}

    response, error = ask_bootstrap(command, EVENT, timeout)
    return Run({}, response, error)


def run_interpreter(root, folder, arch, program, environment, timeout):
    try:
        done = run_inside(root, folder, arch, program, environment, timeout)
    except subprocess.TimeoutExpired:
        return Run({}, None, f"no answer within {timeout} s")
    if done.returncode:
        return Run({}, None, f"ended with status {done.returncode}\n{done.stdout.strip()}\n{done.stderr.strip()}")
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    return Run(answer.get("modules", {}), answer["response"], "")


def python_modules(folder):
    """The top-level modules of every distribution, then every extension module there is, each once."""
    top, native = set(), set()
    for record in sorted(folder.glob("*.dist-info/RECORD")):
        for row in csv.reader(record.read_text().splitlines()):
            module = module_of(row[0])
            if module and row[0].endswith(".so"):
                native.add(module)
            elif module and "." not in module:
                top.add(module)
    return sorted(top) + sorted(native - top)


def module_of(place):
    """a/b/__init__.py → a.b; a/c.abi3.so → a.c; "" for what cannot be imported."""
    path = PurePosixPath(place)
    stem = next((path.name.removesuffix(end) for end in (*EXTENSION_SUFFIXES, ".py") if path.name.endswith(end)), "")
    parts = [*path.parts[:-1], *([stem] if stem != "__init__" else [])]
    return ".".join(parts) if stem and parts and all(part.isidentifier() for part in parts) else ""


def lost_modules(before, after):
    """What could be imported from the original package and cannot any more."""
    return [f"{name}: {after.modules.get(name, 'not tried')}" for name, error in sorted(before.modules.items())
            if not error and after.modules.get(name) != ""]
