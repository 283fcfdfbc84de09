# How is an application of the catalogue built, packed, unpacked and called?
#
# Its parts are a function and perhaps a layer, each a folder that is packed on its own. They are built once into the
# cache; a packed part is a zip, and what runs is what unzip makes of it.

import json
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools/corpus"))

from cache import build_folder, cache_dir, download, hash_of, read_lock
from catalog import make_root
from functions import java_call, node_call, python_call, run_command
from installers import npm_ci, pip_install
from java_function import compile_java
from sandbox import find_program, sandbox_command
from watch_opens import opened_files, watched

SOURCES = Path(__file__).resolve().parent / "applications"
CORPUS = Path(__file__).resolve().parents[2] / "tools/corpus"
TIMEOUT = 600  # seconds
MOUNTS = {"function": "/var/task", "layer": "/opt"}

Language = namedtuple("Language", "runtime call")
LANGUAGES = {"python": Language("python3.11", python_call), "node": Language("nodejs22.x", node_call),
             "java": Language("java17", java_call)}

# zip: what pack wrote; folder: that, unpacked; report: what pack said, as data.
Packed = namedtuple("Packed", "zip folder report")


class PackFailed(Exception):
    """pack or unzip did not do it; the message is what it said."""


def build_application(application):
    """{part: its folder}: the function, and the layer when there is one."""
    source, code = SOURCES / application.name, SOURCES / application.code

    def build(folder):
        function = folder / "function"
        shutil.copytree(code, function, ignore=shutil.ignore_patterns("*.lock", "*.java", "__pycache__"))
        if (source / "wheels.lock").exists():
            pip_install(source / "wheels.lock", function)
        if (source / "layer-wheels.lock").exists():
            (folder / "layer/python").mkdir(parents=True)
            pip_install(source / "layer-wheels.lock", folder / "layer/python")
        if (source / "package-lock.json").exists():
            npm_ci(function)
        if (source / "jars.lock").exists():
            add_jars(source, function)

    made_from = hash_of(source, code, *(CORPUS / name for name in ("installers.py", "installers.lock", "java_function.py")))
    built = build_folder(application.name, made_from, build, cache_dir() / "applications")
    return {part: built / part for part in MOUNTS if (built / part).is_dir()}


def add_jars(source, function):
    jars = [download(url, "sha256", sha256) for sha256, url in read_lock(source / "jars.lock")]
    compile_java(source / "Handler.java", function, jars)
    (function / "lib").mkdir()
    for jar in jars:
        shutil.copy(jar, function / "lib" / jar.name.split("-", 1)[1])


def pack_application(lambdapack, application, parts, target, *options):
    """{part: Packed}; the layer first, as the function is packed with the layer that it will have."""
    packed = {}
    for part in sorted(parts, key=list(MOUNTS).index, reverse=True):
        more = ["--as-layer", application.language] if part == "layer" else []
        more += ["--layer", packed["layer"].folder] if part == "function" and "layer" in packed else []
        packed[part] = pack_part(lambdapack, application, parts[part], target / part, *more, *options)
    return packed


def pack_part(lambdapack, application, folder, target, *options):
    target.mkdir(parents=True)
    archive, report = target / "packed.zip", target / "report.json"
    done = subprocess.run([lambdapack, "pack", folder, "-o", archive, "-q", "--runtime",
                           LANGUAGES[application.language].runtime, "--arch", "x86_64", "--report", report, *options],
                          capture_output=True, text=True, errors="replace", timeout=TIMEOUT)
    if done.returncode:
        raise PackFailed(f"pack: status {done.returncode}\n{done.stderr.strip()}")
    return Packed(archive, unpack(archive, target / "unpacked"), json.loads(report.read_text()))


def unpack(archive, folder):
    done = subprocess.run([find_program("unzip", "unzip"), "-q", archive, "-d", folder], capture_output=True, text=True,
                          errors="replace")
    if done.returncode:
        raise PackFailed(f"unzip: status {done.returncode}\n{done.stdout}{done.stderr}")
    return folder


def run_application(application, folders, endpoint, log=None):
    """A Run for each call, in the order of the catalogue. FOLDERS are the parts to run, {part: folder}; with LOG, a path,
    what they opened as well: (runs, {part: set of paths in it})."""
    language = LANGUAGES[application.language]
    root = make_root(language.runtime, "x86_64")
    runs, opened = [], {part: set() for part in folders}
    for handler, event in application.calls:
        call = language.call(handler, event)
        command = sandbox_command(root, folders["function"], "x86_64", call.program,
                                  {**call.environment, "AWS_ENDPOINT_URL": endpoint}, folders.get("layer"))
        run = run_command(watched(command, log) if log else command, TIMEOUT)
        runs.append(run)
        for part, folder in folders.items() if log else ():
            opened[part] |= opened_files(log, folder, MOUNTS[part]) | loaded_files(run, folder, MOUNTS[part])
    return (runs, opened) if log else runs


def loaded_files(run, folder, mount):
    """What the interpreter says it has loaded, where that is a file of FOLDER; links are followed, as opening one does."""
    files = set()
    for name in run.loaded:
        path = folder / name.removeprefix(f"{mount}/")
        if name.startswith(f"{mount}/") and path.is_file():
            files.add(str(path.resolve().relative_to(folder.resolve())))
    return files
