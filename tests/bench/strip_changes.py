# Is a stripped file still the same program?
#
# Written apart from the proof in src/elf, so that one does not repeat the other's mistake: segments and the bytes they
# load, what is appended to the file, and the names of the loaded sections.

import mmap
import struct
from collections import namedtuple

PT_LOAD, SHT_NOBITS, SHF_ALLOC = 1, 8, 2
Table = namedtuple("Table", "data wide header segments sections")
Segment = namedtuple("Segment", "kind flags offset address file_size memory_size")
Section = namedtuple("Section", "name kind flags address offset size")


def read_table(path):
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    wide = data[4] == 2
    header = struct.unpack_from("<16sHHIQQQIHHHHHH" if wide else "<16sHHIIIIIHHHHHH", data)
    _, _, _, _, _, phoff, shoff, _, _, phsize, phcount, shsize, shcount, names = header
    segments, sections = [], []
    for i in range(phcount):
        if wide:
            kind, flags, offset, address, _, size, memory, _ = struct.unpack_from("<IIQQQQQQ", data, phoff + i * phsize)
        else:
            kind, offset, address, _, size, memory, flags, _ = struct.unpack_from("<8I", data, phoff + i * phsize)
        segments.append(Segment(kind, flags, offset, address, size, memory))
    for i in range(shcount if shoff else 0):
        values = struct.unpack_from("<IIQQQQ" if wide else "<6I", data, shoff + i * shsize)
        sections.append(Section(*values))
    if names < len(sections):
        start, size = sections[names].offset, sections[names].size
        texts = data[start:start + size]
        sections = [section._replace(name=texts[section.name:].split(b"\0", 1)[0]) for section in sections]
    return Table(data, wide, header, segments, sections)


def program_change(before_path, after_path):
    """The first difference that a running program or its loader could see, in words; "" when there is none."""
    try:
        before, after = read_table(before_path), read_table(after_path)
    except (struct.error, ValueError):
        return "header tables cannot be read"
    if before.header[1:5] != after.header[1:5]:
        return "type, machine or entry point"
    if [s._replace(offset=0) for s in before.segments] != [s._replace(offset=0) for s in after.segments]:
        return "program headers"
    for a, b in zip(before.segments, after.segments):
        if a.kind == PT_LOAD and (a.offset - b.offset) % 4096:
            return "place of a segment in its page"
        if a.kind == PT_LOAD and loaded_bytes(before, a) != loaded_bytes(after, b):
            return "loaded bytes"
    tail = payload(before)
    if tail and not after.data[:].endswith(tail):
        return "appended payload"
    names = {(s.name, s.address) for s in before.sections if s.flags & SHF_ALLOC}
    if any(s.flags & SHF_ALLOC and (s.name, s.address) not in names for s in after.sections):
        return "names of loaded sections"
    return ""


def loaded_bytes(table, segment):
    data = bytearray(table.data[segment.offset:segment.offset + segment.file_size])
    if segment.offset == 0:  # e_shoff, e_shnum and e_shstrndx, which only tools read
        for start, size in ((40, 8), (60, 4)) if table.wide else ((32, 4), (48, 4)):
            data[start:start + size] = bytes(size)
    place, size, count = table.header[5] - segment.offset, *table.header[9:11]
    for start in range(place, place + size * count, size):  # p_offset, in the loaded copy of the program headers: a segment may move
        field = start + (8 if table.wide else 4)
        if 0 <= field < len(data):
            data[field:field + (8 if table.wide else 4)] = bytes(8 if table.wide else 4)
    return data


def payload(table):
    """What follows the last section, segment and header table, unless it is all zero."""
    phoff, shoff = table.header[5:7]
    ends = [phoff + table.header[9] * table.header[10], shoff + table.header[11] * table.header[12]]
    ends += [s.offset + s.file_size for s in table.segments]
    ends += [s.offset + s.size for s in table.sections if s.kind != SHT_NOBITS]
    tail = table.data[max(ends):]
    return tail if tail.strip(b"\0") else b""
