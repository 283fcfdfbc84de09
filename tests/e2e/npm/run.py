# Do functions with npm packages still work when the files are gone that lambdapack says nothing reads?
#
# tests/e2e/npm/run.py LAMBDAPACK [NAME…]: each case is a script and a lock of public packages beside this file. The
# function runs in what nodejs22.x gives, under strace, before anything is packed: every file that it opens must be in
# the package that `pack` writes, also with --aggressive, and the packed ones must print the same. Each case has files
# that must go, and files that must not.

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parents[2] / "tools/corpus"))

from cache import CorpusError, build_folder, cache_dir, hash_of
from catalog import make_root
from node_function import install_packages
from sandbox import Missing, check_sandbox, find_program, lambda_environment, sandbox_command

TIMEOUT = 300  # seconds
OPENED = re.compile(r"^\d+ +(?:(?:openat|open)\(|<\.\.\. (?:openat|open) resumed>).* = \d+<(/[^>]*)>")

# gone, stays: globs of the folder at the default level; aggressive: packages that --aggressive drops.
Case = namedtuple("Case", "name gone stays aggressive prepare")


def as_is(folder):
    pass


def with_lock_file(folder):
    shutil.copy(HERE / "compiler.lock.json", folder / "package-lock.json")


def as_pnpm_does(folder):
    """Every package in a store of its own, with links to what it depends on."""
    modules, store = folder / "node_modules", folder / "node_modules/.pnpm"
    packages = sorted(path.parent.relative_to(modules) for pattern in ("*/package.json", "@*/*/package.json")
                      for path in modules.glob(pattern))
    for name in packages:
        place = store / str(name).replace("/", "+") / "node_modules" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        (modules / name).rename(place)
    for scope in modules.glob("@*"):
        shutil.rmtree(scope)
    real = {name: store / str(name).replace("/", "+") / "node_modules" / name for name in packages}
    for name in packages:
        for other in packages:
            if other != name:
                link_to(real[other], real[name].parents[len(name.parts) - 1] / other)
    for name in packages:
        link_to(real[name], modules / name)


def link_to(target, link):
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.relpath(target, link.parent))


def bundled(folder):
    esbuild = folder / "node_modules/@esbuild/linux-x64/bin/esbuild"
    done = subprocess.run([esbuild, "index.js", "--bundle", "--platform=node", "--external:ms", "--outfile=out/index.js",
                           "--metafile=meta.json", "--log-level=warning"], cwd=folder, capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise CorpusError(f"esbuild: {done.stderr.strip()}")
    (folder / "out/index.js").replace(folder / "index.js")
    (folder / "out").rmdir()
    shutil.rmtree(folder / "node_modules/@esbuild")
    shutil.rmtree(folder / "node_modules/esbuild")


CASES = [
    Case("views", ["node_modules/express/Readme.md", "node_modules/debug/README.md"], ["node_modules/ejs/lib/cjs/ejs.js", "node_modules/*/LICENSE*", "node_modules/ms/license.md"], [], as_is),
    Case("database", ["node_modules/sequelize/**/*.d.ts", "node_modules/pg/README.md"],
         ["node_modules/pg/lib/index.js", "node_modules/pg-hstore/lib/index.js"], [], as_is),
    Case("compiler", ["node_modules/typescript", "node_modules/@typescript/*", "node_modules/@types/node", "node_modules/undici-types"],
         ["node_modules/yaml/dist/doc/Document.js", "node_modules/zod/index.js"], ["node_modules/zod"], with_lock_file),
    Case("logger", ["node_modules/.pnpm/minimist/node_modules/minimist/README.md"],
         ["node_modules/pino-pretty", "node_modules/.pnpm/pino-pretty/node_modules/pino-pretty/index.js"], [], as_pnpm_does),
    Case("bundle", [], ["node_modules/lodash/lodash.js", "node_modules/ms/index.js"], ["node_modules/lodash"], bundled),
    Case("maps", ["node_modules/rxjs/**/*.d.ts"], ["node_modules/rxjs/dist/cjs/index.js.map"], [], as_is),
]


def make_package(case):
    lock, source = HERE / f"{case.name}.json", HERE / f"{case.name}.js"

    def build(folder):
        install_packages(lock, folder, [("linux", "x64")])
        shutil.copy(source, folder / "index.js")
        case.prepare(folder)

    made_from = hash_of(lock, source, HERE / "run.py", HERE / "compiler.lock.json",
                        HERE.parents[2] / "tools/corpus/node_function.py")
    return build_folder(case.name, made_from, build, cache_dir() / "npm")


def run_traced(root, folder, log):
    """(what the function printed, the files of the package that it opened, as paths in it)."""
    environment = dict(lambda_environment("nodejs22.x", "index.handler"), HOME="/tmp")
    command = [find_program("strace", "strace"), "-f", "-qq", "-y", "-e", "trace=open,openat", "-e", "signal=none", "-o",
               str(log), *sandbox_command(root, folder, "x86_64", ["/var/lang/bin/node", "/var/task/index.js"], environment)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL,
                          timeout=TIMEOUT, check=False)
    opened = set()
    for line in log.read_text(errors="replace").splitlines():
        match = OPENED.match(line)
        if match and "/var/task/" in match[1]:
            path = match[1].split("/var/task/", 1)[1]
            if (folder / path).is_file():
                opened.add(path)
    return done, opened


def pack(lambdapack, folder, target, *options):
    return subprocess.run([lambdapack, "pack", str(folder), "-o", f"{target}/", "-q", "--runtime", "nodejs22.x", "--arch",
                           "x86_64", *options], capture_output=True, text=True, timeout=TIMEOUT, check=False)


def matches(folder, patterns):
    return sorted(str(path.relative_to(folder)) for pattern in patterns for path in folder.glob(pattern))


def size_of(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def check_level(lambdapack, case, folder, root, work, before, opened, options):
    """(what is wrong, the size of what is left)"""
    target = work / ("packed" + "".join(options))
    done = pack(lambdapack, folder, target, *options)
    if done.returncode:
        return [f"pack: {done.stderr.strip()}"], 0
    level = "".join(options) or "default level"
    wrong = [f"{level}: dropped, but it is opened: {path}" for path in sorted(opened) if not (target / path).exists()]
    dangling = [str(path.relative_to(target)) for path in target.rglob("*") if path.is_symlink() and not path.exists()]
    wrong += [f"{level}: leads to nothing: {path}" for path in dangling if (folder / path).exists()]
    after, _ = run_traced(root, target, work / "after.log")
    if after.returncode or after.stdout != before.stdout:
        wrong.append(f"{level}: answers {after.stdout[-500:]!r}{after.stderr[-1500:]}, the original {before.stdout[-500:]!r}")
    return wrong, size_of(target)


def check_case(lambdapack, case, work):
    folder, root = make_package(case), make_root("nodejs22.x", "x86_64")
    before, opened = run_traced(root, folder, work / "before.log")
    if before.returncode or not before.stdout.strip():
        return [f"the original fails: {before.stdout[-1000:]}{before.stderr[-3000:]}"]
    wrong = [f"matches nothing, so it tests nothing: {pattern}" for pattern in [*case.gone, *case.stays, *case.aggressive]
             if not matches(folder, [pattern])]
    more, default_size = check_level(lambdapack, case, folder, root, work, before, opened, [])
    wrong += more
    more, least_size = check_level(lambdapack, case, folder, root, work, before, opened, ["--aggressive"])
    wrong += more
    packed, aggressive = work / "packed", work / "packed--aggressive"
    wrong += [f"still there: {path}" for path in matches(packed, case.gone)]
    wrong += [f"is gone: {path}" for path in matches(folder, case.stays) if not (packed / path).exists()]
    wrong += [f"still there with --aggressive: {path}" for path in matches(aggressive, case.aggressive)]
    kept = [path for path in matches(folder, ["**/[lL][iI][cC][eE][nN][sScC][eE]*"]) if (folder / path).is_file()]
    wrong += [f"a licence is gone: {path}" for path in kept
              if not (packed / path).exists() and not any((folder / path).is_relative_to(folder / gone) for gone in matches(folder, case.gone))]
    size = size_of(folder)
    print(f"     {len(opened)} files opened; {size / 1e6:.2f} MB, {default_size / 1e6:.2f} packed "
          f"({100 - 100 * default_size / size:.0f} % less), {least_size / 1e6:.2f} with --aggressive", flush=True)
    return wrong


def main():
    parser = argparse.ArgumentParser(description="functions with npm packages, packed and run")
    parser.add_argument("lambdapack")
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_intermixed_args()
    chosen = [case for case in CASES if not arguments.names or case.name in arguments.names]
    passed = failed = 0
    try:
        check_sandbox()
        for case in chosen:
            work = Path(tempfile.mkdtemp(prefix="lambdapack-npm-"))
            try:
                wrong = check_case(arguments.lambdapack, case, work)
            finally:
                shutil.rmtree(work, ignore_errors=True)
            print(f"{'FAIL' if wrong else 'ok  '} {case.name}" + "".join(f"\n     {line}" for line in wrong), flush=True)
            passed, failed = (passed, failed + 1) if wrong else (passed + 1, failed)
    except (CorpusError, Missing) as error:
        sys.exit(f"npm: {error}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not chosen else 0)


if __name__ == "__main__":
    main()
