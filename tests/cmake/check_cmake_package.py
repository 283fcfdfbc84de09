#!/usr/bin/env python3
# Does lambdapack_package() make the right zip, exactly when it has to, in the projects that users have?
#
# The install tree is made with cmake --install, moved, and put beside folders with spaces; consumer/ is then built
# natively and for aarch64, with Ninja, Unix Makefiles and Ninja Multi-Config. Zips are read and started (aarch64 ones
# with qemu); a second build must run nothing, a touched source, layer or lambdapack must pack again, and a zip over its
# budget must fail the build and be gone.
#
# usage: check_cmake_package.py BUILD-FOLDER SOURCE-FOLDER

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
GENERATORS = ("Ninja", "Unix Makefiles", "Ninja Multi-Config")
AARCH64_ROOT = "/usr/aarch64-linux-gnu"
AARCH64_PREFIX = "aarch64-linux-gnu-"


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


def run(*command, cwd=None, env=None, fails=False):
    """Standard output and error as text; Failed unless it succeeds, or fails when that is expected."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, env={**os.environ, **(env or {})},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    check((done.returncode != 0) == fails, f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def wait_for_newer_times():
    time.sleep(0.02)  # file systems count times in steps of up to 10 ms


class Project:
    """A copy of consumer/ with its build folder, both with spaces in their paths."""

    def __init__(self, parent, generator, origin, aarch64=False):
        self.source = parent / "the source"
        self.build_dir = parent / "the build"
        self.generator = generator
        self.aarch64 = aarch64
        self.multi = generator == "Ninja Multi-Config"
        self.emulator_log = parent / "emulated"
        shutil.copytree(HERE / "consumer", self.source)
        self.arguments = ["-G", generator, *origin]
        if not self.multi:
            self.arguments.append("-DCMAKE_BUILD_TYPE=Release")
        if aarch64:
            emulator = parent / "emulator"
            emulator.write_text(f'#!/bin/sh\necho "$1" >> "{self.emulator_log}"\n'
                                f'exec qemu-aarch64-static -L {AARCH64_ROOT} "$@"\n')
            emulator.chmod(0o755)
            self.arguments += [f"-DCMAKE_TOOLCHAIN_FILE={HERE / 'aarch64.cmake'}",
                               f"-DCMAKE_CROSSCOMPILING_EMULATOR={emulator}"]

    def configure(self, *more, **how):
        return run("cmake", "-S", self.source, "-B", self.build_dir, *self.arguments, *more, **how)

    def build(self, *targets, config="Release", **how):
        chosen = ["--target", *targets] if targets else []
        return run("cmake", "--build", self.build_dir, "--config", config, *chosen, **how)

    def zip(self, name, folder="", config="Release"):
        return self.build_dir / folder / (config if self.multi else "") / f"{name}.zip"

    def start(self, archive, words):
        """Unpacks the zip and starts its bootstrap."""
        with tempfile.TemporaryDirectory() as folder:
            run("unzip", "-q", archive, "-d", folder)
            check(sorted(os.listdir(folder)) == ["bootstrap"], f"{archive} holds {os.listdir(folder)}")
            bootstrap = Path(folder) / "bootstrap"
            machine = bootstrap.read_bytes()[18]
            check(machine == (183 if self.aarch64 else 62), f"{archive}: machine {machine}")
            emulator = ["qemu-aarch64-static", "-L", AARCH64_ROOT] if self.aarch64 else []
            check(words in run(*emulator, bootstrap), f"{archive}: does not say {words!r}")

    def runs_nothing(self, *targets):
        """A second build leaves every zip alone, and the build tool knows beforehand that it will."""
        before = {path: path.stat().st_mtime_ns for path in self.build_dir.rglob("*.zip")}
        output = self.build(*targets)
        after = {path: path.stat().st_mtime_ns for path in self.build_dir.rglob("*.zip")}
        check(before == after and before, f"a build without changes wrote zips: {output}")
        check("Packing" not in output, f"a build without changes packed: {output}")
        if self.generator == "Unix Makefiles":
            run("make", "-q", "-f", "CMakeFiles/lambdapack-package-hello.dir/build.make", "my-hello.zip",
                cwd=self.build_dir)
        else:
            config = ["-f", "build-Release.ninja"] if self.multi else []
            output = run("ninja", "-n", *config, *targets, cwd=self.build_dir)
            check("no work to do" in output, f"ninja would run: {output}")

    def repacks(self, what, path):
        """A newer `path` packs hello again, and after that nothing is left to do."""
        archive = self.zip("my-hello")
        before = archive.stat().st_mtime_ns
        wait_for_newer_times()
        os.utime(path)
        self.build()
        check(archive.stat().st_mtime_ns > before, f"a newer {what} did not pack again")


def install_tree(build, parent):
    """An install tree at another place than it was installed to."""
    first = parent / "first"
    run("cmake", "--install", build, "--prefix", first)
    moved = parent / "moved prefix"
    first.rename(moved)
    return moved


def from_package(prefix):
    return ["-DFROM=package", f"-Dlambdapack_DIR={prefix / 'share/cmake/lambdapack'}"]


def packs_and_is_incremental(parent, generator, prefix, aarch64):
    project = Project(parent, generator, from_package(prefix), aarch64)
    project.configure()
    output = project.build()
    check("Packing hello for provided.al2023 on " + ("arm64" if aarch64 else "x86_64") in output, output)
    project.start(project.zip("my-hello"), "hello: made by a program of the target")
    check(not project.zip("second", "second").exists(), "second was packed without ALL")
    project.build("aws-lambda-package-second", "lambdapack-package-third")
    project.start(project.zip("second", "second"), "second")
    third = project.build_dir / "zips/Release/third.zip"
    project.start(third, "second")
    check(third.stat().st_size > project.zip("second", "second").stat().st_size, "OPTIONS --no-strip came through")
    report = json.loads((project.build_dir / "reports/Release/hello report.json").read_text(encoding="utf-8"))
    check(report["function"]["arch"] == ("arm64" if aarch64 else "x86_64"), "the report's arch")
    if aarch64:
        emulated = {Path(line).name for line in project.emulator_log.read_text(encoding="utf-8").splitlines()}
        check(emulated == {"make_text"}, f"run by the emulator: {emulated}")
    if project.multi:
        project.build(config="Debug")
        project.start(project.zip("my-hello", config="Debug"), "hello")
    project.runs_nothing()
    project.repacks("source", project.source / "hello.cpp")
    project.repacks("file of a layer", project.source / "a layer/lib/data.txt")
    project.runs_nothing()


def a_new_file_in_a_layer_and_a_new_program_pack_again(parent, prefix):
    own = parent / "own prefix"
    shutil.copytree(prefix, own)
    project = Project(parent, "Ninja", from_package(own))
    project.configure()
    project.build()
    project.repacks("lambdapack", own / "bin/lambdapack")
    before = project.zip("my-hello").stat().st_mtime_ns
    wait_for_newer_times()
    (project.source / "a layer/lib/more.txt").write_text("more\n")
    project.build()
    check(project.zip("my-hello").stat().st_mtime_ns > before, "a new file of a layer did not pack again")
    (project.build_dir / "reports/Release/hello report.json").unlink()
    check("Packing hello" in project.build(), "a removed report did not pack again")
    project.build("clean")
    check(not project.zip("my-hello").exists(), "clean left the zip")


def a_zip_over_its_budget_fails_the_build(parent, generator, prefix):
    project = Project(parent, generator, from_package(prefix))
    project.configure()
    project.build()
    check(project.zip("my-hello").exists(), "1 MB is enough")
    project.configure("-DBUDGET=1000")
    for again in ("", ", a second time"):
        output = project.build(fails=True)
        check("--max-zip-size allows 1,000; nothing was written" in output, output)
        check(not project.zip("my-hello").exists(), "the older zip is still there" + again)
    project.configure("-DBUDGET=1MB")
    project.build()
    project.start(project.zip("my-hello"), "hello")


def the_source_tree_needs_no_install(parent, source, prefix):
    module = source / "cmake/LambdapackPackage.cmake"
    project = Project(parent, "Ninja", [f"-DFROM={module}", f"-DLAMBDAPACK_PROGRAM={prefix / 'bin/lambdapack'}"])
    project.configure()
    project.build()
    project.start(project.zip("my-hello"), "hello")
    project.runs_nothing()


def every_option_reaches_the_program(parent, prefix):
    """A script in lambdapack's place writes down what it is called with, and touches the outputs."""
    script, log = parent / "recorder", parent / "arguments"
    script.write_text(f"""#!/usr/bin/python3
import pathlib, sys
pathlib.Path({str(log)!r}).write_text(chr(10).join(sys.argv[1:]))
for option in ("-o", "--report", "--debug-out"):
    pathlib.Path(sys.argv[sys.argv.index(option) + 1]).write_text("")
""", encoding="utf-8")
    script.chmod(0o755)
    project = Project(parent, "Ninja", [*from_package(prefix), f"-DLAMBDAPACK_PROGRAM={script}"])
    (project.source / "model file").write_text("1\n")
    with open(project.source / "CMakeLists.txt", "a", encoding="utf-8") as lists:
        lists.write("""
add_library(plugin MODULE second/second.cpp)
lambdapack_package(make_text RUNTIME provided.al2 ARCH aarch64 OUTPUT "out dir/$<CONFIG>.zip" LAYERS "a layer" /etc/hosts
  ADD "model file:models/" "$<TARGET_FILE:plugin>:lib/plugin.so" "$<TARGET_FILE:plugin>" MAX_ZIP_SIZE "2 MB"
  REPORT r.json DEBUG_OUT "debug info.tar.zst" OPTIONS --keep "*.a b" DEPENDS hello.cpp)
""")
    project.configure()
    project.build("lambdapack-package-make_text")
    build, source = project.build_dir, project.source
    expected = ["pack", build / "make_text", "--runtime", "provided.al2", "--arch", "arm64",
                "-o", build / "out dir/Release.zip", "--layer", source / "a layer", "--layer", "/etc/hosts",
                "--add", f"{source}/model file:models/", "--add", f"{build}/libplugin.so:lib/plugin.so",
                "--add", build / "libplugin.so", "--max-zip-size", "2 MB", "--report", build / "r.json",
                "--debug-out", build / "debug info.tar.zst", "--keep", "*.a b", "-q"]
    check(log.read_text(encoding="utf-8").splitlines() == [str(word) for word in expected],
          log.read_text(encoding="utf-8"))
    for watched in ("model file", "hello.cpp", "second/second.cpp"):
        check("no work to do" in project.build("lambdapack-package-make_text"), f"before {watched}")
        wait_for_newer_times()
        os.utime(source / watched)
        check("Packing make_text" in project.build("lambdapack-package-make_text"), f"{watched} is not watched")


def a_program_of_the_target_is_never_taken(parent, prefix):
    """The prefix and the first folder of the PATH hold a lambdapack for aarch64; the second folder has the host's."""
    target_prefix = parent / "target prefix"
    shutil.copytree(prefix, target_prefix)
    program = target_prefix / "bin/lambdapack"
    program.unlink()
    source = parent / "main.cpp"
    source.write_text("int main() { return 1; }\n")
    run(AARCH64_PREFIX + "g++", source, "-o", program)
    path = f"{program.parent}:{prefix / 'bin'}:{os.environ['PATH']}"
    project = Project(parent, "Ninja", from_package(target_prefix), aarch64=True)
    project.configure(env={"PATH": path})
    project.build()
    project.start(project.zip("my-hello"), "hello")
    output = project.configure(f"-DLAMBDAPACK_PROGRAM={program}", fails=True)
    check("is no program of this host" in " ".join(output.split()), output)


def mistakes_are_told_when_the_project_is_configured(parent, prefix):
    project = Project(parent, "Ninja", from_package(prefix))
    lists = project.source / "CMakeLists.txt"
    good = lists.read_text(encoding="utf-8")
    project.configure()  # so that each next run only repeats the mistake
    for line, message in (
            ("lambdapack_package(nothing)", "there is no target nothing"),
            ("add_library(l STATIC hello.cpp)\nlambdapack_package(l)", "l is a STATIC_LIBRARY"),
            ("lambdapack_package(hello)", "lambdapack-package-hello exists already"),
            ("lambdapack_package(make_text RUNTIM x)", "does not know RUNTIM"),
            ("lambdapack_package(make_text OUTPUT)", "OUTPUT needs a value"),
            ('lambdapack_package(make_text MAX_ZIP_SIZE "")', "MAX_ZIP_SIZE needs a value"),
            ("lambdapack_package(make_text ARCH riscv64)", 'ARCH is "riscv64"'),
            ("lambdapack_package(make_text DEBUG_OUT debug/)", "ends in .tar.zst"),
            ("set(CMAKE_SYSTEM_PROCESSOR s390x)\nlambdapack_package(make_text)", 'CMAKE_SYSTEM_PROCESSOR is "s390x"'),
            ("aws_lambda_package_target(make_text LIBC)", "takes only NO_LIBC"),
            ("find_package(lambdapack 0.2 REQUIRED)", "0.2"),
    ):
        lists.write_text(good + line + "\n", encoding="utf-8")
        output = " ".join(project.configure(fails=True).split())
        check(message in output, f"{line}: {output[-800:]}")


def run_tests(folder, tests):
    """[(function, argument…)] -> whether each passed. Two at a time: most of the time is CMake looking at compilers."""
    def run_test(number):
        test, *arguments = tests[number]
        name = " ".join([test.__name__, *(str(word) for word in arguments if isinstance(word, (str, bool)))])
        parent = folder / f"test {number}"
        parent.mkdir()
        start = time.monotonic()
        problem = ""
        try:
            test(parent, *arguments)
        except (Failed, OSError, ValueError) as error:
            problem = f"\nFAILED {name}: {error}"
        print(f"{time.monotonic() - start:5.1f} s  {name}{problem}", flush=True)
        return problem == ""

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run_test, range(len(tests))))


def main():
    build, source = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    check(platform.machine() == "x86_64", "this test is written for an x86_64 host")
    with tempfile.TemporaryDirectory(prefix="lambdapack cmake ") as folder:
        prefix = install_tree(build, Path(folder))
        tests = [(packs_and_is_incremental, generator, prefix, aarch64)
                 for aarch64 in (False, True) for generator in GENERATORS]
        tests += [(a_zip_over_its_budget_fails_the_build, generator, prefix) for generator in GENERATORS]
        tests += [(a_new_file_in_a_layer_and_a_new_program_pack_again, prefix),
                  (the_source_tree_needs_no_install, source, prefix),
                  (every_option_reaches_the_program, prefix),
                  (a_program_of_the_target_is_never_taken, prefix),
                  (mistakes_are_told_when_the_project_is_configured, prefix)]
        results = run_tests(Path(folder), tests)
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 1 if False in results else 0


if __name__ == "__main__":
    sys.exit(main())
