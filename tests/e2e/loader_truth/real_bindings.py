"""Runs the host's dynamic loader with every symbol bound at once, and reads off what it bound to what."""

import os
import re
import subprocess
from dataclasses import dataclass, field

from real_loader import canonical, loader_command

BOUND = re.compile(r"^\s*\d+:\tbinding file (.*) \[\d+\] to (.*) \[\d+\]: (?:normal|protected) symbol `(.*)'(?: \[(.*)\])?$")
UNDEFINED = re.compile(r"undefined symbol: (\S+?)(?:, version (\S+))?\s*\((.*)\)$")
# "symbol NAME version V not defined in file LIBRARY with link time reference (FILE)": the search ended at LIBRARY.
STOPPED = re.compile(r"symbol (\S+?),? version (\S+) not defined in file (\S+) with link time reference.*?\((.*)\)$")


@dataclass
class Bound:
    bound: set = field(default_factory=set)      # (file, target, symbol, version)
    undefined: set = field(default_factory=set)  # (file, symbol, version); strong references only
    failed: str = ""                             # the loader's message when it gave up
    output: str = ""


def run(start, library_path, cwd, how="listed", preload=None, opener=None):
    """how: "listed": START as the main program of the loader, all symbols tried, as `ldd -r` does; "program": started
    by the kernel, the same; "opened": by a program that opens it with RTLD_NOW."""
    env = {"PATH": os.environ["PATH"], "LD_DEBUG": "bindings", "LD_BIND_NOW": "1"}
    if library_path is not None:
        env["LD_LIBRARY_PATH"] = library_path
    if preload:
        env["LD_PRELOAD"] = preload
    command = {"listed": [*loader_command(), start], "program": [start], "opened": [opener, start]}[how]
    if how != "opened":
        env.update(LD_TRACE_LOADED_OBJECTS="1", LD_WARN="1")
    done = subprocess.run(command, env=env, cwd=cwd, capture_output=True)
    result = Bound(output=(done.stdout + done.stderr).decode(errors="surrogateescape"))
    # An object that was found through a relative path is named by that path.
    def path(name):
        return canonical(os.path.join(cwd, name))
    main = start if how != "opened" else opener
    for line in result.output.splitlines():
        if m := BOUND.match(line):
            if "linux-vdso" in m[1]:
                continue
            names = [main if "/" not in name else name for name in (m[1], m[2])]
            result.bound.add((path(names[0]), path(names[1]), m[3], m[4] or ""))
        elif "(continued)" in line:
            continue  # said again, with its file, on standard output
        elif m := UNDEFINED.search(line):
            result.undefined.add((path(m[3] if "/" in m[3] else main), m[1], m[2] or ""))
        elif m := STOPPED.search(line):
            result.undefined.add((path(m[4] if "/" in m[4] else main), m[1], m[2] or ""))
        elif "error" in line or line.startswith("opener: "):
            result.failed = line
    return result
