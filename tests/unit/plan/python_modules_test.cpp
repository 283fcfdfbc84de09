#include "plan/python_modules.h"

#include <doctest/doctest.h>

#include "plan/python_function.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

using Paths = std::vector<std::string>;

// A distribution pkg with more modules than are used, and more files of it.
PythonFunction with(const std::string& own, const Files& more = {}) {
  PythonFunction function;
  Files files{{"pkg/__init__.py", "from .a import f\n"},
              {"pkg/a.py", ""},
              {"pkg/b.py", ""},
              {"pkg/sub/__init__.py", ""},
              {"pkg/sub/c.py", "from .. import b\n"}};
  for (const auto& [path, text] : more) {
    std::erase_if(files, [&](const auto& file) { return file.first == path; });
    files.emplace_back(path, text);
  }
  function.file("app.py", own).install("pkg", files);
  return function;
}

// What goes, without "pkg/" and ".py": "b sub/__init__ sub/c".
std::string gone(PythonFunction function) {
  std::string names;
  for (const std::string& path : function.dropped_by("drop-unreached-module"))
    names += (names.empty() ? "" : " ") + path.substr(4, path.rfind(".py") - 4);
  return names;
}

const std::string kUnused = "b sub/__init__ sub/c";

}  // namespace

TEST_CASE("drop-unreached-module: what imports from the function's own code do not lead to, as possible") {
  CHECK(gone(with("import pkg\n")) == kUnused);
  CHECK(with("import pkg\n").drops().at("pkg/b.py").confidence == Confidence::possible);
  CHECK(gone(with("import pkg.b\n")) == "sub/__init__ sub/c");
  CHECK(gone(with("from pkg import b\n")) == "sub/__init__ sub/c");
  CHECK_MESSAGE(gone(with("import pkg.sub.c\n")).empty(), "with its package and what it imports");
  CHECK(gone(with("from pkg.sub import c\n")).empty());
  CHECK(gone(with("try:\n    import json\nexcept ImportError:\n    import pkg.sub.c\n")).empty());
  CHECK(gone(with("import pkg\nif TYPE_CHECKING:\n    import pkg.b\n")) == kUnused);
  CHECK_MESSAGE(gone(with("", {{"pkg/a.py", "import b\n"}})) == "", "nothing shows what of it is used");
}

TEST_CASE("drop-unreached-module: names in string constants, settings and compiled modules") {
  CHECK(gone(with("import pkg\nx = 'pkg.sub.c'\n")).empty());
  CHECK(gone(with("import pkg\nx = 'pkg.sub.c:main'\n")).empty());
  CHECK(gone(with("import pkg\n", {{"pkg/a.py", "x = '.sub.c'\n"}})).empty());
  CHECK(gone(with("import pkg\n", {{"pkg/a.py", "x = 'b'\n"}})) == "sub/__init__ sub/c");
  CHECK_MESSAGE(gone(with("x = ['pkg']\n")).empty(), "a framework may load any module of it");
  CHECK(gone(with("import pkg\nrun([sys.executable, 'worker/b.py'])\n")) == "sub/__init__ sub/c");
  CHECK(gone(with("import pkg\n", {{"pkg/sub/__main__.py", ""}, {"pkg/a.py", "run('python -m pkg.sub')\n"}})) ==
        "b sub/c");

  PythonFunction env = with("import pkg\n");
  env.env["MODULE"] = "pkg.sub.c";
  CHECK(gone(env).empty());
  PythonFunction kept = with("import pkg\n");
  kept.keep = {"pkg/sub/c.py"};
  CHECK(gone(kept).empty());
  PythonFunction pickle = with("import pkg\n").file("model.pkl", "\x80\x04\x95pkg.b\x94");
  CHECK(gone(pickle) == "sub/__init__ sub/c");

  PythonFunction compiled = with("import pkg\n");
  compiled.function.elf("own.so", library(""), std::string("\0pkg.sub.c\0", 11));
  CHECK(gone(compiled).empty());
}

TEST_CASE("drop-unreached-module: entry points and .pth files lead to modules") {
  CHECK(gone(with("import pkg\n", {{"@/entry_points.txt", "[console_scripts]\nx = pkg.sub.c:main\n"}})).empty());
  CHECK(gone(with("import pkg\n").file("own.pth", "import pkg.b\n")) == "sub/__init__ sub/c");
}

TEST_CASE("drop-unreached-module: a distribution that loads what nobody sees stays whole") {
  for (const char* way :
       {"import_module(name)\n", "__import__(name)\n", "load = importlib.import_module\n",
        "from importlib import import_module as load\n", "pkgutil.iter_modules(path)\n", "lazy.attach_stub(__name__)\n",
        "importlib.util.module_from_spec(spec)\n", "runpy.run_module(name)\n",
        "os.listdir(os.path.dirname(__file__))\n", "importlib.resources.files(__package__).iterdir()\n",
        "exec(compile(text, path, 'exec'))\n", "x = '''\n"})
    CHECK_MESSAGE(gone(with("import pkg\n", {{"pkg/a.py", way}})).empty(), std::string(way));
  CHECK_MESSAGE(gone(with("import pkg\n", {{"pkg/b.py", "import_module(name)\n"}})) == kUnused,
                "in what nobody imports");
  CHECK(gone(with("import pkg\n", {{"pkg/a.py", "# iter_modules\nx = 'import_module'\nos.listdir('/tmp')\n"}})) ==
        kUnused);
  CHECK_MESSAGE(gone(with("import pkg\nimport_module(event['name'])\n")).empty(), "in own code: nothing at all goes");
  PythonFunction layers = with("import pkg\n");
  layers.unknown_layers = true;
  CHECK(gone(layers).empty());
}

TEST_CASE("drop-unreached-module: of a name that begins in plain text only what is below it stays") {
  CHECK(gone(with("import pkg\n", {{"pkg/a.py", "import_module(f'pkg.sub.{name}')\n"}})).empty());
  CHECK(gone(with("import pkg\n", {{"pkg/a.py", "import_module('pkg.sub.%s' % name)\n"}, {"pkg/sub/c.py", ""}})) ==
        "b");
  CHECK(gone(with("import pkg.sub\n",
                  {{"pkg/sub/__init__.py", "import_module('.' + name, __name__)\n"}, {"pkg/sub/c.py", ""}})) == "b");
  CHECK(gone(with("import pkg.sub\n",
                  {{"pkg/sub/__init__.py", "import_module(f'{__name__}.{x}')\n"}, {"pkg/sub/c.py", ""}})) == "b");
}

TEST_CASE("drop-unreached-module: extension modules go and lead on like sources") {
  PythonFunction made = with("import pkg\n");
  made.install("nat", {{"nat/__init__.py", "from ._fast import f\n"}, {"nat/slow.py", ""}, {"nat/used.py", ""}});
  made.file("other.py", "import nat\n");
  made.function.elf("nat/_fast.cpython-312-x86_64-linux-gnu.so", library(""), std::string("\0nat.used\0", 10));
  made.function.elf("nat/_never.cpython-312-x86_64-linux-gnu.so", library(""), std::string("\0nat.slow\0", 10));
  made.function.text("nat-1.0.dist-info/RECORD",
                     "nat/__init__.py,,\nnat/slow.py,,\nnat/used.py,,\n"
                     "nat/_fast.cpython-312-x86_64-linux-gnu.so,,\nnat/_never.cpython-312-x86_64-linux-gnu.so,,\n");
  const Paths dropped = made.dropped_by("drop-unreached-module");
  CHECK(std::ranges::find(dropped, "nat/_never.cpython-312-x86_64-linux-gnu.so") != dropped.end());
  CHECK(std::ranges::find(dropped, "nat/slow.py") != dropped.end());
  CHECK(std::ranges::find(dropped, "nat/used.py") == dropped.end());
}
