# What does a Go function look like, for either architecture?
#
# Built by the Go of a Debian package that is unpacked into the cache and used from there: always the same compiler,
# whatever is installed. Not stripped, as most are that get deployed.

import os

from cache import FIXTURES, HERE, build_folder, cache_dir, hash_of
from compilers import HOST, proxy_settings, run
from debian import debian_tree


def make_go_function(arch):
    fixture = FIXTURES / "go"

    def build(folder):
        tree = debian_tree("go", HOST, ["golang-1.19-go"], without=["(?!golang)"])
        go = tree / "usr/lib/go-1.19"
        cache = cache_dir() / "go"
        environment = {"PATH": os.environ["PATH"], "HOME": str(cache), "GOROOT": str(go), "GOPATH": str(cache),
                       "GOCACHE": str(cache / "build"), "GOOS": "linux", "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly",
                       "GOARCH": {"x86_64": "amd64", "arm64": "arm64"}[arch], "GOTOOLCHAIN": "local"}
        run([go / "bin/go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-o",
             folder / "bootstrap", "."], fixture, {**proxy_settings("GOPROXY", "GOSUMDB"), **environment})

    return build_folder(f"go-{arch}", hash_of(fixture, HERE / "go_function.py"), build)
