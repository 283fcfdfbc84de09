#!/usr/bin/env python3
# Do the documents say what the program does?
#
# Every finding code of the sources is in docs/findings.md, and every code there is in the sources; every lambdapack
# command line in the documents has a command and options that the program's own --help knows; every relative link leads
# to a file; every file of docs/decisions is well numbered and said in README's list of documents or linked.
#
# usage: check_docs.py REPOSITORY LAMBDAPACK

import re
import subprocess
import sys
from pathlib import Path

# A code is the first field of a Finding, or handed to a function that makes one.
CODE = re.compile(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"')
MAKES_A_FINDING = re.compile(r"(Finding\b|finding\(|findings|add_problem\(|\.code = |code = |too_new \?|musl \?|return \{)")


def codes_in_sources(source, documented):
    """Code -> file. A literal counts when its line or the one above makes a finding, or when it is documented."""
    codes = {}
    for path in sorted(source.rglob("*.cpp")):
        if path.parent.name in ("rules", "report", "cli", "links"):
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            near = lines[max(number - 1, 0)] + line
            for code in CODE.findall(line):
                if MAKES_A_FINDING.search(near) or code in documented:
                    codes.setdefault(code, path.name)
    return codes


def check_findings(repository):
    text = (repository / "docs/findings.md").read_text(encoding="utf-8")
    documented = set()
    for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE):
        documented.update(re.findall(r"`([a-z0-9-]+)`", row))
    sources = codes_in_sources(repository / "src", documented)
    not_findings = {"drop-runtime-sdk"}
    rules = set(re.findall(r'^id = "([a-z0-9-]+)"', "\n".join(
        path.read_text(encoding="utf-8") for path in (repository / "rules").rglob("*.toml")), re.MULTILINE))
    for code, file in sorted(sources.items()):
        if code not in documented and code not in rules and code not in not_findings:
            yield f"docs/findings.md: lacks {code} of {file}"
    for code in sorted(documented - set(sources)):
        yield f"docs/findings.md: {code} is nowhere in the sources"


def known_options(program, command):
    done = subprocess.run([program, command, "--help"], stdout=subprocess.PIPE, text=True, check=False)
    return set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", done.stdout)) if done.returncode == 0 else None


def check_commands(repository, program, documents):
    options = {}
    for document in documents:
        for line in re.findall(r"^(?:\$ )?((?:build/release/)?lambdapack .*)$", document.read_text(encoding="utf-8"), re.MULTILINE):
            words = line.split(" #")[0].split("|")[0].split()[1:]
            if not words or not words[0].isalpha():
                continue
            command = words[0]
            if command not in options:
                options[command] = known_options(program, command)
            if options[command] is None:
                yield f"{document.name}: there is no lambdapack {command}"
                continue
            for word in words[1:]:
                if word.startswith("-") and word != "-" and word.split("=")[0] not in options[command]:
                    yield f"{document.name}: lambdapack {command} has no option {word}"


def check_links(documents):
    for document in documents:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            if not (document.parent / target).exists():
                yield f"{document.name}: links to {target}, which is not there"


def main():
    repository, program = Path(sys.argv[1]), sys.argv[2]
    documents = [repository / "README.md", repository / "CHANGELOG.md", *sorted((repository / "docs").rglob("*.md"))]
    problems = [*check_findings(repository), *check_commands(repository, program, documents), *check_links(documents)]
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


main()
