#!/usr/bin/env python3
"""Compares the bindings of symbols that we expect with those of the host's dynamic loader, symbol by symbol.

    check_bindings.py --print-links PROGRAM [--packages FOLDER...] [--no-cases] [--arm64] [--only TEXT] [-v]

The cases (binding_cases.py) and the given real packages are laid out at /var/task in a mount namespace of their own.
Every symbol that ld.so binds when it is told to bind all (LD_BIND_NOW, LD_DEBUG=bindings) must be bound to the same
file by us, none less and none more, and the strong references that it finds nowhere must be ours. --arm64: the packages
under emulation, with the loader of Debian's arm64 cross compiler.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

import binding_cases
import build_elf
import real_bindings
import real_loader
import run
from cases import LAMBDA_PATH, TASK


class Ours:
    def __init__(self):
        self.bound, self.undefined = set(), set()


def ask(program, profile, starts, extra):
    with tempfile.NamedTemporaryFile("w", suffix=".profile", dir="/tmp") as file:
        file.write("\n".join(profile + extra) + "\n")
        file.flush()
        done = subprocess.run([program, "--bindings", file.name, TASK, *starts], capture_output=True, check=True)
    result = {}
    for line in done.stdout.decode(errors="surrogateescape").splitlines():
        kind, *fields = line.split("\t")
        if kind == "start":
            current = result[fields[0]] = Ours()
        elif kind == "binding":
            current.bound.add((real_loader.canonical(fields[0]), real_loader.canonical(fields[1]), fields[2], fields[3]))
        elif fields[1] != "weak":
            current.undefined.add((real_loader.canonical(fields[0]), fields[2], fields[3]))
    return result


def without_loaders_own(real, ours, how):
    """What ld.so looks up for itself, not for a relocation: its allocator, in the name of the main program. And when it
    only lists (LD_TRACE_LOADED_OBJECTS), it does not relocate itself again: that is taken out of ours."""
    own = {"malloc", "calloc", "realloc", "free"}
    if how == "opened":
        real.bound = {b for b in real.bound if b in ours.bound or not (b[0] == TASK + "/bootstrap" and b[2] in own)}
    else:
        def place(path):
            return os.path.realpath(real_loader.on_host(path))
        ours.bound = {b for b in ours.bound if place(b[0]) != place(real_loader.LOADER)}
    return real


def compare(ours, real):
    """Differences as text."""
    differences = []
    for what in ("bound", "undefined"):
        mine, theirs = getattr(ours, what), getattr(real, what)
        differences += ["%s by us only: %s" % (what, b) for b in sorted(mine - theirs)]
        differences += ["%s by ld.so only: %s" % (what, b) for b in sorted(theirs - mine)]
    return differences


def run_case(case, builder, program, profile, opener, verbose):
    run.clear_lambda_folders()
    case.lay_out(binding_cases.Files(builder.work, opener))
    extra = ["working_folder " + TASK, "mount " + TASK, "program_folder " + TASK, *run.library_path_settings(LAMBDA_PATH)]
    extra += ["outside /lib64"]
    extra += ["bootstrap " + TASK + "/bootstrap"] if case.how == "opened" else []
    extra += ["preload " + case.preload] if case.preload else []
    ours = ask(program, profile, [case.start], extra)[case.start]
    start = os.path.join(TASK, case.start)
    real = real_bindings.run(start, LAMBDA_PATH, TASK, case.how, case.preload, TASK + "/bootstrap")
    differences = compare(ours, without_loaders_own(real, ours, case.how))
    if len(real.bound) < case.at_least:
        differences.append("ld.so bound only %d symbols: %s" % (len(real.bound), real.output[-600:]))
    expected = {(os.path.join(TASK, file), symbol) for file, symbol in case.unbound}
    if {(file, symbol) for file, symbol, _ in real.undefined} != expected or (real.failed and not expected):
        differences.append("ld.so found %s undefined; %s" % (sorted(real.undefined), real.failed or real.output[-600:]))
    if verbose:
        print("  %d bindings, %d undefined" % (len(real.bound), len(real.undefined)))
    return differences


def run_package(folder, program, profile, verbose):
    """Every ELF file of a real package, as the main program of a load of its own."""
    run.clear_lambda_folders()
    subprocess.run(["mount", "--bind", folder, TASK], check=True)
    try:
        extra = ["working_folder " + TASK, "mount " + TASK, *run.library_path_settings(LAMBDA_PATH)]
        extra += [] if real_loader.ROOT else ["outside /lib64"]
        differences, symbols, loads, without, undefined = [], 0, 0, 0, 0
        for start, ours in sorted(ask(program, profile, [], extra).items()):
            path = os.path.join(TASK, start)
            real = real_bindings.run(path, LAMBDA_PATH, TASK)
            if not real.bound and not real.undefined and not ours.bound:
                without += 1  # of another machine, static, or refused; loader_truth's run.py says which
                continue
            if "cannot open shared object file" in real.output or "=> not found" in real.output:
                without += 1  # a library is missing: ld.so stops before it binds anything
                continue
            found = compare(ours, without_loaders_own(real, ours, "listed"))
            differences += ["%s: %s" % (start, text) for text in found[:20]]
            symbols, loads, undefined = symbols + len(real.bound), loads + 1, undefined + len(real.undefined)
            if verbose:
                print("  %s: %d bindings, %d undefined, %d differences" % (start, len(real.bound), len(real.undefined), len(found)))
        print("  %s: %d loads, %d bindings, %d undefined references, %d differences; %d ELF files that this host's loader does not bind"
              % (folder, loads, symbols, undefined, len(differences), without))
        if loads == 0:
            differences.append("no ELF file of this host's machine in " + folder)
        return differences
    finally:
        subprocess.run(["umount", TASK], check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--print-links", required=True)
    parser.add_argument("--packages", nargs="*", default=[])
    parser.add_argument("--only", help="cases and packages whose name holds this text")
    parser.add_argument("--no-cases", action="store_true", help="only the packages")
    parser.add_argument("--arm64", action="store_true", help="only the packages, with arm64's loader under emulation")
    parser.add_argument("-v", action="store_true")
    options = parser.parse_args()
    if options.arm64:
        real_loader.use_arm64()
    if run.INSIDE not in os.environ:
        run.enter_namespace()
    run.make_lambda_folders()
    builder = build_elf.ElfBuilder()
    try:
        profile = run.describe_loader(builder, options.arm64)
        opener = run.OPENER_SOURCE
        jobs = [(case.about, lambda case=case: run_case(case, builder, options.print_links, profile, opener, options.v))
                for case in binding_cases.CASES if not (options.no_cases or options.arm64)]
        jobs += [(folder, lambda folder=folder: run_package(folder, options.print_links, profile, options.v))
                 for folder in options.packages]
        failed = run.report_jobs(jobs, options.only)
    finally:
        shutil.rmtree(builder.work)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
