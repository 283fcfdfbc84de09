# What do the real loaders say of a file?
#
# glibc's and musl's, of this machine's architecture and, under qemu-user, of arm64. Shared objects are opened by dlopen in
# a process of their own (load_files.c), beside libpython so that extension modules find its symbols; programs are listed
# by their interpreter, static ones given to the kernel and stopped before they start. Programs that were built for the
# benchmark run, and what they print counts.
#
# Opening a library runs its constructors, and these are other people's: all loaders run in bubblewrap, without network
# and privileges, in a file system that is read-only.

import os
import re
import struct
import shutil
import subprocess
import tempfile
from collections import namedtuple
from pathlib import Path

from cache import CorpusError, build_folder, cache_dir, hash_of, need_programs
from compilers import HOST, compiler
from debian import TRIPLET, debian_tree
from elf import MACHINES, read_elf
from strip_built import RUNNABLE

HERE = Path(__file__).resolve().parent
ElfFile = namedtuple("ElfFile", "path root machine")
PT_INTERP = 3
SANDBOX = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-all", "--cap-drop", "ALL", "--die-with-parent",
           "--new-session", "--"]
MUSL = {"x86_64": "x86_64-linux-musl", "arm64": "aarch64-linux-musl"}
# Words of glibc's, musl's and qemu's loaders about the file itself; all others are about what the file needs.
MAPPING_ERRORS = ("ELF load command", "invalid ELF header", "file too short", "cannot read file data", "cannot map", "failed to map",
                  "no loadable segments", "ELF file", "object file has no", "Exec format error", "Not a valid dynamic program",
                  "cannot create shared object", "cannot enable executable", "cannot allocate TLS", "wrong ELF class",
                  "Error loading ELF", "Invalid ELF image", "unsupported version", "unexpected reloc type", "version lookup error")


def check_sandbox():
    """It starts, and neither the file system nor the network can be reached from inside; a CorpusError says what else."""
    need_programs("bwrap")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "written"
        done = subprocess.run([*SANDBOX, shutil.which("sh"), "-c", f"cat /proc/net/dev; echo x 2>&- > '{place}'"],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        devices = {line.split(":")[0].strip() for line in done.stdout.splitlines() if ":" in line}
        if devices != {"lo"} or place.exists():
            raise CorpusError(f"bwrap: does not shut libraries off here ({done.stderr.strip() or devices}); run as root, or allow user namespaces")


def program_kind(path):
    """(e_type, interpreter or ""), of a little-endian 32- or 64-bit file."""
    with open(path, "rb") as file:
        head = file.read(64)
        wide = head[4] == 2
        offset = struct.unpack_from("<Q", head, 32)[0] if wide else struct.unpack_from("<I", head, 28)[0]
        size, count = struct.unpack_from("<HH", head, 54 if wide else 42)
        file.seek(offset)
        table = file.read(size * count)
        for i in range(len(table) // size if size else 0):
            if struct.unpack_from("<I", table, i * size)[0] == PT_INTERP:
                start, = struct.unpack_from("<Q" if wide else "<I", table, i * size + (8 if wide else 4))
                file.seek(start)
                return head[16], file.read(200).split(b"\0")[0].decode(errors="replace")
    return head[16], ""


def pie_without_interpreter(elf, path):
    """A static-pie: dlopen refuses it, the kernel runs it. DT_FLAGS_1 has DF_1_PIE, 0x08000000."""
    from elf import dynamic_tags
    data = Path(path).read_bytes()
    offset, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    headers = [struct.unpack_from("<IIQQQQQQ", data, offset + i * size) for i in range(count)]
    return not elf.needed and any(tag == 0x6FFFFFFB and value & 0x08000000 for tag, value in dynamic_tags(data, headers))


class Loader:
    """One libc of one architecture; keeps a load_files process that forks for each file."""

    def __init__(self, arch, libc):
        self.arch, self.libc = arch, libc
        self.tree = debian_tree("strip-loaders", arch, ["libpython3.11", "libstdc++6", "libgomp1", "libgfortran5", "musl", "musl-dev"])
        self.qemu = [] if arch == HOST else ["qemu-aarch64-static", "-L", str(self.tree)]
        self.musl = self.tree / "lib" / f"ld-musl-{MUSL[arch].split('-')[0]}.so.1"
        place = build_folder(f"load_files-{libc}-{arch}", hash_of(HERE / "load_files.c", HERE / "strip_loaders.py"), self.build, cache_dir() / "strip")
        interpreter = [str(self.musl)] if libc == "musl" else []
        python = [] if libc == "musl" else [str(self.tree / "usr/lib" / TRIPLET[arch] / "libpython3.11.so.1.0")]
        self.command = [*SANDBOX, *self.qemu, *interpreter, str(place / "load_files"), *python]
        self.process = None

    def build(self, folder):
        gcc, source = compiler(self.arch, "gcc"), HERE / "load_files.c"
        if self.libc == "glibc":
            command = [gcc, "-O1", "-o", folder / "load_files", source]
        else:
            parts = self.tree / "usr/lib" / MUSL[self.arch]
            command = [gcc, "-O1", "-nostdinc", "-isystem", self.tree / "usr/include" / MUSL[self.arch], "-nostdlib", "-no-pie",
                       "-fno-stack-protector", "-U_FORTIFY_SOURCE",
                       "-o", folder / "load_files", parts / "crt1.o", parts / "crti.o", source, self.musl, parts / "crtn.o"]
        subprocess.run(command, check=True)

    def ask(self, what, path):
        if self.process is None or self.process.poll() is not None:
            environment = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": "", "HOME": "/nonexistent"}
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, errors="replace", env=environment)
        self.process.stdin.write(f"{what} {path}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"load_files for {self.libc} {self.arch}: ended at {path}")
        return answer.strip()

    def judge_program(self, path):
        if self.libc == "musl":
            command = [*SANDBOX, *self.qemu, str(self.musl), "--list", str(path)]
        elif self.qemu:
            command = [*SANDBOX, *self.qemu, "-E", "LD_TRACE_LOADED_OBJECTS=1", str(path)]
        else:  # the kernel starts it, so that the kernel's own checks count; qemu's are its own
            return verdict(self.ask("trace", path))
        try:
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"refused: {error}"
        if done.returncode < 0 or done.returncode > 127:  # bwrap's and qemu's ways to tell of a signal
            return f"refused: signal or status {done.returncode}"
        return verdict("loaded" if done.returncode == 0 else "failed " + done.stderr)


def verdict(answer):
    """"loaded", "mapped: WHY" when only dependencies or symbols are missing, or "refused: WHY"."""
    if answer == "loaded":
        return answer
    kind, _, text = answer.partition(" ")
    text = re.sub(r"/\S*/", "", text)[:200]
    return f"refused: {kind} {text}" if kind == "died" or any(error in text for error in MAPPING_ERRORS) else f"mapped: {text}"


class Loaders:
    def __init__(self):
        check_sandbox()
        need_programs("qemu-aarch64-static", "aarch64-linux-gnu-gcc")
        self.farm_key, self.farm = None, None
        self.arches = {number: arch for arch, number in MACHINES.items() if arch == HOST or HOST == "x86_64"}
        self.all = {(arch, libc): Loader(arch, libc) for arch in self.arches.values() for libc in ("glibc", "musl")}

    def load(self, path, machine, original):
        """What the loader says of the file at `path`, whose original lies at `original`."""
        arch = self.arches.get(machine)
        elf = read_elf_or_none(path)
        if arch is None:
            return "other machine"
        if elf is None:
            return "refused: cannot be read"
        kind, interpreter = program_kind(path)
        loader = self.all[arch, "musl" if is_musl(elf, interpreter, original) else "glibc"]
        if RUNNABLE in original.parts:
            return self.run(loader, path)
        if interpreter and kind == 2 or interpreter and not elf.soname:
            return loader.judge_program(path)
        if kind == 2 or pie_without_interpreter(elf, path):
            return "static program of another machine" if loader.qemu else verdict(loader.ask("exec", path))
        return verdict(loader.ask("dlopen", path))

    @staticmethod
    def run(loader, path):
        try:
            done = subprocess.run([*SANDBOX, *loader.qemu, str(path)], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"refused: {error}"
        return f"ran: {done.stdout.strip()}" if done.returncode == 0 else f"refused: status {done.returncode}"

    def load_in_place(self, file, result, folder):
        """load() of `result` under the name of `file`, among links to everything around it from its root down."""
        if file.machine not in self.arches:
            return "other machine"
        farm = self.farm_for(file, folder)
        place = farm / file.path.name
        place.unlink()
        try:
            os.link(result, place)
            place.chmod(0o755)
            return self.load(place, file.machine, file.path)
        finally:
            place.unlink()
            place.symlink_to(file.path)

    def farm_for(self, file, folder):
        """Links to all that is around the file's folder; the last one is kept, for files come folder by folder."""
        key = (file.root, file.path.parent, folder)
        if self.farm_key != key:
            place, original = Path(tempfile.mkdtemp(dir=folder)), Path(file.root)
            for part in (*file.path.parent.relative_to(file.root).parts, None):
                for neighbour in original.iterdir():
                    if neighbour.name != part:
                        os.symlink(neighbour, place / neighbour.name)
                if part is not None:
                    place, original = place / part, original / part
                    place.mkdir()
            self.farm_key, self.farm = key, place
        return self.farm


def read_elf_or_none(path):
    try:
        return read_elf(path)
    except (struct.error, ValueError, IndexError):
        return None


def is_musl(elf, interpreter, original):
    return "ld-musl" in interpreter or any(name.startswith(("libc.musl-", "ld-musl")) or name == "libc.so" for name in elf.needed) or (
        not any(name.startswith(("libc.so.6", "ld-linux")) for name in elf.needed) and "musl" in str(original))


def is_worse(before, after):
    """Refused where it was not, or no longer loaded, or another output."""
    rank = {"refused": 0, "mapped": 1, "loaded": 2, "ran": 3}
    a, b = (rank.get(text.split(":")[0]) for text in (before, after))
    return a is not None and b is not None and (b < a or (a == 3 and before != after))
