# Which files does a program open or start?
#
# strace watches it and all that it starts, in the sandbox or outside, and says of every descriptor which file it is, with
# links resolved.

import re

from sandbox import find_program

# A call that another thread interrupts stands on two lines.
OPENED = re.compile(r"^\d+ +(?:open(?:at2?)?\(|<\.\.\. open(?:at2?)? resumed>).* = \d+<(/[^>]*)>")
STARTED = re.compile(r"^\d+ +execve\(\"([^\"]+)\".*(?: = 0|<unfinished \.\.\.>)$")


def watched(command, log):
    """COMMAND, with what it opens and starts written to LOG; no other system call of it is slowed down."""
    return [find_program("strace", "strace"), "-f", "--seccomp-bpf", "-qq", "-y", "-e",
            "trace=open,openat,openat2,execve", "-e", "signal=none", "-o", str(log), *command]


def opened_files(log, folder, mount="/var/task"):
    """The files of FOLDER, which the sandbox has at MOUNT, that were opened or started: paths in it."""
    files = set()
    for line in log.read_text(errors="replace").splitlines():
        match = OPENED.match(line) or STARTED.match(line)
        if match and match[1].startswith(f"{mount}/"):
            path = match[1].removeprefix(f"{mount}/")
            if (folder / path).is_file():
                files.add(path)
    return files
