#!/usr/bin/env python3
# Does lambdapack find in real Python files the imports that CPython's own parser finds?
#
# run.py --print-imports PROGRAM [--all] [FOLDER…] takes every .py file of the Python function of tools/fetch-corpus
# (--all: of the benchmark's, and of those that tests/e2e/opened_files made, too), asks PROGRAM for its imports, and compares them with a walk over
# ast.parse's tree: modules, names, dots and order, what stands under `if TYPE_CHECKING:`, the literal arguments of
# import_module and others, and the words of string constants. Files that this Python refuses to parse (Python 2,
# templates, newer syntax) are counted by distribution and skipped. Then the cases below, which no package has.

import argparse
import ast
import collections
import io
import subprocess
import sys
import tempfile
import tokenize
import unicodedata
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[2] / "tools/corpus"), str(HERE.parents[1] / "bench")]

from cache import CorpusError, cache_dir
from corpora import ml_folder
from python_function import make_python_function

CALLS = {"import_module", "__import__", "client", "resource", "create_client"}
LEAST_DISTRIBUTIONS = 10
LONGEST = 256

# What packages do not have in their files, each with a line that must be found.
CASES = {
    "continued": b"import \\\n  os.path \\\n , sys as s\nfrom . \\\n import (a, # comment\n b as c,\n)\nx = 1; import re\n",
    "one line": b"if x: import a\nelif y: from b import c; import d\ntry: import e\nexcept: import f\n"
                b"with g: import h\nclass C: import i\nlambda: 0; import j\n",
    "strings": b"'''\nimport no\n''' ; import a\nx = 'it\\'s' 'import no'\nimport b\ny = r'\\'; import no'\nimport c\n"
               b"z = rb'''\\''' import no'''; import d\n",
    "formatted": b"x = f'{a!r:>{w}} {{import}} {d[\"}\"]}'\nimport a\ny = f'''{\n  g\n}'''; import b\nz = rf'\\{x}'; import c\n"
                 b"u = f'\\N{LATIN SMALL LETTER A}{x}'; import d\nv = f'{x:%H:%M}'; import e\nw = f'{(lambda q: q)(1)}'; import f\n",
    "type checking": b"if TYPE_CHECKING:\n    import a\n\n# comment\n    if x:\n        import b\nelse:\n    import c\n"
                     b"def f():\n\tif typing.TYPE_CHECKING:\n\t\timport d\n\timport e\nif (t.TYPE_CHECKING): import g\nimport h\n",
    "line ends": b"import a\r\nimport b\rimport c\n\x0cimport d\r\nx = 'a\\\r\nimport no'\r\nimport e",
    "byte order mark": b"\xef\xbb\xbfimport a\n",
    "yield from": b"def f():\n    yield \\\n    from_ \n    yield from g\n    raise E from x\n",
    "relative": b"from .. import a\nfrom ...b.c import d\nfrom . import *\nfrom .... import (e)\nfrom.f import g\n",
    "calls": b"import_module('a.b', package=__name__)\n__import__(name)\nimportlib.import_module(name='c')\n"
             b"import_module('d' + e)\ndef import_module(x): pass\nboto3.client(service_name='s3')\nclient(f'x')\n",
}
NEWER = {  # since 3.12
    "nested quotes": b"x = f\"{d[\"import no\"]:{f\"{w}\"}}\"\nimport a\ny = f'{x # '\n}'; import b\nz = f'{'\\n'.join(q)}'; import c\n"
                     b"u = rf'\\{d['; import no; ']}'; import d\n",
}


def words_of(text):
    if not text or len(text.encode(errors="surrogatepass")) > LONGEST or any(c <= " " for c in text):
        return []
    if text.startswith(("http://", "https://")):
        return []
    words, word = [], ""
    for c in text:
        if c.isascii() and not (c.isalnum() or c in "_.-/"):
            words.append(word)
            word = ""
        else:
            word += c
    return [word for word in words + [word] if word]


class Walk(ast.NodeVisitor):
    """Imports and calls in source order; string constants that stand in the source as they are."""

    def __init__(self, lines):
        self.lines, self.imports, self.calls, self.words = lines, [], [], []
        self.in_type_checking, self.exact = 0, True

    def visit_If(self, node):
        name = node.test.id if isinstance(node.test, ast.Name) else getattr(node.test, "attr", "")
        marked = name == "TYPE_CHECKING" and isinstance(node.test, (ast.Name, ast.Attribute))
        self.visit(node.test)
        self.in_type_checking += marked
        for child in node.body:
            self.visit(child)
        self.in_type_checking -= marked
        for child in node.orelse:
            self.visit(child)

    def visit_Import(self, node):
        for alias in node.names:
            self.imports.append((node.lineno, node.col_offset, [0, alias.name, bool(self.in_type_checking)]))

    def visit_ImportFrom(self, node):
        names = [alias.name for alias in node.names]
        self.imports.append((node.lineno, node.col_offset,
                             [node.level, node.module or "", bool(self.in_type_checking), *names]))

    def visit_Call(self, node):
        self.note_call(node)
        self.generic_visit(node)

    def note_call(self, node):
        function = getattr(node.func, "id", getattr(node.func, "attr", None))
        if function in CALLS and (node.args or node.keywords):
            self.calls.append([function, *self.first_argument(node)])

    def first_argument(self, node):
        first = node.args[0] if node.args else None
        if first is None and node.keywords and node.keywords[0].arg in ("name", "service_name"):
            first = node.keywords[0].value
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and self.is_plain(first):
            return [first.value]
        return []

    def segment(self, node):
        first, last = node.lineno - 1, node.end_lineno - 1
        if first == last:
            return self.lines[first][node.col_offset:node.end_col_offset]
        return b"".join([self.lines[first][node.col_offset:], *self.lines[first + 1:last], self.lines[last][:node.end_col_offset]])

    def is_plain(self, node):
        """One literal, without escapes: its value is what stands between its quotes."""
        text = self.segment(node).lstrip(b"rRuU")
        for quote in (b'"""', b"'''", b'"', b"'"):
            if text.startswith(quote):
                return b"\\" not in text and text.find(quote, len(quote)) == len(text) - len(quote)
        return False

    def visit_Expr(self, node):
        if not (isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)):
            self.generic_visit(node)
        else:
            self.exact = False  # a docstring, unless something stands before it in its line

    def visit_JoinedStr(self, node):
        self.exact = False  # its constants have no place of their own before Python 3.12
        for child in ast.walk(node):
            if isinstance(child, ast.Call):
                self.note_call(child)

    visit_TemplateStr = visit_JoinedStr

    def visit_Constant(self, node):
        if not isinstance(node.value, str):
            return
        if self.is_plain(node):
            self.words += words_of(node.value)
        else:
            self.exact = False


def expected(source):
    """None when this Python does not parse it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    # Columns are in bytes of UTF-8, whatever the file's encoding is; lines end as Python's do, and at nothing else.
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = source.decode("latin-1")
    lines = [line + b"\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").encode().split(b"\n")]
    walk = Walk(lines)
    walk.visit(tree)
    walk.imports.sort(key=lambda each: each[:2])
    return [each[2] for each in walk.imports], walk.calls, walk.words, walk.exact


def printed(program, paths):
    """Per path what PROGRAM says of it."""
    done = subprocess.run([program], input="".join(f"{path}\n" for path in paths).encode(), capture_output=True)
    if done.returncode:
        sys.exit(f"python-truth: {program}: exit {done.returncode}: {done.stderr.decode()[-500:]}")
    found, current = {}, None
    for line in done.stdout.decode(errors="surrogateescape").split("\n"):
        kind, *fields = line.split("\t")
        fields = [unicodedata.normalize("NFKC", field) for field in fields] if kind == "import" else fields
        if kind == "file":
            current = found.setdefault(fields[0], {"import": [], "call": [], "word": [], "incomplete": False})
        elif kind == "import":
            current["import"].append([int(fields[0]), fields[1], fields[2] == "1", *fields[3:]])
        elif kind == "incomplete":
            current["incomplete"] = True
        elif kind == "call":
            current["call"].append(fields)
        elif kind == "word":
            current["word"].append(fields[0])
    return found


def check(path, source, ours):
    """None: not parsed; else what is wrong, "" for nothing."""
    truth = expected(source)
    if truth is None:
        return None
    imports, calls, words, exact = truth
    if ours["import"] != imports:
        missing = [each for each in imports if each not in ours["import"]]
        more = [each for each in ours["import"] if each not in imports]
        return f"{path}: imports missing {missing[:3]}, too many {more[:3]}" + ("" if missing or more else ", another order")
    if sorted(ours["call"]) != sorted(calls):
        return f"{path}: calls {ours['call'][:5]}, CPython has {calls[:5]}"
    found, wanted = collections.Counter(ours["word"]), collections.Counter(words)
    if wanted - found:
        return f"{path}: words missing {list(wanted - found)[:5]}"
    if exact and found != wanted:
        return f"{path}: words too many {list(found - wanted)[:5]}"
    ascii_means_ascii = tokenize.detect_encoding(io.BytesIO(source).readline)[0] in ("utf-8", "utf-8-sig", "iso-8859-1")
    if ours["incomplete"] and ascii_means_ascii:
        return f"{path}: said to be incomplete"
    return ""


def check_files(program, paths):
    results = []
    ours = printed(program, paths)
    for path in paths:
        results.append((path, check(path, Path(path).read_bytes(), ours[path])))
    return results


def folders(all_of_them):
    names = [make_python_function("x86_64")]
    if all_of_them:
        names += [ml_folder(), *sorted(path for path in (cache_dir() / "opened").glob("*") if path.is_dir())]
    return names


def check_cases(program):
    cases = dict(CASES, **NEWER) if sys.version_info >= (3, 12) else CASES
    wrong = []
    with tempfile.TemporaryDirectory() as work:
        paths = []
        for number, source in enumerate(cases.values()):
            paths.append(str(Path(work) / f"{number}.py"))
            Path(paths[-1]).write_bytes(source)
        ours = printed(program, paths)
        for name, path in zip(cases, paths):
            message = check(name, cases[name], ours[path])
            if message is None:
                message = f"{name}: this Python does not parse the case"
            wrong += [message] if message else []
    return len(cases), wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--print-imports", required=True)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("folders", nargs="*", type=Path)
    arguments = parser.parse_args()
    count, wrong = check_cases(arguments.print_imports)
    try:
        chosen = arguments.folders or folders(arguments.all)
    except CorpusError as error:
        sys.exit(f"python-truth: {error}")
    files = sorted({str(path) for folder in chosen for path in folder.rglob("*.py") if path.is_file()})
    distributions = {path.name for folder in chosen for path in folder.glob("*.dist-info")}
    if len(distributions) < LEAST_DISTRIBUTIONS and not arguments.folders:
        sys.exit(f"python-truth: {len(distributions)} distributions are too few")
    chunks = [files[at:at + 100] for at in range(0, len(files), 100)]
    skipped, imports = collections.Counter(), 0
    with ProcessPoolExecutor() as pool:
        for results in pool.map(check_files, [arguments.print_imports] * len(chunks), chunks):
            for path, message in results:
                count += message is not None
                if message is None:
                    skipped[next(part for folder in chosen if Path(path).is_relative_to(folder)
                                 for part in Path(path).relative_to(folder).parts)] += 1
                elif message:
                    wrong.append(message)
    for message in wrong[:50]:
        print(f"FAIL {message}")
    print(f"{len(files)} files of {len(distributions)} distributions; not parsed by Python "
          f"{sys.version.split()[0]}: {', '.join(f'{n} of {name}' for name, n in sorted(skipped.items())) or 'none'}")
    print(f"{count - len(wrong)} passed, {len(wrong)} failed")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
