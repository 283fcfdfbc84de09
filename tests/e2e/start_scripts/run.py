#!/usr/bin/env python3
"""Compares what lambdapack reads out of start scripts with what bash and the dynamic loader make of them.

    run.py PRINT_START [-v]

Packages are laid out at /var/task in a mount namespace of their own, with a runtime's libraries in /var/lang/lib. Each
script runs for real; the program at its end prints the libraries that are mapped into it, and those must be the ones
that print_start expects. A doubt is right only where a case says so: a script that lambdapack says to understand must
be understood, and the everyday ones must be no doubt.
"""

import argparse
import itertools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

INSIDE = "LAMBDAPACK_START_SCRIPTS_INSIDE"
TASK = Path("/var/task")
LOADER = "/lib64/ld-linux-x86-64.so.2"
LIBRARY_PATH = "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
WATCHED = ("libone.so.1", "libtwo.so.1", "libhook.so.1", "libc.so.6")

PROGRAM = r"""
#include <stdio.h>
#include <string.h>
int one(void); int two(void);
int main(void) {
  char line[4096];
  FILE* maps = fopen("/proc/self/maps", "r");
  while (maps && fgets(line, sizeof line, maps)) {
    char* path = strchr(line, '/');
    if (path && strstr(path, ".so")) fputs(path, stdout);
  }
  return one() + two() > 1000;
}
"""


def enter_namespace():
    missing = [tool for tool in ("unshare", "mount", "bash", "gcc") if not shutil.which(tool)]
    if missing or not os.path.exists(LOADER):
        sys.exit("start_scripts: missing %s: needs util-linux, bash and gcc on an x86_64 glibc host" % (missing or LOADER))
    command = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--user", "--map-root-user"])
    sys.exit(subprocess.run(command + [sys.executable, "-B"] + sys.argv, env={**os.environ, INSIDE: "1"}).returncode)


def make_folders():
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    for folder in ("/var", "/opt"):
        subprocess.run(["mount", "-t", "tmpfs", "start-scripts", folder], check=True)
    for folder in ("/var/lang/lib", "/var/build", "/opt/lib"):
        os.makedirs(folder, exist_ok=True)


def build():
    """libone and libtwo in the runtime, which the package has too; libhook for LD_PRELOAD; the program."""
    for name in ("one", "two", "hook"):
        Path(f"/var/build/{name}.c").write_text(f"int {name}(void) {{ return 1; }}\n")
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", f"/var/build/lib{name}.so.1", f"/var/build/{name}.c",
                        f"-Wl,-soname,lib{name}.so.1"], check=True)
    Path("/var/build/app.c").write_text(PROGRAM)
    subprocess.run(["gcc", "-o", "/var/build/app", "/var/build/app.c", "/var/build/libone.so.1",
                    "/var/build/libtwo.so.1"], check=True)
    for name in ("one", "two"):
        shutil.copy(f"/var/build/lib{name}.so.1", "/var/lang/lib")


def host_folder(name):
    said = subprocess.run([LOADER, "--list", "/var/build/app"], env={"LD_LIBRARY_PATH": "/var/lang/lib"},
                          capture_output=True, text=True, check=True).stdout
    return os.path.dirname(re.search(rf"{re.escape(name)} => (\S+)", said)[1])


def lay_out(files, libc_folder):
    shutil.rmtree(TASK, ignore_errors=True)
    for path in ("bin/app", "lib/libone.so.1", "lib/libtwo.so.1", "own/libone.so.1", "hooks/libhook.so.1"):
        (TASK / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(f"/var/build/{os.path.basename(path)}", TASK / path)
    if any("ld-linux" in text for text in files.values()):
        shutil.copy(LOADER, TASK / "lib")
        shutil.copy(f"{libc_folder}/libc.so.6", TASK / "lib")
    for path, text in files.items():
        (TASK / path).parent.mkdir(parents=True, exist_ok=True)
        (TASK / path).write_text(text)
        (TASK / path).chmod(0o755)


def really_loaded(command, env):
    base = {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": LIBRARY_PATH, "LAMBDA_TASK_ROOT": "/var/task",
            "LAMBDA_RUNTIME_DIR": "/var/runtime", "_HANDLER": "handler"}
    done = subprocess.run(command, env={**base, **env}, cwd=TASK, capture_output=True, text=True, timeout=20)
    found = {}
    for line in done.stdout.splitlines():
        if os.path.basename(line) in WATCHED:
            found[os.path.basename(line)] = os.path.realpath(line)
    return found if done.returncode == 0 and found else None, done.stdout + done.stderr


def expected(program, libc_folder, env, family):
    arguments = ["--family", family, "--default", libc_folder]
    for folder in ("/var/lang/lib", libc_folder):
        arguments += ["--outside", folder]
    arguments += [f"{name}={value}" for name, value in env.items()]
    lines = subprocess.run([program, TASK, "bin/app", *arguments], capture_output=True, text=True,
                           check=True).stdout.splitlines()
    if lines[0].startswith("doubt "):
        return lines[0], None
    objects = [line[len("object "):] for line in lines if line.startswith("object ")]
    return lines[0], {os.path.basename(path): os.path.realpath(path) for path in objects
                      if os.path.basename(path) in WATCHED}


# How a value is made, how it is given, how the program is started: every combination is an everyday script.
FINDS_ITSELF = {
    "task root": ("", "$LAMBDA_TASK_ROOT"), "braces": ("", "${LAMBDA_TASK_ROOT}"), "literal": ("", "/var/task"),
    "dirname": ('HERE=$(dirname "$0")\n', "$HERE"), "backticks": ("HERE=`dirname $0`\n", "${HERE}"),
    "cd pwd": ('HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" >/dev/null 2>&1 && pwd)"\n', "${HERE}"),
    "strip": ("", "${0%/*}"), "readlink": ('ROOT=$(dirname "$(readlink -f "$0")")\n', "$ROOT"),
    "default": ("", "${LAMBDA_TASK_ROOT:-/nowhere}"), "relative": ('cd "$LAMBDA_TASK_ROOT"\n', "."),
    "pwd": ("cd ${LAMBDA_TASK_ROOT}/bin/..\n", "$(pwd)"),
}
VALUE = {
    "alone": "{0}/lib", "before": "{0}/own:$LD_LIBRARY_PATH", "after": "$LD_LIBRARY_PATH:{0}/own",
    "if set": "{0}/lib${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}", "two": "{0}/own:{0}/lib", "part": "{0}/own:/var/lang/lib",
    "default": "{0}/own:${{LD_LIBRARY_PATH:-/nowhere}}", "dots": "{0}/lib/../own:{0}//lib",
}
GIVEN = {
    "export": 'export LD_LIBRARY_PATH="{value}"\n{start}\n', "set": "LD_LIBRARY_PATH={value}\n{start}\n",
    "then export": 'LD_LIBRARY_PATH="{value}"\nexport LD_LIBRARY_PATH\n{start}\n',
    "prefix": 'LD_LIBRARY_PATH="{value}" {start}\n', "declare": 'declare -x LD_LIBRARY_PATH="{value}"; {start}\n',
    "one line": 'set -e; export LD_LIBRARY_PATH="{value}" && {start}\n',
}
START = {
    "exec": 'exec "$LAMBDA_TASK_ROOT/bin/app" "$@"', "plain": "$LAMBDA_TASK_ROOT/bin/app",
    "env": "exec env X=1 $LAMBDA_TASK_ROOT/bin/app",
}


def combinations():
    for (itself, (before, here)), (kind, value), (given, line), (started, start) in itertools.product(
            FINDS_ITSELF.items(), VALUE.items(), GIVEN.items(), START.items()):
        if given == "prefix" and started == "env":
            continue  # the same as "prefix" with exec, and bash has no "exec env" after a prefix that differs
        text = "#!/bin/bash\n" + before + line.format(value=value.format(here), start=start)
        yield f"{itself}, {kind}, {given}, {started}", {"bootstrap": text}, {}, "provided", False


def case(name, script, env=None, family="provided", doubt=False, **files):
    return name, {"bootstrap" if family == "provided" else "wrap": "#!/bin/bash\n" + script, **files}, env or {}, family, doubt


LD = "$LAMBDA_TASK_ROOT/lib/ld-linux-x86-64.so.2"
CASES = [
    case("nothing special", "set -euo pipefail\nexec bin/app\n"),
    case("the loader with --library-path", f"exec {LD} --library-path $LAMBDA_TASK_ROOT/lib $LAMBDA_TASK_ROOT/bin/app\n"),
    case("the loader with more options", f"exec {LD} --inhibit-cache --argv0 app --library-path lib:own --preload "
                                         "hooks/libhook.so.1 ./bin/app\n"),
    case("the loader and LD_LIBRARY_PATH", f'export LD_LIBRARY_PATH="$LAMBDA_TASK_ROOT/lib"\nexec {LD} bin/app\n'),
    case("--library-path replaces the variable", f"export LD_LIBRARY_PATH=/var/task/own\nexec {LD} --library-path "
                                                 "/var/task/lib bin/app\n"),
    case("LD_PRELOAD", 'export LD_PRELOAD="$LAMBDA_TASK_ROOT/hooks/libhook.so.1${LD_PRELOAD:+:$LD_PRELOAD}"\nexec bin/app\n'),
    case("LD_PRELOAD of a bundled copy", "LD_PRELOAD=/var/task/own/libone.so.1 exec bin/app\n"),
    case("LD_PRELOAD by name", "LD_PRELOAD=libhook.so.1 LD_LIBRARY_PATH=hooks:/var/lang/lib exec bin/app\n"),
    case("not exported", "LD_PRELOAD=/var/task/hooks/libhook.so.1\nexec bin/app\n"),
    case("unset", "unset LD_LIBRARY_PATH\nLD_LIBRARY_PATH=/var/lang/lib\nexport LD_LIBRARY_PATH\nexec bin/app\n"),
    case("env -u", "exec env -u LD_LIBRARY_PATH LD_LIBRARY_PATH=/var/task/lib bin/app\n"),
    case("env -i", "exec env -i LD_LIBRARY_PATH=/var/task/lib /var/task/bin/app\n"),
    case("appended with +=", 'LD_LIBRARY_PATH+=":/var/task/own"\nexec bin/app\n'),
    case("an empty entry is the working folder", "cd own\nexport LD_LIBRARY_PATH=:/var/task/lib\nexec ../bin/app\n"),
    case("a relative entry in another folder", "cd bin\nLD_LIBRARY_PATH=../own:../lib exec ./app\n"),
    case("another script", "exec scripts/run.sh\n", **{"scripts/run.sh": "#!/bin/sh\nLD_LIBRARY_PATH=/var/task/own:/var/lang/lib exec bin/app\n"}),
    case("bash and a script", "export OWN=/var/task/own\nexec bash -e scripts/run\n", **{"scripts/run": 'LD_LIBRARY_PATH="$OWN:/var/task/lib" exec bin/app\n'}),
    case("a script that is read", ". ./env.sh\nexec bin/app\n", **{"env.sh": "export LD_LIBRARY_PATH=/var/task/lib\n"}),
    case("PATH", "PATH=$LAMBDA_TASK_ROOT/bin:$PATH\nLD_LIBRARY_PATH=/var/task/lib exec app\n"),
    case("a here-document", "cat >/dev/null <<EOF\nexport LD_LIBRARY_PATH=/nowhere\nEOF\nexport LD_LIBRARY_PATH=/var/task/lib\nexec bin/app\n"),
    case("a condition elsewhere", 'if [ -n "$DEBUG" ]; then set -x; fi\ncase $_HANDLER in\n  *) X=1 ;;\nesac\nexport LD_LIBRARY_PATH=/var/task/lib\nexec bin/app\n'),
    case("a continued line", "export \\\n  LD_LIBRARY_PATH=/var/task/lib\nexec \\\n  bin/app\n"),
    case("--env", "exec bin/app\n", {"LD_LIBRARY_PATH": "/var/task/lib:/var/lang/lib"}),
    case("--env and the script", "LD_LIBRARY_PATH=$LD_LIBRARY_PATH:/var/task/lib exec bin/app\n", {"LD_LIBRARY_PATH": "/var/task/own"}),
    case("a wrapper", 'export LD_LIBRARY_PATH="/var/task/own:$LD_LIBRARY_PATH"\nexec "$@"\n', {"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrap"}, "python"),
    case("a wrapper with LD_PRELOAD", 'args=("$@")\nLD_PRELOAD=/var/task/lib/libtwo.so.1 exec "$@"\n', {"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrap"}, "python"),
    case("a condition", "if [ -d own ]; then export LD_LIBRARY_PATH=/var/task/own:$LD_LIBRARY_PATH; fi\nexec bin/app\n", doubt=True),
    case("a test", "[ -d lib ] && export LD_LIBRARY_PATH=/var/task/lib\nexec bin/app\n", doubt=True),
    case("a function", "start() { LD_LIBRARY_PATH=/var/task/lib exec bin/app; }\nstart\n", doubt=True),
    case("a computed value", "export LD_LIBRARY_PATH=$(ls -d /var/task/l*)\nexec bin/app\n", doubt=True),
    case("a loop", "for d in own lib; do LD_LIBRARY_PATH=/var/task/$d:$LD_LIBRARY_PATH; done\nexec bin/app\n", doubt=True),
    case("eval", "eval 'export LD_LIBRARY_PATH=/var/task/lib'\nexec bin/app\n", doubt=True),
    case("sh -c", "exec sh -c 'LD_LIBRARY_PATH=/var/task/lib exec bin/app'\n", doubt=True),
    case("a setting", "export LD_LIBRARY_PATH=${OWN_LIBRARIES:-/var/task/lib}\nexec bin/app\n", doubt=True),
    case("an array", "LD_LIBRARY_PATH=(/var/task/lib)\nexec bin/app\n", doubt=True),
    case("different orders", "LD_LIBRARY_PATH=/var/task/lib bin/app >/dev/null\nexec bin/app\n", doubt=True),
    case("the loader in a condition", f"if true; then exec {LD} --library-path lib bin/app; fi\nexec bin/app\n", doubt=True),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("print_start")
    parser.add_argument("-v", action="store_true")
    options = parser.parse_args()
    if INSIDE not in os.environ:
        enter_namespace()
    make_folders()
    build()
    libc_folder = host_folder("libc.so.6")
    failures, count = [], 0
    for name, files, env, family, doubt in itertools.chain(CASES, combinations()):
        count += 1
        lay_out(files, libc_folder)
        command = ["/var/task/bootstrap"] if family == "provided" else ["/var/task/wrap", "/var/task/bin/app"]
        real, output = really_loaded(command, env)
        said, ours = expected(options.print_start, libc_folder, env, family)
        if options.v:
            print(f"{name}: {said}; {real}")
        if real is None and not doubt:
            failures.append(f"{name}: the script did not run: {output}")
        elif doubt != said.startswith("doubt "):
            failures.append(f"{name}: {said}")
        elif not doubt and ours != real:
            failures.append(f"{name}: {said}\n  ours {ours}\n  real {real}")
    for failure in failures[:20]:
        print("FAILED:", failure)
    if failures:
        sys.exit(f"start_scripts: {len(failures)} of {count} scripts read wrongly")
    print(f"start_scripts: {count} scripts: bash and the loader do what was read")


if __name__ == "__main__":
    main()
