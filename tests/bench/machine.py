# Where and with which build was a benchmark run?

import os
import platform
import subprocess
from pathlib import Path


def machine():
    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    return {"cpu": cpu, "threads": len(os.sched_getaffinity(0)),
            "system": platform.freedesktop_os_release()["PRETTY_NAME"]}


def version_of(lambdapack):
    return subprocess.run([lambdapack, "--version"], capture_output=True, text=True).stdout.strip().splitlines()[0]
