# How are the functions that must be compiled built, for both architectures on one machine?
#
# What the three of them share: the names of the compilers, an environment in which nothing of the user's settings but
# the proxy counts, and an error that shows what the compiler said.

import os
import subprocess

from cache import CorpusError

HOST = {"x86_64": "x86_64", "aarch64": "arm64"}[os.uname().machine]


def compiler(arch, program):
    return f"aarch64-linux-gnu-{program}" if arch == "arm64" and HOST != "arm64" else program


def proxy_settings(*more):
    names = {"http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", *more}
    return {name: value for name, value in os.environ.items() if name in names}


def run(command, folder, environment):
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise CorpusError(f"{folder}: {os.path.basename(command[0])} failed\n{done.stdout}{done.stderr}")
