# Which functions does the corpus have, in which runtime does each run, and who makes it?

from collections import namedtuple

from cpp_function import make_cpp_function
from go_function import make_go_function
from java_function import make_java_function
from node_function import make_node_function
from python_function import make_python_function
from roots import make_root
from rust_function import make_rust_function

ARCHES = ["x86_64", "arm64"]

Function = namedtuple("Function", "make runtime")  # make(arch) gives the package folder

# The slowest first.
FUNCTIONS = {
    "rust": Function(make_rust_function, "provided.al2023"),
    "python": Function(make_python_function, "python3.11"),
    "node": Function(make_node_function, "nodejs22.x"),
    "java": Function(make_java_function, "java17"),
    "go": Function(make_go_function, "provided.al2023"),
    "cpp": Function(make_cpp_function, "provided.al2023"),
}

__all__ = ["ARCHES", "FUNCTIONS", "Function", "make_root"]
