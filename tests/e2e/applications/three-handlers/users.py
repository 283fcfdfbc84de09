# The third.
import importlib

import yaml


def handler(event, context):
    return {"parsed": yaml.safe_load("a: [1, 2]\nb: !!binary aGk=")["a"],
            "plugin": importlib.import_module("plugins." + event["plugin"]).answer()}
