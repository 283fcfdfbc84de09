# How does a program run as on Lambda, on this machine?
#
# bubblewrap makes a mount namespace in which the file system is a root of tools/fetch-corpus, read-only, with the
# package at /var/task, also read-only, and an empty /tmp. Nothing of the host can be seen, so a library that is in
# neither the package nor the runtime is missing here as it is there. A program of another architecture runs under
# qemu's user mode, whose static binary is the one file of the host inside. The network is the host's: the Runtime API
# listens on it.

import os
import shutil
import subprocess
from pathlib import Path

MACHINES = {"x86_64": "x86_64", "aarch64": "arm64"}
QEMU = {"x86_64": "qemu-x86_64-static", "arm64": "qemu-aarch64-static"}
GUEST = Path(__file__).resolve().parent / "guest"

LD_LIBRARY_PATH = "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"


class Missing(Exception):
    """A prerequisite that is not there: the test fails, with the message that names it."""


def host_arch():
    return MACHINES[os.uname().machine]


def lambda_environment(runtime, handler="", api=""):
    """What Lambda sets for RUNTIME (Developer Guide, "Defined runtime environment variables")."""
    variables = {
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "LD_LIBRARY_PATH": LD_LIBRARY_PATH,
        "LANG": "en_US.UTF-8", "TZ": ":UTC",
        "LAMBDA_TASK_ROOT": "/var/task", "LAMBDA_RUNTIME_DIR": "/var/runtime", "_HANDLER": handler,
        "AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
        "AWS_LAMBDA_FUNCTION_NAME": "function", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/function", "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
    }
    if api:
        variables["AWS_LAMBDA_RUNTIME_API"] = api
    if not runtime.startswith("provided"):
        variables["AWS_EXECUTION_ENV"] = f"AWS_Lambda_{runtime}"
    if runtime.startswith("nodejs"):
        major = runtime.removeprefix("nodejs").split(".")[0]
        variables["NODE_PATH"] = (f"/opt/nodejs/node{major}/node_modules:/opt/nodejs/node_modules:"
                                  "/var/runtime/node_modules:/var/runtime:/var/task")
    return variables


def sandbox_command(root, package, arch, program, environment, layer=None):
    """The command line that runs PROGRAM (a list; its first word a path inside) in ROOT with PACKAGE as /var/task, and
    LAYER as /opt when there is one."""
    command = [find_program("bwrap", "bubblewrap"), "--die-with-parent", "--new-session", "--unshare-pid",
               "--unshare-ipc", "--ro-bind", str(root), "/", "--ro-bind", str(package), "/var/task",
               *(["--ro-bind", str(layer), "/opt"] if layer else []), "--ro-bind", str(GUEST), "/var/e2e",
               "--tmpfs", "/tmp", "--dev", "/dev", "--proc", "/proc", "--chdir", "/var/task", "--clearenv"]
    if os.getuid() != 0:
        command += ["--unshare-user", "--uid", "993", "--gid", "990"]  # sbx_user1051, as Lambda has it in /etc/passwd
    for name, value in environment.items():
        command += ["--setenv", name, value]
    if arch != host_arch():
        emulator = find_program(QEMU[arch], "qemu-user-static")
        command += ["--ro-bind", emulator, "/dev/qemu", "--", "/dev/qemu", *program]
    else:
        command += ["--", *program]
    return command


def find_program(program, package):
    path = shutil.which(program)
    if not path:
        raise Missing(f"{program}: not installed; apt-get install {package}, or run tools/setup")
    return path


def check_sandbox():
    """Fails early, and with a reason, on machines that forbid namespaces."""
    done = subprocess.run([find_program("bwrap", "bubblewrap"), "--ro-bind", "/", "/", "--unshare-pid", "--proc",
                           "/proc", "--", "/bin/true"], capture_output=True, text=True)
    if done.returncode:
        raise Missing(f"bwrap: cannot make a namespace here ({done.stderr.strip()}); run as root, or allow user "
                      "namespaces (sysctl kernel.unprivileged_userns_clone=1; in a container: --privileged)")


def run_inside(root, package, arch, program, environment, timeout):
    command = sandbox_command(root, package, arch, program, environment)
    return subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL,
                          timeout=timeout)
