# What does a function find on Lambda, apart from its own package?
#
# root-RUNTIME-ARCH is that, to run packages in: the libraries whose sonames the runtime's operating system has (and no
# others) in /usr/lib64, the interpreter in /var/lang, the runtime's AWS SDK where Lambda keeps it. The files are
# Debian's, since Amazon's are not published for download: the names that can be found are Lambda's, the contents are
# not. Debian builds some of them against more libraries than Amazon does. Those go to /usr/lib64/private, where only an
# RPATH in the root's own files finds them: a package that lacks one must fail here as it does on Lambda.

import os
import shutil
import subprocess

from cache import HERE, REPO, CorpusError, build_folder, download, hash_of, need_programs, read_lock
from debian import DEBIAN_ARCH, TRIPLET, debian_tree, listed_packages
from elf import elf_files, read_elf
from java_function import compile_java
from node_function import NODE_ARCH, install_packages, unpack_npm
from python_function import install_wheels

LOADER = {"x86_64": "lib64/ld-linux-x86-64.so.2", "arm64": "lib/ld-linux-aarch64.so.1"}
EMPTY_FOLDERS = ["dev", "etc", "opt", "proc", "tmp", "usr/bin", "usr/lib", "usr/lib64/private", "var/e2e",
                 "var/lang/bin", "var/lang/lib", "var/runtime", "var/task"]


def make_root(runtime, arch):
    need_programs("patchelf")
    system, libraries, add_language = RUNTIMES[runtime]
    tree = debian_tree("base", arch, listed_packages())

    def build(root):
        for folder in EMPTY_FOLDERS:
            (root / folder).mkdir(parents=True)
        for name in ("bin", "lib", "lib64"):
            (root / name).symlink_to(f"usr/{name}")
        (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/bash\n"
                                         "sbx_user1051:x:993:990::/home/sbx_user1051:/sbin/nologin\n")
        # Debian's loader looks there by default, Lambda's in /lib64.
        (root / "usr/lib" / TRIPLET[arch]).symlink_to("../lib64")
        shutil.copy(tree / LOADER[arch], root / LOADER[arch])
        add_system_libraries(root, tree, arch, system)
        add_runtime_libraries(root, tree, arch, libraries)
        add_language(root, tree, arch)
        add_private_libraries(root, tree / "usr/lib" / TRIPLET[arch])

    made_from = hash_of(HERE / "roots.py", HERE / f"sonames-{system}.txt", HERE / "python-runtime.lock",
                        HERE / "node-runtime", HERE / f"node-{arch}.lock", REPO / "tests/e2e/guest/RunHandler.java",
                        (tree / "usr/lib").stat().st_mtime_ns)
    return build_folder(f"root-{runtime}-{arch}", made_from, build)


def add_system_libraries(root, tree, arch, system):
    for line in (HERE / f"sonames-{system}.txt").read_text().splitlines():
        words = line.split("#")[0].split()
        if not words or len(words) == 2 and words[0] != arch:
            continue
        library = tree / "usr/lib" / TRIPLET[arch] / words[-1]
        if library.exists():
            shutil.copy(library, root / "usr/lib64" / words[-1])


def add_runtime_libraries(root, tree, arch, names):
    """What the runtime adds to its operating system; Debian has not all of it in the same version."""
    for name in names:
        library = tree / "usr/lib" / TRIPLET[arch] / name
        if library.exists():
            shutil.copy(library, root / "var/lang/lib" / name)


def copy_folder(source, target):
    """With what its links point to; a link to a file that only a package's installation makes is left out."""
    def dangling(folder, names):
        return [name for name in names if not os.path.exists(os.path.join(folder, name))]

    shutil.copytree(source, target, ignore=dangling, dirs_exist_ok=True)


def add_python(root, tree, arch):
    shutil.copy(tree / "usr/bin/python3.11", root / "var/lang/bin/python3.11")
    copy_folder(tree / "usr/lib/python3.11", root / "var/lang/lib/python3.11")
    packages = root / "var/lang/lib/python3.11/site-packages"
    packages.mkdir()
    install_wheels(HERE / "python-runtime.lock", packages)


def add_node(root, tree, arch):
    sha256, url = read_lock(HERE / f"node-{arch}.lock")[0]
    unpack_npm(download(url, "sha256", sha256), root / "node")
    shutil.copy(root / "node/bin/node", root / "var/lang/bin/node")
    shutil.rmtree(root / "node")
    # On Lambda only @aws-sdk/* can be required from the function; what it needs in turn is nested below it.
    install_packages(HERE / "node-runtime/package-lock.json", root / "sdk", [("linux", NODE_ARCH[arch])])
    modules = root / "var/runtime/node_modules"
    modules.mkdir()
    (root / "sdk/node_modules/@aws-sdk").rename(modules / "@aws-sdk")
    (root / "sdk/node_modules").rename(modules / "@aws-sdk/node_modules")
    (root / "sdk").rmdir()


def add_java(root, tree, arch):
    jre = tree / f"usr/lib/jvm/java-17-openjdk-{DEBIAN_ARCH[arch]}"
    copy_folder(jre, root / "var/lang")
    compile_java(REPO / "tests/e2e/guest/RunHandler.java", root / "var/runtime", [])


def add_nothing(root, tree, arch):
    pass


def add_private_libraries(root, libraries):
    private = root / "usr/lib64/private"
    todo = elf_files(root)
    while todo:
        file = todo.pop()
        known = visible_names(root, file)
        missing = [name for name in read_elf(file).needed if name not in known]
        for name in missing:
            if not (libraries / name).exists():
                raise CorpusError(f"{file.relative_to(root)}: needs {name}, which is in no package of "
                                  "tools/corpus/debian-packages.txt")
            if not (private / name).exists():
                shutil.copy(libraries / name, private / name)
                todo.append(private / name)
        if missing:
            search = ":".join(filter(None, [read_elf(file).search, "/usr/lib64/private"]))
            file.chmod(0o755)
            subprocess.run(["patchelf", "--force-rpath", "--set-rpath", search, file], check=True)


def visible_names(root, file):
    """What the loader finds for FILE without our help: LD_LIBRARY_PATH, its own $ORIGIN, and the loader itself."""
    names = {os.path.basename(loader) for loader in LOADER.values()} | {"libjvm.so"}
    for folder in (root / "usr/lib64", root / "var/lang/lib"):
        names.update(entry.name for entry in folder.iterdir() if entry.is_file())
    if "$ORIGIN" in read_elf(file).search:
        names.update(entry.name for entry in file.parent.iterdir())
    return names


# Runtime: its operating system, the libraries it adds in /var/lang/lib, its language.
RUNTIMES = {
    "python3.11": ("al2", ["libbz2.so.1", "libcrypt.so.1", "libgdbm.so.4", "libgdbm_compat.so.4", "liblzma.so.5",
                           "libreadline.so.6", "libsqlite3.so.0"], add_python),
    "nodejs22.x": ("al2023", ["libcrypto.so.3", "libssl.so.3"], add_node),
    "java17": ("al2", [], add_java),
    "provided.al2023": ("al2023", [], add_nothing),
}
