#!/usr/bin/env python3
"""Compares our edges with what the host's dynamic loader does, case by case, at Lambda's paths.

    run.py --print-links PROGRAM [--packages FOLDER...] [--no-cases] [--arm64] [-v]

The cases (cases.py) and the given real packages are laid out at /var/task in a mount namespace of their own: as root
with unshare -m, else with a user namespace. Per case the loader's requests, their order, what it found by which list, the
objects it mapped and their order must equal ours: everything, or the case fails. --arm64: the packages under emulation,
with the loader of Debian's arm64 cross compiler; the cases are about the host's own.
"""

import argparse
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile

import build_elf
import cases
import real_loader
from cases import TASK

CACHE = "/etc/ld.so.cache"
INSIDE = "LAMBDAPACK_LOADER_TRUTH_INSIDE"
# How ld.so refuses a file before it looks at what the file needs.
NO_LOAD = ("cannot open shared object file", "only ET_DYN and ET_EXEC can be loaded", "object file has no dynamic section",
           "wrong ELF class: ELFCLASS32")
OPENER_SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "opener.c")
TOKENS = {}  # $LIB and $PLATFORM of this host


def enter_namespace():
    """Runs this script again with an own /var and /opt; never returns."""
    tools = ["unshare", "mount", "readelf", build_elf.CC] + real_loader.EMULATOR[:1]
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing or not os.path.exists(real_loader.on_host(real_loader.LOADER)):
        sys.exit("loader_truth: missing %s: run tools/setup --tests on an x86_64 glibc host" % (missing or real_loader.LOADER))
    command = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--user", "--map-root-user"])
    sys.exit(subprocess.run(command + [sys.executable] + sys.argv, env={**os.environ, INSIDE: "1"}).returncode)


def make_lambda_folders():
    # Private first, so that nothing here is seen outside; /opt and /var are the folders that Lambda's paths are under.
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    for folder in ("/var", "/opt"):
        subprocess.run(["mount", "-t", "tmpfs", "loader-truth", folder], check=True)
    for folder in ("/var/lang/lib", "/var/lang/bin", "/var/runtime/lib", TASK, "/opt/lib"):
        os.makedirs(folder, exist_ok=True)


def clear_lambda_folders():
    for folder in ("/var", "/opt"):
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
    for folder in ("/var/lang/lib", "/var/lang/bin", "/var/lang/real", "/var/runtime/lib", TASK, "/opt/lib"):
        os.makedirs(folder, exist_ok=True)


def set_cache(folders):
    """Gives this namespace an /etc/ld.so.cache with these folders before the host's own; with none, the host's again."""
    while os.path.ismount(CACHE):
        subprocess.run(["umount", CACHE], check=True)
    if not folders:
        return
    with tempfile.TemporaryDirectory(dir="/var") as work:
        conf, cache = os.path.join(work, "conf"), os.path.join(work, "cache")
        with open(conf, "w") as file:
            file.write("\n".join(folders) + "\ninclude /etc/ld.so.conf\n")
        subprocess.run(["/sbin/ldconfig", "-X", "-f", conf, "-C", cache], check=True)
        subprocess.run(["mount", "--bind", cache, CACHE], check=True)


def sonames(path, known={}):
    path = real_loader.on_host(path)
    key = (path, os.stat(path).st_mtime_ns, os.stat(path).st_ino)
    if key not in known:
        text = subprocess.run(["readelf", "-dW", path], capture_output=True, text=True).stdout
        known[key] = [line.split("[")[1].rstrip("]") for line in text.splitlines() if "(SONAME)" in line]
    return known[key]


class Ours:
    """What print_links says about one start."""

    def __init__(self):
        self.objects, self.edges = [], []


def ask_print_links(program, profile, starts, extra):
    with tempfile.NamedTemporaryFile("w", suffix=".profile", dir="/tmp") as file:
        file.write("\n".join(profile + extra) + "\n")
        file.flush()
        text = subprocess.run([program, file.name, TASK, *starts], capture_output=True, text=True, check=True).stdout
    result = {}
    for line in text.splitlines():
        kind, *fields = line.split("\t")
        if kind == "start":
            current = result[fields[0]] = Ours()
        elif kind == "object":
            current.objects.append(fields[1])
        else:
            current.edges.append(fields)
    return result


def library_path_settings(library_path):
    return ["library_path " + entry for entry in library_path.split(":")] if library_path else []


def expand(needed):
    """The name as ld.so prints it: $LIB and $PLATFORM replaced."""
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda m: TOKENS.get(m[1] or m[2], m[0]), needed)


def expected_requests(ours, load):
    """(asker, name or None, how or None, target) for every edge that ld.so must have searched for, until it stopped; and
    the edges to what is loaded already that cannot be right."""
    expected, wrong = [], []
    for asker, needed, how, state, folder, target in ours.edges:
        optional = state.endswith("?")
        state = state.rstrip("?")
        if how == "already loaded":
            # The name must be borne by the target: its first name, its soname, or its file name.
            first = [name for path, name in load.names.items() if os.path.realpath(path) == os.path.realpath(target)]
            borne = set(first) | set(sonames(target)) | {os.path.basename(target), target}
            if needed not in borne:
                wrong.append("%s needs %s: said to be borne by %s, which bears %s" % (asker, needed, target, sorted(borne)))
            continue
        name = expand(needed)
        path = None if state == "missing" else os.path.join(folder, os.path.basename(name)) if folder else target
        how = {"missing": "none"}.get(state, None if how == "LD_PRELOAD" else how)
        # $ORIGIN's text depends on how the asker was opened; the target says enough.
        expected.append((os.path.realpath(asker), None if "$ORIGIN" in name else name, how, real_loader.canonical(path)))
        if not optional and (state == "fatal" or (state == "missing" and load.stopped_at)):
            break
    return expected, wrong


def actual_requests(load):
    for request in load.requests:
        asker = os.path.realpath(os.path.join(TASK, request.asker))
        if asker.startswith(TASK + "/"):
            target = real_loader.canonical(os.path.join(TASK, request.target)) if request.target else None
            yield asker, request.name, request.how, target, request.how_is_certain


def same_request(ours, real):
    asker, name, how, target = ours
    return (asker == real[0] and name in (None, real[1]) and target == real[3] and
            (how in (None, real[2]) or (target is not None and not real[4])))


def compare(ours, load, start):
    """Differences between our edges and the loader's requests, as text."""
    expected, differences = expected_requests(ours, load)
    actual = list(actual_requests(load))
    for i, (mine, real) in enumerate(itertools.zip_longest(expected, actual)):
        if mine is None or real is None or not same_request(mine, real):
            differences.append("request %d: ours %s, ld.so %s" % (i, mine, real))
            break
    if not load.stopped_at:
        mine = [path for path in map(real_loader.canonical, ours.objects) if os.path.realpath(path) != os.path.realpath(start)]
        real = [path for path in load.objects if os.path.realpath(path) != os.path.realpath(start)]
        if mine != real:
            differences.append("objects: ours %s, ld.so %s" % (mine, real))
    return differences


def run_case(case, builder, program, profile, opener, verbose):
    clear_lambda_folders()
    process = TASK + "/bootstrap" if case.host else "/var/lang/bin/opener"
    if case.host:
        builder.build_opener(process, OPENER_SOURCE, **case.host)
    else:
        shutil.copy(opener, process)
    case.lay_out(cases.Files(builder))
    extra = ["working_folder " + TASK, "mount " + TASK, "program_folder /var/lang/bin"] + library_path_settings(case.library_path)
    extra += ["outside /var/lang/lib", "outside /var/lang/real", "outside /opt/lib", "outside /lib64", "outside /var/task-libs"]
    if case.host:
        extra.append("bootstrap " + process)
    elif case.how == "opened":
        extra += ["loaded libc.so.6", "loaded ld-linux-x86-64.so.2"]
        extra += ["loaded " + name for path in case.before for name in sonames(path)]
    if case.preload:
        extra += ["preload " + name for name in case.preload.replace(":", " ").split()]
    if case.cached:
        # Ahead of the host's own folders, as in the cache's configuration.
        first = next(i for i, line in enumerate(profile) if line.startswith("cached "))
        profile = profile[:first] + ["cached " + folder for folder in case.cached] + profile[first:]
        extra += ["outside " + folder for folder in case.cached]
    differences = []
    asked = {start: os.path.relpath(os.path.realpath(os.path.join(TASK, start)), TASK) for start in case.starts}
    answers = ask_print_links(program, profile, asked.values(), extra)
    for start in case.starts:
        path = os.path.join(TASK, start)
        set_cache(case.cached)  # only now: all programs of this namespace see it
        load = real_loader.run(path, case.library_path, TASK, case.how, case.preload, case.before, process)
        set_cache([])
        if bool(load.stopped_at) != case.stops:
            differences.append("%s: ld.so %s: %s" % (start, "stopped" if load.stopped_at else "did not stop", load.output[-400:]))
        ours = answers[asked[start]]
        if case.how == "opened":
            # Only what the last dlopen asks for is compared, and dlopen lists no objects.
            opened = max((i for i, request in enumerate(load.requests) if request.name == path), default=-1)
            if opened < 0:
                differences.append("%s: was not opened: %s" % (start, load.output[-400:]))
            load.requests = load.requests[opened + 1:]
            ours.objects, load.objects = [], []
        differences += ["%s: %s" % (start, text) for text in compare(ours, load, path)]
        if verbose:
            print("  %s: %d edges, %d requests, stopped: %s" % (start, len(ours.edges), len(load.requests), load.message or "no"))
    return differences


def run_package(folder, program, profile):
    """Every shared object of a real package, as the start of a load of its own."""
    clear_lambda_folders()
    subprocess.run(["mount", "--bind", folder, TASK], check=True)
    try:
        extra = ["working_folder " + TASK, "mount " + TASK] + ([] if real_loader.ROOT else ["outside /lib64"]) + library_path_settings(cases.LAMBDA_PATH)
        answers = ask_print_links(program, profile, [], extra)
        differences, edges, loads, without = [], 0, 0, 0
        for start, ours in sorted(answers.items()):
            path = os.path.join(TASK, start)
            load = real_loader.run(path, cases.LAMBDA_PATH, TASK)
            if load.stopped_at and load.message.startswith(NO_LOAD) and not ours.edges:
                without += 1  # ld.so refuses the start itself: of another machine, or an object file
                continue
            found = compare(ours, load, path)
            differences += ["%s: %s" % (start, text) for text in found]
            edges, loads = edges + len(ours.edges), loads + 1
        print("  %s: %d loads, %d edges, %d differences; %d ELF files that this host's loader does not start"
              % (folder, loads, edges, len(differences), without))
        if loads == 0:
            differences.append("no ELF file of this host's machine in " + folder)
        return differences
    finally:
        subprocess.run(["umount", TASK], check=True)


def report_jobs(jobs, only):
    """Runs [(about, job)] whose name has `only` in it, says how each went, and whether any failed or none ran."""
    passed = failed = 0
    for about, job in jobs:
        if only and only not in about:
            continue
        differences = job()
        passed, failed = passed + (not differences), failed + bool(differences)
        print(("ok    " if not differences else "FAIL  ") + about)
        for text in differences[:20]:
            print("      " + text)
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0 or not passed


def describe_loader(builder, arm64):
    if not arm64:
        return real_loader.describe_host()
    real_loader.take_root_without_linker_scripts(os.path.join(builder.work, "root"))
    program = os.path.join(builder.work, "arm64")
    subprocess.run(["aarch64-linux-gnu-gcc", "-x", "c", "-", "-o", program], input=b"int main(void) { return 0; }", check=True)
    return real_loader.describe_host(program)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--print-links", required=True)
    parser.add_argument("--packages", nargs="*", default=[])
    parser.add_argument("--only", help="cases and packages whose name holds this text")
    parser.add_argument("--no-cases", action="store_true", help="only the packages")
    parser.add_argument("-v", action="store_true")
    parser.add_argument("--arm64", action="store_true", help="only the packages, with arm64's loader under emulation")
    options = parser.parse_args()
    if options.arm64:
        real_loader.use_arm64()
    if INSIDE not in os.environ:
        enter_namespace()
    make_lambda_folders()
    builder = build_elf.ElfBuilder()
    try:
        opener = os.path.join(builder.work, "opener")
        builder.build_opener(opener, OPENER_SOURCE)
        profile = describe_loader(builder, options.arm64)
        TOKENS.update({"PLATFORM": profile[2].split(" ")[1], "LIB": profile[1].split(" ")[1]})
        jobs = [(case.about, lambda case=case: run_case(case, builder, options.print_links, profile, opener, options.v)) for case in cases.CASES if not (options.no_cases or options.arm64)]
        jobs += [(folder, lambda folder=folder: run_package(folder, options.print_links, profile)) for folder in options.packages]
        failed = report_jobs(jobs, options.only)
    finally:
        shutil.rmtree(builder.work)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
