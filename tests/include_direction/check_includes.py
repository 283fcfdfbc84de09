#!/usr/bin/env python3
# Does every folder of src/ include only folders above it, and third-party headers only where they belong?
#
# The order is the architecture (README, "Where things are"): a folder that includes one below it has begun to depend on
# something that depends on it. A third-party header stays in the .cpp files of its one folder, so that replacing the
# library touches that folder alone, and no other file pays for compiling it.
#
# usage: check_includes.py SRC

import re
import sys
from pathlib import Path

ORDER = ["base", "package", "elf", "rules", "links", "languages", "plan", "apply", "coldstart", "report", "cli"]

# Start of a header's name -> the folders whose .cpp files may include it. None: every folder.
THIRD_PARTY = {
    "archive.h": {"package"}, "archive_entry.h": {"package"}, "libdeflate.h": {"package"}, "zstd.h": {"package"},
    "llvm/": {"elf"}, "toml++/": {"rules"}, "nlohmann/": {"report", "languages"}, "CLI/": {"cli"},
    "yaml.h": {"cli"}, "openssl/": {"base"}, "fmt/": None,
}

# What is part of C++, of libc and of the kernel: no dot in the name, or one of these.
SYSTEM = re.compile(r"^([a-z_0-9]+|(sys|linux)/[a-z_0-9]+\.h|(dirent|elf|errno|fcntl|glob|link|malloc|poll|sched|signal|spawn|string|time|unistd)\.h)$")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def folder_of(path):
    return path.split("/")[0] if "/" in path else None  # None: pipeline.*, main.cpp: below everything


def quoted_problem(path, name, files):
    if name not in files:
        return f'includes "{name}", which is not in src/'
    own, other = folder_of(path), folder_of(name)
    if own is None:
        return None
    if other is None:
        return f'includes "{name}", which is below every folder'
    if ORDER.index(other) > ORDER.index(own):
        return f'includes "{name}": {other} is below {own}'
    return None


def angled_problem(path, name):
    for start, folders in THIRD_PARTY.items():
        if not name.startswith(start):
            continue
        if path.endswith(".h"):
            return f"includes <{name}> in a header"
        if folders is not None and folder_of(path) not in folders:
            return f"includes <{name}>, which belongs to {' and '.join(sorted(folders))}"
        return None
    if not SYSTEM.match(name):
        return f"includes <{name}>, which is neither the system's nor a dependency of this project"
    return None


def problems(files):
    """files: path below src/ -> text. Returns "path: problem" lines, sorted."""
    found = []
    for path, text in files.items():
        if folder_of(path) not in (None, *ORDER):
            found.append(f"{path}: {folder_of(path)} has no place in the order")
            continue
        for kind, name in INCLUDE.findall(text):
            problem = quoted_problem(path, name, files) if kind == '"' else angled_problem(path, name)
            if problem:
                found.append(f"{path}: {problem}")
    cli11 = [path for path, text in files.items() if "#include <CLI/" in text]
    if len(cli11) > 1:
        found.append(f"{cli11[1]}: a second file includes CLI11, which costs seconds to compile")
    return sorted(found)


def check_that_it_can_fail():
    wrong = {
        "base/a.h": '#include "elf/b.h"\n',                     # upwards
        "elf/b.h": "#include <llvm/Object/ELF.h>\n",            # third party in a header
        "elf/c.cpp": "  #  include <archive.h>\n",              # another folder's library
        "plan/d.cpp": "#include <boost/any.hpp>\n",             # unknown library
        "plan/e.cpp": '#include "plan/gone.h"\n',               # no such file
        "plan/f.cpp": '#include "main.h"\n',                    # the program itself
        "zoo/g.cpp": "\n",                                      # no place
        "main.h": "\n",
    }
    right = {
        "base/a.h": "#include <vector>\n#include <sys/stat.h>\n",
        "elf/b.cpp": '#include <llvm/Object/ELF.h>\n#include <fmt/format.h>\n#include "base/a.h"\n',
        "main.cpp": '#include "base/a.h"\n',
    }
    found = {line.split(":")[0] for line in problems(wrong)}
    if found != set(wrong) - {"main.h"}:
        sys.exit(f"the check overlooks {set(wrong) - {'main.h'} - found}")
    if problems(right):
        sys.exit(f"the check complains about what is right: {problems(right)}")


def main():
    source = Path(sys.argv[1])
    check_that_it_can_fail()
    files = {str(path.relative_to(source)): path.read_text(encoding="utf-8")
             for path in sorted(source.rglob("*")) if path.suffix in (".h", ".cpp")}
    if len(files) < 20:
        sys.exit(f"{source}: only {len(files)} files; is this src/?")
    found = problems(files)
    for line in found:
        print(line, file=sys.stderr)
    sys.exit(1 if found else 0)


main()
