#include "plan/python_reach.h"

#include <doctest/doctest.h>

#include "plan/python_function.h"

using namespace lambdapack;
using namespace lambdapack::test;

TEST_CASE("reach of distributions: what own code imports, and what that imports and requires") {
  PythonFunction function;
  function.file("app.py", "import flask\n")
      .install("Flask", {{"flask/__init__.py", "import jinja2\n"}},
               {"click>=8; python_version > '3'", "dotenv; extra == 'env'"})
      .install("Jinja2", {{"jinja2/__init__.py", ""}})
      .install("click", {{"click/__init__.py", ""}})
      .install("dotenv", {{"dotenv.py", ""}})
      .install("unused", {{"unused/__init__.py", "import more\n"}, {"@/WHEEL", "Tag: py3-none-any\n"}})
      .install("more", {{"more.py", ""}});
  const auto evidence = function.evidence();
  CHECK(evidence.at("flask") == "app.py imports flask");
  CHECK(evidence.at("jinja2") == "flask/__init__.py imports jinja2");
  CHECK(evidence.at("click") == "flask 1.0 requires it");
  CHECK(evidence.at("dotenv") == "flask 1.0 requires it");
  CHECK(evidence.at("unused").empty());
  CHECK(evidence.at("more").empty());
  CHECK(function.dropped_by("drop-unreached-distribution") ==
        std::vector<std::string>{"more-1.0.dist-info/METADATA", "more-1.0.dist-info/RECORD", "more.py",
                                 "unused-1.0.dist-info/METADATA", "unused-1.0.dist-info/RECORD",
                                 "unused-1.0.dist-info/WHEEL", "unused/__init__.py"});
  CHECK(function.drops().at("more.py").confidence == Confidence::possible);
}

TEST_CASE("reach of distributions: names in string constants, of modules, distributions and their beginnings") {
  PythonFunction function;
  function
      .file("app.py",
            "x = import_module('psycopg2.extras')\nversion('python-dateutil')\nload(f'plugin_{name}')\n"
            "engine = create('mysql+pymysql://u@h/d')\nexec('import late')\n# import commented\n")
      .install("psycopg2-binary", {{"psycopg2/__init__.py", ""}})
      .install("python_dateutil", {{"dateutil/__init__.py", ""}})
      .install("plugin-csv", {{"plugin_csv.py", ""}})
      .install("PyMySQL", {{"pymysql/__init__.py", ""}})
      .install("late", {{"late.py", ""}})
      .install("commented", {{"commented.py", ""}});
  const auto evidence = function.evidence();
  CHECK(evidence.at("psycopg2-binary") == "app.py names psycopg2.extras");
  CHECK(evidence.at("python-dateutil") == "app.py names python-dateutil");
  CHECK(evidence.at("plugin-csv").starts_with("app.py names plugin_…"));
  CHECK(evidence.at("pymysql") == "app.py names pymysql");
  CHECK(evidence.at("late") == "app.py imports late");
  CHECK(evidence.at("commented").empty());
}

TEST_CASE("reach of distributions: entry points of a group that kept code asks for") {
  PythonFunction function;
  function.file("app.py", "import sqlalchemy\n")
      .install("SQLAlchemy", {{"sqlalchemy/__init__.py", "load = PluginLoader('sqlalchemy.dialects')\n"}})
      .install("snowflake", {{"snowflake/__init__.py", ""},
                             {"@/entry_points.txt", "[sqlalchemy.dialects]\nsnowflake = snowflake:dialect\n"}})
      .install("tool", {{"tool.py", ""}, {"@/entry_points.txt", "[console_scripts]\ntool = tool:main\n"}});
  const auto evidence = function.evidence();
  CHECK(evidence.at("snowflake") == "sqlalchemy/__init__.py names sqlalchemy.dialects, entry points that it provides");
  CHECK(evidence.at("tool").empty());
}

TEST_CASE("reach of distributions: the environment, the handler, --keep and .pth files") {
  PythonFunction function;
  function.file("app.py", "")
      .file("own.pth", "import hooked; hooked.start()\n./vendor\n")
      .install("settings", {{"settings/__init__.py", ""}})
      .install("wrapper", {{"wrapper/handler.py", ""}})
      .install("kept", {{"kept.py", ""}})
      .install("hooked", {{"hooked.py", ""}})
      .install("starter", {{"starter.py", ""}, {"starter.pth", "import starter\n"}})
      .install("other", {{"other.py", ""}});
  function.env["DJANGO_SETTINGS_MODULE"] = "settings.production";
  function.function.target.handlers = {"wrapper.handler.handler"};
  function.keep = {"kept.py"};
  const auto evidence = function.evidence();
  CHECK(evidence.at("settings") == "--env DJANGO_SETTINGS_MODULE names it");
  CHECK(evidence.at("wrapper") == "the handler wrapper.handler.handler names it");
  CHECK(evidence.at("kept") == "--keep kept.py");
  CHECK(evidence.at("hooked") == "own.pth imports it");
  CHECK(evidence.at("starter") == "starter.pth of it runs at every start");
  CHECK(evidence.at("other").empty());
}

TEST_CASE("reach of distributions: names in ELF files, configuration and bytecode without source") {
  PythonFunction function;
  function.file("app.py", "").file("logging.yaml", "class: jsonlogger.Formatter\n");
  function.file("compiled.pyc", std::string("\x61\x0d\x0d\x0a"
                                            "....frozen_name....",
                                            20));
  function.function.elf("_native.so", library(""), std::string("\0cffi_backend\0sixty\0", 20));
  function.install("json-logger", {{"jsonlogger.py", ""}})
      .install("frozen", {{"frozen_name.py", ""}})
      .install("cffi", {{"cffi_backend.py", ""}})
      .install("six", {{"six.py", ""}});
  const auto evidence = function.evidence();
  CHECK(evidence.at("json-logger") == "logging.yaml names jsonlogger");
  CHECK(evidence.at("frozen") == "compiled.pyc names frozen_name");
  CHECK(evidence.at("cffi").starts_with("_native.so names cffi"));
  CHECK_MESSAGE(evidence.at("six").empty(), "a short name in a longer word");
}

TEST_CASE("reach of distributions: of a shared namespace only what is imported") {
  PythonFunction function;
  function.file("app.py", "from google.cloud import storage\nfrom google.api import x as y\n")
      .install("google-cloud-storage", {{"google/cloud/storage/__init__.py", "from ._helpers import a\n"},
                                        {"google/cloud/storage/_helpers.py", "from google import auth\n"}})
      .install("google-auth", {{"google/auth/__init__.py", ""}})
      .install("google-api", {{"google/api/__init__.py", ""}})
      .install("google-cloud-bigquery", {{"google/cloud/bigquery/__init__.py", ""}});
  const auto evidence = function.evidence();
  CHECK(evidence.at("google-cloud-storage") == "app.py imports google.cloud.storage");
  CHECK(evidence.at("google-auth") == "google/cloud/storage/_helpers.py imports google.auth");
  CHECK(evidence.at("google-api") == "app.py imports google.api");
  CHECK(evidence.at("google-cloud-bigquery").empty());
}

TEST_CASE("reach of distributions: without code of its own, without RECORD, and in a layer everything is used") {
  PythonFunction packaged;
  packaged.install("app", {{"app/main.py", ""}}).install("other", {{"other.py", ""}});
  CHECK(packaged.dropped_by("drop-unreached-distribution").empty());
  packaged.function.target.handlers = {"app.main.handler"};
  CHECK(packaged.evidence().at("other").empty());

  PythonFunction unrecorded;
  unrecorded.file("app.py", "").file("lib-1.0.dist-info/METADATA", "Name: lib\nVersion: 1.0\n").file("lib.py", "");
  CHECK(unrecorded.dropped_by("drop-unreached-distribution").empty());

  PythonFunction layer;
  layer.file("python/own.py", "").install("unused", {{"unused.py", ""}}, {}, "python/");
  CHECK(layer.evidence().at("unused").empty());
  layer.function.target.is_layer = true;
  CHECK(layer.evidence().at("unused") == "in a layer everything is kept");
}

TEST_CASE("reach of distributions: a file that two installed stays with the one that is used") {
  PythonFunction function;
  function.file("app.py", "import one\n")
      .install("one", {{"one.py", ""}, {"shared/data.txt", ""}})
      .install("two", {{"two.py", ""}, {"shared/data.txt", ""}});
  CHECK(function.drops().contains("two.py"));
  CHECK(!function.drops().contains("shared/data.txt"));
}

TEST_CASE("reach of distributions: imports in TYPE_CHECKING and in tests that go do not count") {
  PythonFunction function;
  function.file("app.py", "import pkg\nif TYPE_CHECKING:\n    import typed\n")
      .install("pkg", {{"pkg/__init__.py", ""}, {"pkg/tests/test_x.py", "import pytest\n"}})
      .install("pytest", {{"pytest.py", ""}})
      .install("typed", {{"typed.py", ""}});
  CHECK(function.evidence().at("pytest").empty());
  CHECK(function.evidence().at("typed").empty());
}

TEST_CASE("reach of distributions: a source that computes names is said beside the drop") {
  PythonFunction function;
  function.file("app.py", "import_module(event['module'])\n").install("unused", {{"unused.py", ""}});
  CHECK(function.drops().at("unused.py").reason.ends_with("; but app.py imports modules by names that it computes"));
}
