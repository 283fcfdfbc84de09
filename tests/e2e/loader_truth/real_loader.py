"""Runs the host's dynamic loader and reads off what it did: which objects it mapped, and how it found each."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field

LOADER = "/lib64/ld-linux-x86-64.so.2"  # as the programs of its machine name it
ROOT = ""                               # where that loader and its libraries are on this host
EMULATOR = []                           # words before a program of another machine
MACHINE = 62
CROSS_ROOT = "/usr/aarch64-linux-gnu"   # of Debian's libc6-arm64-cross

ASKED = re.compile(r"^file=(.*) \[\d+\];  (?:needed|dynamically loaded) by (.*) \[\d+\]$")
MAPPED = re.compile(r"^file=(.*) \[\d+\];  generating link map$")
SEARCH = re.compile(r"^ search path=(.*)\t\t\((.*)\)$")
LISTED = re.compile(r"^\t(?:(.*) => )?(.*?)(?: \(0x[0-9a-f]+\))?$")
STOPPED = re.compile(r"error while loading shared libraries: (.*?): (.*)$|^opener: (.*?): (.*)$")


def use_arm64():
    """From here on the loader is arm64's, under emulation: its libraries come from Debian's cross compiler."""
    global LOADER, ROOT, EMULATOR, MACHINE
    LOADER, ROOT, EMULATOR, MACHINE = "/lib/ld-linux-aarch64.so.1", CROSS_ROOT, ["qemu-aarch64-static", "-L", CROSS_ROOT], 183


def take_root_without_linker_scripts(folder):
    """The cross compiler's libraries without its linker scripts (libc.so), which no runtime has."""
    global ROOT, EMULATOR
    os.makedirs(os.path.join(folder, "lib"))
    for entry in os.scandir(os.path.join(CROSS_ROOT, "lib")):
        if not entry.is_file():
            continue
        with open(entry.path, "rb") as file:
            if file.read(4) == b"\x7fELF":
                shutil.copy(entry.path, os.path.join(folder, "lib"))
    ROOT, EMULATOR = folder, ["qemu-aarch64-static", "-L", folder]


def on_host(path):
    """Where a path of the loader's file system is on this host: -L of the emulator looks into its root first."""
    return ROOT + path if ROOT and os.path.exists(ROOT + path) else path


def loader_command():
    return EMULATOR + [ROOT + LOADER]


@dataclass
class Request:
    """One name that the loader had to look for; names that something bears already are not asked for."""
    asker: str
    name: str
    how: str = "none"
    target: str = None  # as opened; None: nothing was found
    tried: str = None   # the last file that was tried, and by which list
    tried_how: str = "none"
    # ld.so names a folder after the first list it met it in, so of later requests the list is not certain.
    how_is_certain: bool = True


@dataclass
class Load:
    requests: list = field(default_factory=list)
    objects: list = field(default_factory=list)   # paths, in the order of symbol lookup, without the start
    names: dict = field(default_factory=dict)     # path -> name that it was first asked for by
    stopped_at: str = None                        # path or name in the loader's error
    message: str = ""
    output: str = ""


def canonical(path):
    """A path with the links of its folder resolved, as our edges give it: the file's own name stays."""
    if not path:
        return None
    if ROOT and path.startswith(ROOT + "/"):
        path = path[len(ROOT):]  # the loader itself is started by its path on this host
    if on_host(path) != path:
        return path
    return os.path.join(os.path.realpath(os.path.dirname(path) or "."), os.path.basename(path))


def how_of(search):
    if search.startswith("RPATH"):
        return "rpath"
    if search.startswith("RUNPATH"):
        return "runpath"
    if search == "LD_LIBRARY_PATH":
        return "LD_LIBRARY_PATH"
    if search == "system search path":
        return "default path"
    raise AssertionError("unknown search: " + search)


def is_mapped(path, mapped):
    return path and os.path.exists(path) and any(os.path.samefile(path, other) for other in mapped)


def parse_debug(lines, start, cwd):
    """The requests in LD_DEBUG=files,libs output."""
    requests, mapped, met, now_met = [], [start], set(), set()
    current, how, tried = None, None, None

    def finish(found):
        nonlocal current
        if current is None:
            return
        if "/" in current.name:
            current.tried, current.tried_how = found or os.path.join(cwd, current.name), "path in the name"
        else:
            current.tried, current.tried_how = tried, how
        # A file that was mapped before under another name gets no new map, and nothing is printed about it.
        if found or is_mapped(current.tried, mapped):
            current.how, current.target = current.tried_how, current.tried
            mapped.append(os.path.join(cwd, current.tried))
            current.how_is_certain = os.path.dirname(current.tried) not in met
        requests.append(current)
        met.update(now_met)
        current = None

    for line in lines:
        if m := ASKED.match(line):
            finish(None)
            current, how, tried = Request(m[2], m[1]), None, None
        elif m := SEARCH.match(line):
            how = how_of(m[2])
            now_met.update(folder.rstrip("/") for folder in m[1].split(":"))
        elif line.startswith(" search cache="):
            how = "default path"
        elif line.startswith("  trying file="):
            tried = line[len("  trying file="):]
        elif m := MAPPED.match(line):
            finish(m[1])
    finish(None)
    return requests


def run(start, library_path, cwd, how="listed", preload=None, before=(), opener=None):
    """how: "listed" through the loader itself, "program" started by the kernel, "opened" with dlopen after `before`."""
    env = {"PATH": os.environ["PATH"], "LD_DEBUG": "files,libs"}
    if library_path is not None:
        env["LD_LIBRARY_PATH"] = library_path
    if preload:
        env["LD_PRELOAD"] = preload
    command = {"listed": [*loader_command(), start], "program": [start], "opened": [opener, *before, start]}[how]
    if how != "opened":
        env["LD_TRACE_LOADED_OBJECTS"] = "1"
    done = subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True)
    load = Load(output=done.stderr + done.stdout)
    debug = []
    for line in done.stderr.splitlines():
        if m := re.match(r"^\s*\d+:\t(.*)$", line):
            debug.append(m[1])
        elif m := STOPPED.search(line):
            load.stopped_at, load.message = (m[1] or m[3]), (m[2] or m[4])
    load.requests = parse_debug(debug, start, cwd)
    for line in done.stdout.splitlines():
        m = LISTED.match(line)
        if not m or line == "\tstatically linked" or "linux-vdso" in line or m[2].endswith("not found") or os.path.basename(m[2]) == os.path.basename(LOADER):
            continue
        load.objects.append(canonical(os.path.join(cwd, m[2])))
        load.names[load.objects[-1]] = m[1] or m[2]
    say_where_it_stopped(load, cwd)
    return load


def say_where_it_stopped(load, cwd):
    """The file that the last request ended at, when the loader refused it."""
    if not load.stopped_at or not load.requests:
        return
    last = load.requests[-1]
    if last.target is None and last.tried and os.path.lexists(os.path.join(cwd, last.tried)):
        last.how, last.target = last.tried_how, last.tried


def describe_host(program="/bin/true"):
    """The host's loader as settings for print_links: what ld.so says of itself, and /etc/ld.so.conf through its cache.
    program: any that it can start."""
    def ask(*words, env=None):
        return subprocess.run([*loader_command(), *words], env=env, capture_output=True, text=True, check=True)

    said = ask("--list-diagnostics").stdout
    value = dict(re.findall(r'^(dl_platform|dl_dst_lib|version\.version)="(.*)"$', said, re.M))
    help_text = ask("--help").stdout
    lines = ["machine %d" % MACHINE, "lib " + value["dl_dst_lib"], "platform " + value["dl_platform"], "loader " + LOADER]
    if ROOT:
        lines.append("root " + ROOT)
    # The subfolders are asked of the loader itself: it prints those of a folder that it has not looked into yet.
    asked = ask(program, env={"LD_DEBUG": "libs", "LD_LIBRARY_PATH": "/tmp", "LD_TRACE_LOADED_OBJECTS": "1"}).stderr
    folders = re.search(r" search path=(\S+)\t\t\(LD_LIBRARY_PATH\)", asked)[1].split(":")
    lines += ["hwcaps " + folder[len("/tmp/"):] for folder in folders if folder != "/tmp"]
    system = re.findall(r"^  (/\S+) \(system search path\)$", help_text, re.M)
    lines += ["default " + folder for folder in system]
    cached = [] if ROOT else cached_folders()  # the host's cache has nothing for another machine
    lines += ["cached " + folder for folder in cached]
    lines += ["outside " + folder for folder in dict.fromkeys(system + cached)]
    return lines


def cached_folders():
    cache = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    cached = list(dict.fromkeys(os.path.dirname(path) for path in re.findall(r" => (/\S+)$", cache, re.M)))
    # The cache holds one path per name; between folders that have the same name the order of ld.so.conf decides.
    conf = subprocess.run(["/sbin/ldconfig", "-v", "-N", "-X"], capture_output=True, text=True).stdout
    order = re.findall(r"^(/[^:\s]+): ", conf, re.M)
    return sorted(cached, key=lambda folder: order.index(folder) if folder in order else len(order))
