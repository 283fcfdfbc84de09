"""Makes the fixtures: shared libraries of a few hundred bytes that say exactly what a case is about.

They are linked against stubs whose only property is their soname, so that a needed name may be any text; what the
linker cannot be asked for (an empty RUNPATH, RPATH and RUNPATH at once, another machine) is patched into the file.
"""

import hashlib
import os
import struct
import subprocess
import tempfile

DT_NEEDED, DT_STRTAB, DT_RPATH, DT_RUNPATH, DT_AUXILIARY = 1, 5, 15, 29, 0x7FFFFFFD
CC = os.environ.get("CC", "gcc")


class ElfBuilder:
    def __init__(self):
        self.work = tempfile.mkdtemp(prefix="loader-truth-")
        self.source = os.path.join(self.work, "empty.c")
        with open(self.source, "w") as file:
            # One function, so that a program has an entry and a library is not quite empty.
            file.write("void _start(void) {}\n")
        self.object = os.path.join(self.work, "empty.o")
        subprocess.run([CC, "-c", "-fPIC", "-O1", self.source, "-o", self.object], check=True)

    def _stub(self, soname):
        path = os.path.join(self.work, hashlib.sha256(soname.encode()).hexdigest()[:16] + ".so")
        if not os.path.exists(path):
            subprocess.run([CC, "-shared", "-nostdlib", "-Wl,-soname," + soname, self.object, "-o", path], check=True)
        return path

    def build(self, path, needs=(), soname=None, rpath=None, runpath=None, old_rpath=None, kind="library", nodeflib=False,
              filters=(), auxiliaries=(), machine=None, elf_class=None, empty_runpath=False):
        """rpath: DT_RPATH; runpath: DT_RUNPATH; old_rpath: a DT_RPATH beside the DT_RUNPATH."""
        os.makedirs(os.path.dirname(path), exist_ok=True)
        command = [CC, "-nostdlib", "-Wl,--no-as-needed", "-Wl,--build-id=none", "-Wl,--hash-style=gnu", self.object]
        command += {"library": ["-shared"], "pie": ["-pie"], "fixed": ["-no-pie"]}[kind]
        if soname:
            command.append("-Wl,-soname," + soname)
        if rpath is not None:
            command += ["-Wl,--disable-new-dtags", "-Xlinker", "-rpath", "-Xlinker", rpath]
        if runpath is not None or empty_runpath:
            command += ["-Wl,--enable-new-dtags", "-Xlinker", "-rpath", "-Xlinker", runpath or "x"]
        if nodeflib:
            command.append("-Wl,-z,nodefaultlib")
        for name in filters:
            command += ["-Xlinker", "-F", "-Xlinker", name]
        for name in list(auxiliaries) + ([old_rpath] if old_rpath else []):
            command += ["-Xlinker", "-f", "-Xlinker", name]
        command += [self._stub(name) for name in needs]
        subprocess.run(command + ["-o", path], check=True)
        with open(path, "r+b") as file:
            data = bytearray(file.read())
            if old_rpath:
                retag_dynamic(data, DT_AUXILIARY, old_rpath, DT_RPATH)
            if empty_runpath:
                set_dynamic_value(data, DT_RUNPATH, 0)  # the string table begins with the empty string
            if machine is not None:
                struct.pack_into("<H", data, 18, machine)
            if elf_class is not None:
                data[4] = elf_class
            file.seek(0)
            file.write(data)

    def build_opener(self, path, source, needs=(), rpath=None):
        """A real program, with libc, that opens what it is told to."""
        command = [CC, source, "-o", path, "-ldl", "-Wl,--no-as-needed", "-Wl,--unresolved-symbols=ignore-in-shared-libs"]
        command += [self._stub(name) for name in needs]
        if rpath:
            command += ["-Wl,--disable-new-dtags", "-Xlinker", "-rpath", "-Xlinker", rpath]
        subprocess.run(command, check=True)


def dynamic_entries(data):
    """(offset in the file, tag, value) of every entry of the dynamic section."""
    offset, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for i in range(count):
        kind, _, position = struct.unpack_from("<IIQ", data, offset + i * size)
        if kind != 2:
            continue
        while True:
            tag, value = struct.unpack_from("<QQ", data, position)
            if tag == 0:
                return
            yield position, tag, value
            position += 16


def retag_dynamic(data, tag, text, new_tag):
    # In these files the first PT_LOAD maps the start of the file at address 0, so addresses are offsets.
    strings = next(value for _, t, value in dynamic_entries(data) if t == DT_STRTAB)
    for position, t, value in dynamic_entries(data):
        start = strings + value
        if t == tag and bytes(data[start:data.index(0, start)]).decode() == text:
            struct.pack_into("<Q", data, position, new_tag)
            return
    raise AssertionError("no dynamic entry for " + text)


def set_dynamic_value(data, tag, value):
    for position, t, _ in dynamic_entries(data):
        if t == tag:
            struct.pack_into("<Q", data, position + 8, value)
            return
    raise AssertionError("no dynamic entry %d" % tag)
