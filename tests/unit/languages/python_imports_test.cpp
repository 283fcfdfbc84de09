#include "languages/python_imports.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace lambdapack;

// "os.path", "..a.b(c,d)", "#x" for one under TYPE_CHECKING.
std::vector<std::string> imports_of(std::string_view text) {
  std::vector<std::string> found;
  for (const PythonImport& import : scan_python(text).imports) {
    std::string line = (import.type_checking ? "#" : "") + std::string(import.level, '.') + import.module;
    for (std::size_t i = 0; i < import.names.size(); ++i) line += (i == 0 ? "(" : ",") + import.names[i];
    found.push_back(line + (import.names.empty() ? "" : ")"));
  }
  return found;
}

using Names = std::vector<std::string>;

std::vector<std::string> words_of(std::string_view text) {
  const PythonSource source = scan_python(text);
  return {source.words.begin(), source.words.end()};
}

}  // namespace

TEST_CASE("scan_python: every form of an import statement") {
  CHECK(
      imports_of("import a, b.c as d\nfrom e import f as g, h\nfrom ..i import (j,  # k\n  l,\n)\nfrom . import *\n") ==
      Names{"a", "b.c", "e(f,h)", "..i(j,l)", ".(*)"});
  CHECK(imports_of("import \\\n a . b\nfrom.c import d\nfrom....e import(f)") == Names{"a.b", ".c(d)", "....e(f)"});
}

TEST_CASE("scan_python: an import begins a statement, wherever that is in its line") {
  CHECK(imports_of("x = 1; import a\nif x: import b; import c\nelse: from d import e\ntry: import f\nexcept: pass") ==
        Names{"a", "b", "c", "d(e)", "f"});
  CHECK(imports_of("yield \\\n  from_\nyield from a\nraise b from c\nimporting = 1\nfrom_x = 2\n").empty());
}

TEST_CASE("scan_python: strings, comments and brackets hold no statements") {
  CHECK(imports_of("'''\nimport a\n'''\nx = '\\'\\\nimport b'\n# import c\ny = (\nimport_d\n)\nimport e\n") ==
        Names{"e"});
  CHECK(imports_of("x = r'\\'; import a'\nimport b\ny = rb\"\"\"\\\"\"\"\nimport c\n\"\"\"\nimport d") ==
        Names{"b", "d"});
}

TEST_CASE("scan_python: f-strings hold code, with strings of the same quote") {
  CHECK(imports_of("x = f\"{d[\"}; import a\"]:{f\"{w}\"}}\"; import b\n") == Names{"b"});
  CHECK(
      imports_of("x = f'{{import}} {y!r:>{w}}'\nimport a\nz = rf'\\{x}'; import b\nu = f'\\N{DASH}{x}'; import c\n") ==
      Names{"a", "b", "c"});
  CHECK(imports_of("x = rf'\\{d['; import a; ']}'; import b\n") == Names{"b"});
  CHECK(imports_of("x = f'''{\n1 # }\n:%H:%M}\nimport a\n'''\nimport b\n") == Names{"b"});
}

TEST_CASE("scan_python: the block of TYPE_CHECKING ends with its indentation, and its else runs") {
  CHECK(imports_of("if TYPE_CHECKING:\n  import a\n# x\n\n  if y:\n    import b\nelse:\n  import c\nimport d\n") ==
        Names{"#a", "#b", "c", "d"});
  CHECK(imports_of("def f():\n\tif typing.TYPE_CHECKING: import a\n\timport b\nif not TYPE_CHECKING:\n import c\n") ==
        Names{"#a", "b", "c"});
}

TEST_CASE("scan_python: line ends of every system, a byte order mark, form feeds and zero bytes") {
  CHECK(imports_of("\xEF\xBB\xBFimport a\r\nimport b\rimport c\n\fimport d\n# x\rimport e") ==
        Names{"a", "b", "c", "d", "e"});
  CHECK(imports_of(std::string_view("x = '\0'\nimport a\0", 17)).empty());
}

TEST_CASE("scan_python: prose that begins like an import is none") {
  CHECK(imports_of("import this and that\nfrom here to there\nfrom a import b c\nimport\nfrom . import\n").empty());
}

TEST_CASE("scan_python: words of string constants, not of docstrings, bytes and addresses") {
  CHECK(
      words_of(
          "'''doc'''\nx = ['a.b:c', \"d-e>=1\", b'f', 'two words', r'g', u'h', 'https://i.org/j']\ndef f():\n 'k'\n") ==
      Names{"a.b", "c", "d-e", "1", "g", "h"});
  CHECK(words_of("x = f'plugin_{name}.so'\n'l'.join(m)\n") == Names{"plugin_", ".so", "l"});
}

TEST_CASE("scan_python: code in a string constant imports too") {
  const PythonSource source = scan_python("exec('import a\\nfrom b import c')\nx = 'import failed for d'\n");
  REQUIRE(source.in_strings.size() == 2);
  CHECK(source.in_strings[0].module == "a");
  CHECK(source.in_strings[1].module == "b");
  CHECK(source.imports.empty());
}

TEST_CASE("scan_python: calls whose first argument is a plain string, and those that compute it") {
  const PythonSource source = scan_python(
      "import_module('a.b', p)\n__import__(name)\nboto3.client(service_name='s3')\nx.resource( # why\n 'sqs')\n"
      "client('a' + b)\nclient(f'c')\nclient(region_name='d', service_name=e)\nclient()\ndef client(x): pass\n");
  std::vector<std::string> calls;
  for (const PythonCall& call : source.calls)
    calls.push_back(std::string(call.function) + "=" + std::string(call.name.value_or("?")));
  CHECK(calls ==
        Names{"import_module=a.b", "__import__=?", "client=s3", "resource=sqs", "client=?", "client=?", "client=?"});
}

TEST_CASE("scan_python: a file that is not closed, or in another encoding, says that it is incomplete") {
  CHECK(scan_python("x = (1, ']')\n").complete);
  for (const char* text : {"x = '", "x = '''a", "x = (", "x = )", "x = f'{", "x = f'\n", "# coding: shift_jis\n",
                           "#!python\n# -*- coding: utf-7 -*-\n"})
    CHECK_MESSAGE(!scan_python(text).complete, text);
  CHECK(scan_python("# coding: utf-8\n").complete);
  CHECK(scan_python("x = 1 # \n# coding: big5\n").complete);
}

TEST_CASE("scan_python: hostile nesting takes linear time and no stack") {
  std::string text;
  for (int i = 0; i < 200000; ++i) text += "f'{";
  CHECK(!scan_python(text).complete);
  CHECK(!scan_python(std::string(200000, '(')).complete);
  CHECK(!scan_python("'''" + std::string(200000, '\\')).complete);
}

TEST_CASE("scan_python: what a shell would run of string constants") {
  const auto commands = [](std::string_view text) {
    const PythonSource source = scan_python(text);
    return Names{source.commands.begin(), source.commands.end()};
  };
  CHECK(commands("run('/usr/bin/pip install x')\nrun('cd /tmp && a; b | c')\n") == Names{"pip", "cd", "a;", "b", "c"});
  CHECK(commands("run(f'{python} -m pip install {x}')\nrun('one')\n'pip in a docstring'\n") == Names{"-m", "pip"});
}

TEST_CASE("python_code: comments and strings are blank, everything else stays where it is") {
  CHECK(python_code("a = 'b' # c\nd = f'e{f}g'\n") == "a =        \nd = f  {f}  \n");
}
