#!/usr/bin/env python3
# Is what `--format json` prints what docs/report.schema.json promises?
#
# Asks a validator that no one here wrote (python3-jsonschema), for the goldens and for the program's own output on small
# packages made here, one with a name that is no UTF-8. A missing validator is a failure, not a skip.
#
# usage: validate_json.py SCHEMA LAMBDAPACK GOLDEN.json…

import copy
import json
import os
import subprocess
import sys
import tempfile
import zipfile

try:
    import jsonschema
except ImportError:
    sys.exit("python3-jsonschema is missing; run tools/setup --tests")


def validator(schema, definition=None):
    if definition is not None:
        schema = {"$schema": schema["$schema"], "$defs": schema["$defs"], "$ref": "#/$defs/" + definition}
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def check(validate, name, document):
    errors = sorted(validate.iter_errors(document), key=lambda error: list(error.absolute_path))
    for error in errors[:5]:
        place = "/".join(str(part) for part in error.absolute_path)
        print(f"{name}: /{place}: {error.message[:300]}", file=sys.stderr)
    if errors:
        sys.exit(1)


def check_that_it_can_fail(validate, document):
    for spoil in (lambda d: d.update(extra=1), lambda d: d.pop("before"), lambda d: d["function"].update(arch="sparc"),
                  lambda d: d["before"].update(files=-1)):
        broken = copy.deepcopy(document)
        spoil(broken)
        if validate.is_valid(broken):
            sys.exit("the schema accepts a report that is wrong")


def output_of(program, *arguments):
    done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"{program} {' '.join(map(str, arguments))}: exit {done.returncode}")
    return json.loads(done.stdout.decode("utf-8"))


def make_packages(folder):
    function = os.path.join(folder, "function")
    os.makedirs(os.path.join(function, "lib"))
    with open(os.path.join(function, "bootstrap"), "w", encoding="ascii") as file:
        file.write("#!/bin/sh\nexec true\n")
    os.chmod(os.path.join(function, "bootstrap"), 0o755)
    with open(os.path.join(os.fsencode(function), b"lib", b"n\xffme\x01.txt"), "wb") as file:
        file.write(b"text")
    archive = os.path.join(folder, "function.zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr("app.py", "def handler(event, context):\n    return event\n")
    return function, archive


def main():
    schema_path, program, *goldens = sys.argv[1:]
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    report = validator(schema)
    for golden in goldens:
        with open(golden, encoding="utf-8") as file:
            document = json.load(file)
        check(report, golden, document)
        check_that_it_can_fail(report, document)
    with tempfile.TemporaryDirectory() as folder:
        for package in make_packages(folder):
            check(report, "analyze", output_of(program, "analyze", package, "--format", "json"))
            out = os.path.join(folder, "out.zip")
            check(report, "pack", output_of(program, "pack", package, "-o", out, "--format", "json"))
            check(report, "dry run", output_of(program, "pack", package, "--dry-run", "--format", "json"))
            beside = os.path.join(folder, "report.json")
            subprocess.run([program, "pack", package, "-o", out, "--report", beside], stdout=subprocess.DEVNULL, check=True)
            with open(beside, encoding="utf-8") as file:
                check(report, "--report", json.load(file))
        function, archive = make_packages(os.path.join(folder, "more"))
        layered = output_of(program, "analyze", archive, "--layer", function, "--format", "json")
        check(report, "--layer", layered)
        if len(layered["layers"]) != 1:
            sys.exit("--layer: the report does not list it")
        layer = output_of(program, "pack", archive, "--as-layer", "python", "--dry-run", "--format", "json")
        check(report, "--as-layer", layer)
        if not layer["layer_fits"]:
            sys.exit("--as-layer: the report does not say where the layer works")
        check(validator(schema, "diff"), "diff", output_of(program, "diff", function, archive, "--format", "json"))
    rules = output_of(program, "rules", "--format", "json")
    check(validator(schema, "rules"), "rules", rules)
    check(validator(schema, "rules"), "rule", output_of(program, "rules", rules["rules"][0]["id"], "--format", "json"))
    runtimes = output_of(program, "runtimes", "--format", "json")
    check(validator(schema, "runtimes"), "runtimes", runtimes)
    for runtime in runtimes["runtimes"]:
        check(validator(schema, "runtime"), runtime["id"], output_of(program, "runtimes", runtime["id"], "--format", "json"))


main()
