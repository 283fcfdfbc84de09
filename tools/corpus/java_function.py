# What does a Java function look like that was built as a fat jar?
#
# The jars of java.lock and the handler's classes in one archive, which Lambda unpacks into /var/task like any zip: the
# package folder is the unpacked jar, NAME.jar beside it the jar itself. The compiler is Eclipse's, which is one jar and
# runs on the JRE of the root; a JDK would be 70 MB more to fetch.

import os
import subprocess
import zipfile

from cache import FIXTURES, HERE, CorpusError, build_folder, corpus_dir, download, hash_of, read_lock
from compilers import HOST
from debian import DEBIAN_ARCH, debian_tree, listed_packages

MANIFEST = b"Manifest-Version: 1.0\r\nCreated-By: fetch-corpus\r\n\r\n"


def make_java_function(arch):
    fixture = FIXTURES / "java"

    def build(folder):
        jars = [download(url, "sha256", sha256) for sha256, url in read_lock(HERE / "java.lock")]
        for jar in jars:
            with zipfile.ZipFile(jar) as archive:
                archive.extractall(folder)
        compile_java(fixture / "Handler.java", folder, jars)
        (folder / "META-INF/MANIFEST.MF").write_bytes(MANIFEST)

    made_from = hash_of(fixture, HERE / "java.lock", HERE / "ecj.lock", HERE / "java_function.py")
    folder = build_folder(f"java-{arch}", made_from, build)
    write_jar(folder, corpus_dir() / f"java-{arch}.jar")
    return folder


def compile_java(source, classes, jars):
    sha256, url = read_lock(HERE / "ecj.lock")[0]
    compiler = download(url, "sha256", sha256)
    done = subprocess.run([java(), "-jar", compiler, "-source", "17", "-target", "17", "-proc:none", "-nowarn",
                           "-cp", ":".join(map(str, jars)) or "/nonexistent", "-d", classes, source],
                          capture_output=True, text=True)
    if done.returncode:
        raise CorpusError(f"{source}: does not compile\n{done.stdout}{done.stderr}")


def java():
    tree = debian_tree("base", HOST, listed_packages())
    return tree / f"usr/lib/jvm/java-17-openjdk-{DEBIAN_ARCH[HOST]}/bin/java"


def write_jar(folder, jar):
    if jar.exists() and jar.stat().st_mtime_ns >= folder.stat().st_mtime_ns:
        return
    part = jar.with_suffix(f".part-{os.getpid()}")
    files = [path for path in folder.rglob("*") if path.is_file()]
    files.sort(key=lambda path: (path.name != "MANIFEST.MF", str(path)))
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            entry = zipfile.ZipInfo(str(file.relative_to(folder)), (2024, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    os.replace(part, jar)
