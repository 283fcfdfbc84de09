#!/usr/bin/env python3
# Do ADD and DEBUG_OUT of lambdapack_package() do with the real program what docs/cmake.md says?
#
# One project, native and for aarch64: a plugin of the same build and a folder are added to a function's zip, and its debug
# info is put aside. The zip holds them where asked, the function opens the plugin, the archive is an output of the
# build: removed, it is written again.
#
# usage: check_cmake_add_debug.py BUILD-FOLDER SOURCE-FOLDER

import sys
import tempfile
import zipfile
from pathlib import Path

from check_cmake_package import (AARCH64_ROOT, Project, check, from_package, install_tree, run, run_tests,
                                 wait_for_newer_times)

LISTS = """
cmake_minimum_required(VERSION 3.20...3.25)
project(full LANGUAGES CXX)
find_package(lambdapack REQUIRED)
add_library(plugin MODULE plugin.cpp)
set_target_properties(plugin PROPERTIES PREFIX "")
add_executable(full full.cpp)
target_compile_options(full PRIVATE -g)
target_link_libraries(full PRIVATE ${CMAKE_DL_LIBS})
lambdapack_package(full ALL ADD "some data:data" "$<TARGET_FILE:plugin>:plugins/plugin.so" DEBUG_OUT full-debug.tar.zst)
"""
FULL = r"""
#include <dlfcn.h>
#include <cstdio>
#include <string>
int main(int, char** argv) {
  std::string folder = argv[0];
  folder.erase(folder.rfind('/') + 1);
  void* plugin = dlopen((folder + "plugins/plugin.so").c_str(), RTLD_NOW);
  if (plugin == nullptr) return std::puts(dlerror()), 1;
  std::puts(reinterpret_cast<const char* (*)()>(dlsym(plugin, "speak"))());
}
"""
PLUGIN = 'extern "C" const char* speak() { return "the plugin speaks"; }\n'


def what_is_added_and_put_aside(parent, prefix, aarch64):
    project = Project(parent, "Ninja", from_package(prefix), aarch64)
    (project.source / "CMakeLists.txt").write_text(LISTS, encoding="utf-8")
    (project.source / "full.cpp").write_text(FULL, encoding="utf-8")
    (project.source / "plugin.cpp").write_text(PLUGIN, encoding="utf-8")
    data = project.source / "some data/words.txt"
    data.parent.mkdir()
    data.write_text("words\n", encoding="utf-8")
    project.configure()
    project.build()
    archive, debug = project.zip("full"), project.build_dir / "full-debug.tar.zst"

    with zipfile.ZipFile(archive) as package:
        check({"bootstrap", "data/words.txt", "plugins/plugin.so"} <= set(package.namelist()), package.namelist())
        check(package.read("data/words.txt") == b"words\n", "the data's bytes")
    unpacked = parent / "unpacked"
    run("unzip", "-q", archive, "-d", unpacked)
    emulator = ["qemu-aarch64-static", "-L", AARCH64_ROOT] if aarch64 else []
    check("the plugin speaks" in run(*emulator, unpacked / "bootstrap"), "the function opens its plugin")

    check(".debug" in run("bsdtar", "-tf", debug), "the archive holds debug files")
    debug.unlink()
    project.build()
    check(debug.exists(), "a removed debug archive is written again")
    check("no work to do" in project.build(), "a build without changes")

    for watched in (data, project.source / "plugin.cpp"):
        wait_for_newer_times()
        watched.touch()
        check("Packing full" in project.build(), f"{watched.name} is watched")


def main():
    build = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="lambdapack cmake ") as folder:
        prefix = install_tree(build, Path(folder))
        results = run_tests(Path(folder), [(what_is_added_and_put_aside, prefix, aarch64) for aarch64 in (False, True)])
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 1 if False in results else 0


if __name__ == "__main__":
    sys.exit(main())
