# A package of what resolution can meet: every form of main, exports and imports, patterns, null and nested targets,
# folders and files of one name, nested packages, packages that name themselves, links as pnpm makes them.

import json

EXPORTS = {
    "sugar": "./lib.js",
    "sugar-conditions": {"import": "./esm.mjs", "require": "./cjs.cjs"},
    "conditions-order": {".": {"default": "./default.js", "require": "./never.js"}},
    "none-fits": {".": {"browser": "./lib.js"}, "./null": None, "./types": {"types": "./x.d.ts"}},
    "module-sync": {"module-sync": "./sync.js", "default": "./lib.js"},
    "nested": {".": {"node": {"import": "./esm.mjs"}, "default": "./lib.js"},
               "./deep": {"node": {"browser": "./never.js"}, "require": "./cjs.cjs", "default": "./esm.mjs"}},
    "list": {".": ["bad", "./lib.js"], "./missing-first": ["./gone.js", "./lib.js"], "./empty": [],
             "./nulls": [None, "./lib.js"], "./conditions": [{"browser": "./x.js"}, "./lib.js"], "./all-bad": ["bad"]},
    "patterns": {"./*": "./src/*.js", "./*.js": "./src/*.js", "./internal/*": None, "./a/*/b": "./src/*.js",
                 "./features/*.js": "./src/*.js", "./features/private/*": None, "./twice/*": "./src/*/*.js",
                 "./long/*": "./gone/*.js", "./long/er/*": "./src/*.js", "./exact": "./lib.js", "./two/*/*": "./lib.js"},
    "slashes": {"./": "./", "./dist/": "./src/"},
    "bad-targets": {".": "../outside.js", "./up": "./../x.js", "./modules": "./node_modules/x/index.js",
                    "./bare": "lib.js", "./number": 7, "./dot": "./src/./one.js", "./escape": "./%2e%2e/x.js",
                    "./slash": "./src%2fone.js"},
    "encoded": {".": "./with%20space.js", "./double": "./src//one.js", "./query": "./lib.js?x"},
    "mixed": {".": "./lib.js", "import": "./esm.mjs"},
    "numbers": {".": {"1": "./lib.js", "default": "./lib.js"}},
    "to-folder": {".": "./src", "./slash": "./src/"},
    "missing-file": {".": "./gone.js", "./lib": "./lib"},
    "empty-table": {},
    "false-table": False,
    "null-table": None,
}
MAINS = {
    "no-main": None, "main-file": "lib.js", "main-no-extension": "./lib", "main-folder": "src", "main-folder-slash": "src/",
    "main-gone": "gone.js", "main-gone-no-index": "gone.js", "main-empty": "", "main-number": 5, "main-json": "data",
    "main-dot": ".", "main-up": "../no-main/lib.js", "main-absolute": "/lib.js", "main-mjs": "esm",
}
IMPORTS = {
    "#file": "./lib.js", "#package": "sugar", "#package/*": "patterns/*", "#conditions": {"import": "./esm.mjs", "default": "sugar"},
    "#gone": "gone-package", "#built-in": "fs", "#url": "https://host/x.js", "#star/*.js": "./src/*.js", "#null": None,
    "#up": "../x.js", "#list": ["../x.js", "./lib.js"], "#none": {"browser": "./x.js"}, "#self": "app/lib", "#folder": "./src",
}
SUBPATHS = ["", "/", "/lib", "/lib.js", "/src", "/src/", "/src/one", "/src/one.js", "/package.json", "/gone", "/one", "/one.js",
            "/null", "/types", "/deep", "/missing-first", "/empty", "/nulls", "/conditions", "/all-bad", "/internal/one",
            "/a/one/b", "/features/one.js", "/features/private/one", "/twice/one", "/long/one", "/long/er/one", "/exact",
            "/two/x/y", "/dist/one.js", "/up", "/modules", "/bare", "/number", "/dot", "/escape", "/slash", "/double", "/query",
            "/./lib.js", "/../no-main/lib.js", "/src/../lib.js", "/*", "//lib.js", "/data", "/with%20space.js", "/lib.js?x"]
RELATIVE = [".", "..", "./", "../", "./lib", "./lib.js", "./both", "./both/", "./both.js", "./src", "./src/", "./src/.", "./src/..",
            "./data", "./esm", "./esm.mjs", "./gone", "..lib", ".hidden", "./.hidden", "./with space.js", "./with%20space.js",
            "./lib.js?a=b", "./lib.js#x", "./a%2fb.js", "./src//one.js", ".//lib.js", "../../../../../../../../gone.js",
            "./node_modules/sugar", "./linked", "./linked/one.js", "./linked-file.js", "./dangling.js", "./only-package",
            "./addon", "", "a\\b"]
OTHER = ["fs", "fs/promises", "node:fs", "node:test", "test", "sys", "process", "#", "#/x", "#file/", "#gone-key", "app", "app/lib",
         "app/gone", "@s/a", "@s/a/lib.js", "@s/none", "@s", "@/x", "%70", "hoisted", "hoisted/lib.js", "%", "_http_agent",
         "data:text/javascript,1", "linked-package", "linked-package/lib.js", "broken-json", "folder-only", "folder-only/x.js",
         "file-package", "file-package.js", *IMPORTS, "#package/one", "#star/one.js", "#star/x/one.js"]


def add_package(files, folder, manifest):
    files[f"{folder}/package.json"] = json.dumps(manifest)
    for name in ("lib.js", "default.js", "esm.mjs", "cjs.cjs", "sync.js", "data.json", "with space.js", "src/one.js",
                 "src/index.js", "src/one/one.js", "src/x/one.js"):
        files[f"{folder}/{name}"] = "0"
    if manifest.get("name") != "main-gone-no-index":
        files[f"{folder}/index.js"] = "0"


def all_files():
    files = {}
    for name, exports in EXPORTS.items():
        add_package(files, f"node_modules/{name}", {"name": name, "exports": exports, "main": "lib.js"})
    for name, main in MAINS.items():
        add_package(files, f"node_modules/{name}", {"name": name, **({} if main is None else {"main": main})})
    add_package(files, "node_modules/@s/a", {"name": "@s/a", "exports": {".": "./lib.js", "./lib.js": "./lib.js"}})
    add_package(files, "node_modules/hoisted", {"name": "hoisted"})
    add_package(files, "lib/node_modules/hoisted", {"name": "hoisted", "main": "lib.js"})
    add_package(files, "store/node_modules/linked-package", {"name": "linked-package"})
    add_package(files, "store/node_modules/only-in-store", {"name": "only-in-store"})
    files["store/node_modules/linked-package/asks.js"] = asks(["only-in-store", "sugar"])
    files["node_modules/broken-json/package.json"] = "{"
    files["node_modules/folder-only/x.js"] = "0"
    files["node_modules/file-package.js"] = "0"
    files["package.json"] = json.dumps({"name": "app", "imports": IMPORTS, "exports": {".": "./lib.js", "./lib": "./lib.js"}})
    for folder in ("", "lib/", "lib/node_modules/hoisted/", "node_modules/sugar/", "node_modules/hoisted/src/"):
        for name in ("lib.js", "both", "both.js", "both/index.js", "data.json", "esm.mjs", ".hidden", "..lib", "with space.js",
                     "with%20space.js", "src/one.js", "src/index.json", "addon.node"):
            if name == "both":
                continue
            files[folder + name] = "0"
        files[folder + "only-package/package.json"] = json.dumps({"main": "../lib.js"})
        names = [name + subpath for name in [*EXPORTS, *MAINS] for subpath in SUBPATHS]
        files[folder + "asks.js"] = asks(names + RELATIVE + OTHER)
    return files


def asks(names):
    return "".join(f"require({json.dumps(name)});\n" for name in names)


LINKS = {
    "node_modules/linked-package": "../store/node_modules/linked-package",
    "linked": "src",
    "linked-file.js": "node_modules/hoisted/lib.js",
    "dangling.js": "gone.js",
}


def write_files(place):
    for path, text in all_files().items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    for path, target in LINKS.items():
        (place / path).symlink_to(target)
