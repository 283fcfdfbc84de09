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
from sandbox import lambda_environment, sandbox_command

EVENT = {"name": "Ada"}
EXTENSION_SUFFIXES = (".cpython-311-x86_64-linux-gnu.so", ".cpython-311-aarch64-linux-gnu.so", ".abi3.so")

# modules: {name: error, or "" when it was imported}; error: why there is no response; loaded: the files of all modules
# that were loaded, as the sandbox sees them; init_ms: what loading the handler took.
Run = namedtuple("Run", "modules response error loaded init_ms", defaults=((), None))

# How a handler is called in the sandbox.
Call = namedtuple("Call", "program environment")


def python_call(handler, event, modules=()):
    asked = json.dumps({"modules": modules, "event": event})
    return Call(["/var/lang/bin/python3.11", "/var/e2e/run_python.py", asked], lambda_environment("python3.11", handler))


def node_call(handler, event, modules=()):
    asked = json.dumps({"modules": modules, "event": event})
    return Call(["/var/lang/bin/node", "/var/e2e/run_node.js", asked], lambda_environment("nodejs22.x", handler))


def java_call(handler, event):
    program = ["/var/lang/bin/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx445m", "-cp", "/var/runtime",
               "RunHandler", handler, event["name"]]
    return Call(program, lambda_environment("java17", handler))


def run_python(root, folder, original, arch, timeout):
    return run_call(root, folder, arch, python_call("app.handler", EVENT, python_modules(original)), timeout)


def run_node(root, folder, original, arch, timeout):
    dependencies = json.loads((original / "package.json").read_text())["dependencies"]
    return run_call(root, folder, arch, node_call("index.handler", EVENT, sorted(dependencies)), timeout)


def run_java(root, folder, original, arch, timeout):
    return run_call(root, folder, arch, java_call("demo.Handler::handle", EVENT), timeout)


def run_bootstrap(root, folder, original, arch, timeout):
    def command(address):
        environment = lambda_environment("provided.al2023", "bootstrap", address)
        return sandbox_command(root, folder, arch, ["/var/task/bootstrap"], environment), {}

    response, error = ask_bootstrap(command, EVENT, timeout)
    return Run({}, response, error)


def run_call(root, folder, arch, call, timeout):
    return run_command(sandbox_command(root, folder, arch, call.program, call.environment), timeout)


def run_command(command, timeout):
    """Runs COMMAND, which starts a script of the guest folder, and gives what that answered."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL,
                              timeout=timeout)
    except subprocess.TimeoutExpired:
        return Run({}, None, f"no answer within {timeout} s")
    # What a package prints when the process ends comes after the answer.
    answers = [line for line in done.stdout.splitlines() if line.startswith(('{"modules":', '{"response":'))]
    if done.returncode or not answers:
        return Run({}, None, f"ended with status {done.returncode}\n{done.stdout.strip()}\n{done.stderr.strip()}")
    answer = json.loads(answers[-1])
    return Run(answer.get("modules", {}), answer["response"], "", answer.get("loaded", []), answer.get("init_ms"))


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
