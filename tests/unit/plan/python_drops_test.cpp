#include <doctest/doctest.h>

#include "plan/python_function.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

using Paths = std::vector<std::string>;

bool has(const Paths& paths, std::string_view path) {
  return std::ranges::find(paths, path) != paths.end();
}

}  // namespace

TEST_CASE("drop-test-folder: folders named exactly tests or test, in a package of a distribution") {
  PythonFunction function;
  function.file("app.py", "import pkg\n")
      .file("own/lib/tests/test_a.py", "")
      .install("pkg", {{"pkg/__init__.py", ""},
                       {"pkg/tests/test_a.py", ""},
                       {"pkg/tests/data/x.csv", ""},
                       {"pkg/sub/test/__init__.py", ""},
                       {"pkg/testing/a.py", ""},
                       {"pkg/_testing/a.py", ""},
                       {"pkg/Tests/a.py", ""},
                       {"pkg/tests.py", ""},
                       {"pkg/images/test/1.png", ""},
                       {"tests/test_top.py", ""}});
  CHECK(function.dropped_by("drop-test-folder") ==
        Paths{"pkg/sub/test/__init__.py", "pkg/tests/data/x.csv", "pkg/tests/test_a.py"});
  CHECK(function.drops().at("pkg/tests/test_a.py").confidence == Confidence::likely);
}

TEST_CASE("drop-test-folder: what is imported or named from outside stays, and what that imports") {
  const auto goes = [](const std::string& source, const std::string& place = "pkg/a.py") {
    PythonFunction function;
    function.file("app.py", "import pkg\n")
        .install(
            "pkg",
            {{place, source}, {"pkg/tests/__init__.py", ""}, {"pkg/tests/util.py", ""}, {"pkg/tests/data/x.csv", ""}});
    return !function.dropped_by("drop-test-folder").empty();
  };
  CHECK(goes("import pkg\nx = 'tests'\ny = 'pkg.testing'\n"));
  CHECK_FALSE(goes("import pkg.tests.util\n"));
  CHECK_FALSE(goes("from pkg.tests import util\n"));
  CHECK_FALSE(goes("from pkg import tests\n"));
  CHECK_FALSE(goes("from . import tests\n"));
  CHECK_FALSE(goes("from .tests.util import a\n"));
  CHECK_FALSE(goes("def f():\n    import pkg.tests\n"));
  CHECK_FALSE(goes("import_module('pkg.tests.util')\n"));
  CHECK_FALSE(goes("import_module('.tests.util', __package__)\n"));
  CHECK_FALSE(goes("open(here / 'tests/data/x.csv')\n"));
  CHECK(goes("open(here / 'tests/data/y.csv')\n"));
  CHECK_FALSE(goes("import tests.util\n"));
  CHECK_FALSE(goes("[group]\nx = pkg.tests.util:main\n", "@/entry_points.txt"));
  CHECK(goes("from pkg.tests import util\n", "pkg/conftest.py"));

  PythonFunction chain;
  chain.install("pkg", {{"pkg/a.py", "import pkg.b.tests\n"},
                        {"pkg/b/tests/__init__.py", "from pkg.c.tests import d\n"},
                        {"pkg/c/tests/d.py", ""},
                        {"pkg/e/tests/f.py", "import pkg.c.tests\n"}});
  CHECK(chain.dropped_by("drop-test-folder") == Paths{"pkg/e/tests/f.py"});
}

TEST_CASE("drop-test-folder: data of a folder that is opened by the parts of its path") {
  const auto goes = [](const std::string& own, const std::string& theirs) {
    PythonFunction function;
    function.file("app.py", own)
        .install("pkg", {{"pkg/a.py", ""},
                         {"pkg/tests/test_a.py", ""},
                         {"pkg/tests/sub/test_b.py", ""},
                         {"pkg/tests/sub/b.csv", ""},
                         {"pkg/tests/data/x.csv", ""},
                         {"pkg/tests/y.json", ""}})
        .install("other", {{"other/a.py", theirs}});
    return !function.dropped_by("drop-test-folder").empty();
  };
  CHECK(goes("", ""));
  CHECK_FALSE(goes("open(join(here, 'tests', 'data', name))\n", ""));
  CHECK_FALSE(goes("open(here / 'tests' / 'y.json')\n", ""));
  CHECK(goes("open(here / 'test' / 'y.json')\n", ""));
  CHECK(goes("x = ('tests', 'z.json')\n", ""));
  CHECK_MESSAGE(goes("x = ('tests', 'sub')\n", ""), "code is imported, not opened");
  CHECK_MESSAGE(goes("", "x = ('tests', 'data')\n"), "another distribution has tests of its own");
}

TEST_CASE("drop-test-folder: what no scan of sources shows may import a folder too") {
  const auto function = [] {
    PythonFunction made;
    made.file("app.py", "import pkg\n")
        .install("pkg", {{"pkg/__init__.py", ""}, {"pkg/sub/tests/__init__.py", ""}, {"pkg/sub/a.py", ""}});
    return made;
  };
  const auto goes = [](PythonFunction made) { return !made.dropped_by("drop-test-folder").empty(); };
  CHECK(goes(function()));
  CHECK(goes(function().file("notes.txt", "pkg.sub.tests")));
  CHECK_FALSE(goes(function().file("own.pyc", "....pkg.sub.tests")));
  CHECK_FALSE(goes(function().file("own.pyc", "....pkg.sub....tests....")));
  CHECK_FALSE(goes(function().file("own.pth", "import pkg.sub.tests\n")));
  CHECK_FALSE(goes(function().file("run.sh", "#!/bin/sh\npython -m pkg.sub.tests\n")));
  CHECK_FALSE(goes(function().file("broken.py", "import pkg.sub.tests as t\nx = '''\n")));
  PythonFunction compiled = function();
  compiled.function.elf("fast.so", library(""), std::string("\0pkg.sub.tests\0", 15));
  CHECK_FALSE(goes(compiled));
  PythonFunction relative = function();
  relative.install("bytes", {{"bytes/tests/__init__.py", ""}, {"bytes/b.pyc", "....tests...."}});
  CHECK(relative.dropped_by("drop-test-folder") == Paths{"pkg/sub/tests/__init__.py"});
}

TEST_CASE(
    "drop-test-folder: a folder of which --keep holds a file stays; when the rule is off, what tests need stays") {
  const auto function = [] {
    PythonFunction made;
    made.file("app.py", "import pkg\n")
        .install("pkg", {{"pkg/__init__.py", ""}, {"pkg/tests/a.py", "import setuptools\n"}, {"pkg/tests/b.py", ""}})
        .install("setuptools", {{"setuptools/__init__.py", ""}});
    return made;
  };
  CHECK(!function().dropped_by("drop-installer").empty());
  PythonFunction kept = function();
  kept.keep = {"pkg/tests/a.py"};
  CHECK(kept.dropped_by("drop-test-folder").empty());
  CHECK(kept.dropped_by("drop-installer").empty());
  PythonFunction disabled = function();
  disabled.function.options.disabled_rules = {"drop-test-folder"};
  CHECK(disabled.dropped_by("drop-installer").empty());
  PythonFunction safe = function();
  safe.function.options.level = Confidence::proven;
  CHECK(safe.dropped_by("drop-installer").empty());
}

TEST_CASE("drop-test-folder: a folder with a file that no distribution owns stays") {
  PythonFunction function;
  function.install("pkg", {{"pkg/tests/test_a.py", ""}}).file("pkg/tests/mine.py", "");
  CHECK(function.dropped_by("drop-test-folder").empty());
}

TEST_CASE("drop-native-source: C and Cython sources of distributions, never the user's own") {
  PythonFunction function;
  function.file("app.py", "import pkg\n")
      .file("own.h", "")
      .install("pkg", {{"pkg/__init__.py", ""},
                       {"pkg/include/a.h", ""},
                       {"pkg/b.hpp", ""},
                       {"pkg/c.pyx", ""},
                       {"pkg/d.pxd", ""},
                       {"pkg/e.txt", ""},
                       {"pkg/f.pyi", ""},
                       {"pkg/.h", ""}});
  CHECK(function.dropped_by("drop-native-source") == Paths{"pkg/b.hpp", "pkg/c.pyx", "pkg/d.pxd", "pkg/include/a.h"});
}

TEST_CASE("drop-native-source: a named file or ending stays, and all while there is a compiler") {
  const auto dropped = [](const std::string& source, const std::string& more = "pkg/more.txt") {
    PythonFunction function;
    function.file("app.py", "import pkg\n").install("pkg", {{"pkg/a.py", source}, {"pkg/x.h", ""}, {"pkg/y.c", ""}});
    function.function.text(more, "#!/bin/sh\n", 0755);
    return function.dropped_by("drop-native-source");
  };
  CHECK(dropped("get_include()\n") == Paths{"pkg/x.h", "pkg/y.c"});
  CHECK(dropped("open('include/x.h')\n") == Paths{"pkg/y.c"});
  CHECK(dropped("glob('*.h')\n") == Paths{"pkg/y.c"});
  CHECK(dropped("", "bin/gcc").empty());
  CHECK(dropped("", "cppyy_backend/lib/libCling.so").empty());
  CHECK(dropped("", "bin/x86_64-linux-gnu-gcc").empty());
  CHECK(dropped("", "bin/gccgo.txt") == Paths{"pkg/x.h", "pkg/y.c"});
}

TEST_CASE("drop-installer: pip, setuptools and wheel go with their .pth while no code uses them") {
  const auto dropped = [](const std::string& own, const std::string& theirs = "") {
    PythonFunction function;
    function.file("app.py", own)
        .install("pkg", {{"pkg.py", theirs}, {"setup.py", "import setuptools\n"}})
        .install("pip", {{"pip/__init__.py", "import setuptools\n"}})
        .install("setuptools", {{"setuptools/__init__.py", ""},
                                {"pkg_resources/__init__.py", ""},
                                {"distutils-precedence.pth", "import _distutils_hack\n"}})
        .install("wheel", {{"wheel/__init__.py", ""}});
    Paths tops;
    for (const std::string& path : function.dropped_by("drop-installer"))
      if (!path.contains("dist-info")) tops.push_back(path);
    return tops;
  };
  const Paths all{"distutils-precedence.pth", "pip/__init__.py", "pkg_resources/__init__.py", "setuptools/__init__.py",
                  "wheel/__init__.py"};
  const Paths without_setuptools{"pip/__init__.py", "wheel/__init__.py"};
  CHECK(dropped("import pkg\n") == all);
  CHECK(dropped("import pkg_resources\n") == without_setuptools);
  CHECK(dropped("", "from distutils.version import LooseVersion\n") == without_setuptools);
  CHECK(dropped("", "__import__('pkg_resources').declare_namespace(__name__)\n") == without_setuptools);
  CHECK(dropped("", "versions = ['pip', 'numpy']\n") == all);
  CHECK(dropped("", "run([sys.executable, '-m', 'pip', 'install'])\n") == Paths{"wheel/__init__.py"});
  CHECK(!has(dropped("", "run([sys.executable, '-m', 'pip', 'install'])\n"), "pip/__init__.py"));
  CHECK(!has(dropped("run(['pip', 'list'])\n"), "pip/__init__.py"));
  CHECK(!has(dropped("", "import wheel.wheelfile\n"), "wheel/__init__.py"));
}

TEST_CASE("drop-native-source: what no scan of sources shows may name one; unknown layers may have a compiler") {
  const auto function = [] {
    PythonFunction made;
    made.file("app.py", "import pkg\n").install("pkg", {{"pkg/a.py", ""}, {"pkg/first.h", ""}, {"pkg/second.h", ""}});
    return made;
  };
  CHECK(function().file("own.pyc", "....first.h....").dropped_by("drop-native-source") == Paths{"pkg/second.h"});
  CHECK(function().file("run.sh", "#!/bin/sh\ncat pkg/first.h\n").dropped_by("drop-native-source") ==
        Paths{"pkg/second.h"});
  PythonFunction layers = function();
  CHECK(layers.drops().at("pkg/first.h").confidence == Confidence::likely);
  layers.unknown_layers = true;
  CHECK(layers.drops().at("pkg/first.h").confidence == Confidence::possible);
}

TEST_CASE("drop-installer: which setup.py is an installer's, what shells run, and one installer that needs another") {
  const auto stays = [](const std::string& own, const Files& theirs = {{"pkg.py", ""}}) {
    PythonFunction function;
    function.file("app.py", own)
        .install("pkg", theirs)
        .install("pip", {{"pip/__init__.py", "import setuptools\n"}})
        .install("setuptools", {{"setuptools/__init__.py", "import wheel\n"}})
        .install("wheel", {{"wheel/__init__.py", ""}});
    const Paths dropped = function.dropped_by("drop-installer");
    Paths names;
    for (const std::string name : {"pip", "setuptools", "wheel"})
      if (!has(dropped, name + "/__init__.py")) names.push_back(name);
    return names;
  };
  const Paths all{"pip", "setuptools", "wheel"};
  CHECK(stays("").empty());
  CHECK(stays("", {{"setup.py", "import wheel\n"}}).empty());
  CHECK_MESSAGE(stays("", {{"pkg/setup.py", "import wheel\n"}}) == Paths{"wheel"}, "a module named setup");
  CHECK_MESSAGE(stays("import pip\n") == all, "each needs the next");
  CHECK(stays("import pkg_resources\n") == Paths{"setuptools", "wheel"});
  CHECK(stays("os.system('pip install x')\n") == all);
  CHECK(stays("run(f'cd {folder} && {sys.executable} -m pip install x', shell=True)\n") == all);
  CHECK(stays("", {{"pkg.py", "os.system('pip3 install x')\n"}}) == all);
  CHECK(stays("", {{"pkg.py", "raise ImportError('use pip or conda')\n"}}).empty());

  PythonFunction own_setup;
  own_setup.file("app.py", "import setup\n").file("setup.py", "import wheel\n");
  own_setup.install("wheel", {{"wheel/__init__.py", ""}});
  CHECK(own_setup.dropped_by("drop-installer").empty());
  PythonFunction shell;
  shell.file("run", "#!/bin/sh\npip install x\n").install("pip", {{"pip/__init__.py", ""}});
  CHECK(shell.dropped_by("drop-installer").empty());
  PythonFunction layers;
  layers.file("app.py", "").install("pip", {{"pip/__init__.py", ""}});
  layers.unknown_layers = true;
  CHECK(layers.drops().at("pip/__init__.py").confidence == Confidence::possible);
}

TEST_CASE("drop-installer: setuptools stays while compiled code names pkg_resources") {
  PythonFunction function;
  function.file("app.py", "").install("setuptools", {{"setuptools/__init__.py", ""}});
  CHECK(!function.dropped_by("drop-installer").empty());
  function.function.elf("fast.so", library(""), std::string("\0pkg_resources\0", 15));
  CHECK(function.dropped_by("drop-installer").empty());
}

namespace {

PythonFunction aws(const std::string& own, const Files& more = {}) {
  PythonFunction function;
  Files files{{"botocore/__init__.py", "create_client(name)\nx = 'ec2'\n"},
              {"botocore/credentials.py", "client('account')\n"},
              {"botocore/data/endpoints.json", ""}};
  for (const char* service : {"account", "cognito-idp", "dynamodb", "ec2", "s3", "sagemaker-runtime", "sso", "sts"})
    files.emplace_back(std::string("botocore/data/") + service + "/2020/service-2.json.gz", "");
  function.file("app.py", "import boto3\n" + own)
      .install("botocore", files)
      .install("boto3", {{"boto3/__init__.py", "client(x)\n"}}, {"botocore"});
  for (const auto& [path, text] : more) function.file(path, text);
  return function;
}

// Services that go, and "?" when they are only possible.
std::string gone(PythonFunction function) {
  std::string names;
  for (const auto& [path, drop] : function.drops()) {
    if (drop.rule != "drop-unused-aws-service") continue;
    names += path.substr(14, path.find('/', 14) - 14) + (drop.confidence == Confidence::possible ? "? " : " ");
  }
  return names;
}

}  // namespace

TEST_CASE("drop-unused-aws-service: services that no string constant names go, those of credentials stay") {
  CHECK(gone(aws("boto3.client('s3')\nx = boto3.resource(service_name='dynamodb')\n")) ==
        "cognito-idp ec2 sagemaker-runtime ");
  CHECK(
      gone(aws("c = boto3.client('runtime.sagemaker')\nx = ['cognito-idp', 'ec2:Describe', 's3://b/k', 'dynamodb']")) ==
      "");
}

TEST_CASE("drop-unused-aws-service: only possible when a service may be one that nobody sees") {
  const std::string all = "cognito-idp? dynamodb? ec2? s3? sagemaker-runtime? ";
  CHECK(gone(aws("boto3.client(event['service'])\n")) == all);
  CHECK(gone(aws("make = boto3.client\n")) == all);
  CHECK(gone(aws("partial(session.resource, **options)\n")) == all);
  CHECK(gone(aws("boto3.Session().get_available_services()\n")) == all);
  CHECK(gone(aws("import own\n", {{"own.pyc", "...."}})) == all);
  CHECK(gone(aws("make = boto3.client if fast else boto3.resource\n")) == all);
  CHECK(gone(aws("make = boto3.client  # later\n")) == all);
  CHECK(gone(aws("from boto3 import client as c\nc(event['service'])\n")) == all);
  CHECK(gone(aws("from boto3 import client\nmake = client\n")) == all);
  CHECK(gone(aws("from boto3 import client\nclient(event['service'])\n")) == all);
  CHECK(gone(aws("client = redis.Redis\nclient(host=url)\n")) == "cognito-idp dynamodb ec2 s3 sagemaker-runtime ");
  CHECK(gone(aws("import botocore.client\nsetattr(botocore.client, '_patched', True)\n")) ==
        "cognito-idp dynamodb ec2 s3 sagemaker-runtime ");
  CHECK(gone(aws("getattr(boto3, 'client')(event['service'])\n")) == all);
  CHECK(gone(aws("getattr(boto3, name)(event['service'])\n")) == all);
  CHECK(gone(aws("make = import_module('boto3').client\n")) == all);
  CHECK(gone(aws("import boto3 as b\nmake = b.client\n")) == all);
  CHECK(gone(aws("s = boto3.session.Session()\nmake = s.resource\n")) == all);
  CHECK(gone(aws("def f():\n  '''boto3.client'''\n  return self.client, aws.s3.client.x  # boto3.client\n")) ==
        "cognito-idp dynamodb ec2 s3 sagemaker-runtime ");
  CHECK(gone(aws("x = '''\n")) == all);
  CHECK(gone(aws("", {{"start.sh", "#!/bin/sh\npython -c 'import boto3'\n"}})) == all);
  CHECK(gone(aws("docker.client()\n")) == "cognito-idp dynamodb ec2 s3 sagemaker-runtime ");

  PythonFunction layers = aws("");
  layers.unknown_layers = true;
  CHECK(gone(layers) == all);

  PythonFunction other = aws("");
  other.install("pynamodb", {{"pynamodb.py", "session.create_client(NAME)\n"}}, {"botocore"});
  CHECK(gone(other) == all);
  PythonFunction late = aws("");
  late.install("lazy", {{"lazy.py", "import_module('boto3').client(name)\n"}});
  CHECK(gone(late) == all);
  PythonFunction stranger = aws("");
  stranger.install("docker", {{"docker.py", "x.client(name)\n"}});
  CHECK(gone(stranger) == "cognito-idp dynamodb ec2 s3 sagemaker-runtime ");
}

TEST_CASE("python drops: none of a layer, none for another runtime") {
  PythonFunction layer;
  layer.install("pkg", {{"pkg/tests/a.py", ""}, {"pkg/x.h", ""}}).install("pip", {{"pip/__init__.py", ""}});
  CHECK(!layer.drops().empty());
  layer.function.target.is_layer = true;
  CHECK(layer.drops().empty());
  layer.function.target.is_layer = false;
  layer.function.target.runtime.family = "provided";
  CHECK(layer.drops().empty());
}
