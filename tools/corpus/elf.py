# Which libraries does an ELF file ask for by name?
#
# Enough of the ELF format (64-bit, little-endian: all that Lambda runs) to follow needed names without a tool of the
# right architecture: `ldd` cannot look at arm64 files on x86_64.

import os
import struct
from collections import namedtuple
from pathlib import Path

MACHINES = {"x86_64": 62, "arm64": 183}
PT_LOAD, PT_DYNAMIC = 1, 2
DT_NEEDED, DT_STRTAB, DT_SONAME, DT_RPATH, DT_RUNPATH = 1, 5, 14, 15, 29

Elf = namedtuple("Elf", "machine needed soname search")


def is_elf(path):
    if not os.path.isfile(path) or os.path.islink(path):
        return False
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def elf_files(folder):
    return sorted(path for path in Path(folder).rglob("*") if is_elf(path))


def read_elf(path):
    """Its machine, needed names, soname ("" if none) and rpath or runpath; None for what is no such ELF file."""
    data = Path(path).read_bytes()
    if data[:6] != b"\x7fELF\x02\x01":
        return None
    machine, = struct.unpack_from("<H", data, 18)
    offset, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    headers = [struct.unpack_from("<IIQQQQQQ", data, offset + i * size) for i in range(count)]
    tags = dynamic_tags(data, headers)
    addresses = [value for tag, value in tags if tag == DT_STRTAB]
    strings = file_offset(headers, addresses[0]) if addresses else 0

    def texts(*wanted):
        return [data[strings + value:data.index(b"\0", strings + value)].decode()
                for tag, value in tags if tag in wanted]

    return Elf(machine, texts(DT_NEEDED), "".join(texts(DT_SONAME)), "".join(texts(DT_RPATH, DT_RUNPATH)[:1]))


def dynamic_tags(data, headers):
    for kind, _, offset, _, _, size, _, _ in headers:
        if kind == PT_DYNAMIC:
            tags = [struct.unpack_from("<QQ", data, offset + i) for i in range(0, size, 16)]
            return tags[:next((i for i, (tag, _) in enumerate(tags) if tag == 0), len(tags))]
    return []


def file_offset(headers, address):
    for kind, _, offset, start, _, size, _, _ in headers:
        if kind == PT_LOAD and start <= address < start + size:
            return address - start + offset
    return address
