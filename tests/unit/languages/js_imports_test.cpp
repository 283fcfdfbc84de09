#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "languages/js_imports.h"

using namespace lambdapack;

namespace {

std::string shown(const JsImport& one) {
  const auto name = [&]() -> std::string {
    switch (one.kind) {
      case JsImportKind::import: return "import";
      case JsImportKind::reexport: return "reexport";
      case JsImportKind::dynamic: return "dynamic";
      case JsImportKind::meta: return "meta";
      case JsImportKind::require: return "require";
      case JsImportKind::resolve: return "resolve";
      case JsImportKind::other_require: return "other";
    }
    return "";
  };
  return name() + (one.literal ? " " + one.specifier : "");
}

// Every import as "kind specifier", joined by "; "; and "broken" when the text is not read to its end.
std::string imports_of(std::string_view text) {
  const JsModule module = read_js_module(text);
  std::string all;
  for (const JsImport& one : module.imports) all += (all.empty() ? "" : "; ") + shown(one);
  return module.whole ? all : all + (all.empty() ? "broken" : "; broken");
}

std::vector<std::string> strings_of(std::string_view text) {
  const JsModule module = read_js_module(text);
  return {module.strings.begin(), module.strings.end()};
}

}  // namespace

TEST_CASE("js imports: static imports in every form, with comments anywhere") {
  CHECK(imports_of("import 'a'; import b from \"b\";import{c as d}from'c';import * as e from 'e'\n"
                   "import f, { default as g } from /* from 'x' */ 'f';") ==
        "import a; import b; import c; import e; import f");
  CHECK(imports_of("import { \"any name\" as a } from 'b' with { type: 'json' }") == "import b");
  CHECK(imports_of("import defer * as a from 'a'; import source b from 'b'") == "import a; import b");
  CHECK(imports_of("import//\n{a}//\nfrom//\n'b'") == "import b");
}

TEST_CASE("js imports: exports from other modules, and exports that name none") {
  CHECK(imports_of("export * from 'a'; export * as b from 'b'; export { c, default } from 'c'") ==
        "reexport a; reexport b; reexport c");
  CHECK(imports_of("export { a }; export default 'b'; export const c = 'from', d = 'x'; const from = {}") == "");
}

TEST_CASE("js imports: import() and import.meta, but not members and methods of that name") {
  CHECK(imports_of("import('a'); await import(/* webpackIgnore: true */ `b`, {with: {}}); import(x + 'c')") ==
        "dynamic a; dynamic b; dynamic");
  CHECK(imports_of("import.meta.url; import.defer('a'); import.source(b)") == "meta; dynamic a; dynamic");
  CHECK(imports_of("a.import('x'); a.import.meta; ({ import: 'x' }); class A { import(name) { } }") == "");
}

TEST_CASE("js imports: require, require.resolve, and what is called like it") {
  CHECK(imports_of("require('a'); require ( \"b\" ); require(`c`); require(d); require('e' + f); require((('g')))") ==
        "require a; require b; require c; require; require; require g");
  CHECK(imports_of("require.resolve('a', {paths: []}); require . resolve(b); require.cache['c']") ==
        "resolve a; resolve");
  CHECK(imports_of("module.require('a'); __require('b'); __non_webpack_require__('c'); required('d')") ==
        "other a; other b; other c");
  CHECK(imports_of("function require(x) { return x } const a = {...require('b')}") == "require b");
}

TEST_CASE("js imports: functions that createRequire makes") {
  CHECK(imports_of("const load = createRequire(import.meta.url); load('a'); load(b); unload('c')") == "meta; other a");
  CHECK(imports_of("const r = module_1.createRequire(__filename); r('a')") == "other a");
  CHECK(imports_of("createRequire(__filename)('a')") == "other a");
  CHECK(imports_of("const require = createRequire(import.meta.url); require('a')") == "meta; require a");
}

TEST_CASE("js imports: text in strings, comments, templates and regular expressions is none") {
  CHECK(imports_of("// require('a')\n/* import 'b' */ 'require(\"c\")'; \"it's import('d')\"") == "");
  CHECK(imports_of("`require('a') ${ require('b') + `import('c') ${ import('d') }` } require('e')`") ==
        "require b; dynamic d");
  CHECK(imports_of("/require('a')/; /[/'\"]/.test(b); /\\/'/") == "");
  CHECK(imports_of("#!/usr/bin/env node require('a')\nrequire('b')") == "require b");
  CHECK(imports_of("\xEF\xBB\xBFimport 'a'") == "import a");
}

TEST_CASE("js imports: a slash divides after an operand and opens a regular expression elsewhere") {
  CHECK(imports_of("a / b; require('c') / 1; x[0] / 2; 1.5 / '/'.length; require('d')") == "require c; require d");
  CHECK(imports_of("if (a) /'/.test(b); require('c')") == "require c");
  CHECK(imports_of("for (const a of /'/g) b; while (a) /\"/.x; require('c')") == "require c");
  CHECK(imports_of("(a) / b; require('c'); d / 1") == "require c");
  CHECK(imports_of("return /'/; typeof /'/; x = /'/; y(/'/, /\"/); [/'/]; a ? /'/ : /\"/; require('b')") ==
        "require b");
  CHECK(imports_of("a.return / 2; require('b'); c.in / 3") == "require b");
  CHECK(imports_of("a++ / 2; require('b'); c-- / 3; ++/'/.lastIndex") == "require b");
  CHECK(imports_of("{ a } /'/.test(b); require('c')") == "require c");
  CHECK(imports_of("x = { a: 1 } / 2; require('c'); y = {} / 3") == "require c");
  CHECK(imports_of("f(() => { } ); () => {}\n/'/.test(a); require('b')") == "require b");
  CHECK(imports_of("switch (a) { case 'b': { } /'/.test(c); default: /'/ } require('d')") == "require d");
  CHECK(imports_of("x = a ? b : { c: 1 } / 2; require('d'); y / 3") == "require d");
  CHECK(imports_of("a?.b / 2; c ?? /'/; d?.5 : 1; require('e')") == "require e");
}

TEST_CASE("js imports: escapes in specifiers are resolved") {
  CHECK(imports_of(R"(require('\x61\u0062\u{63}\144\
e\'\"'); require('\ud83d\ude00'))") == "require abcde'\"; require \xF0\x9F\x98\x80");
  CHECK(read_js_module(R"(require('\u{110000}\u12'))").whole);
}

TEST_CASE("js imports: string constants that could be specifiers, and the heads of templates") {
  CHECK(strings_of("f('pg', \"@scope/a/b.js\", 'two words', `ejs`, 'a\\x62', '', 'http://x/?y=1')") ==
        std::vector<std::string>{"pg", "@scope/a/b.js", "ejs", "http://x/?y=1"});
  CHECK(strings_of("import 'a'; require('b'); import('c')") == std::vector<std::string>{"b", "c"});
  const JsModule module = read_js_module("load(`eslint-plugin-${name}`); `${a}-b${c}`");
  CHECK(module.heads == std::vector<std::string_view>{"eslint-plugin-"});
}

TEST_CASE("js imports: what is no JavaScript is given up, with what was found before") {
  CHECK(imports_of("require('a'); 'not closed\nrequire('b')") == "require a; broken");
  CHECK(imports_of("<p>don't</p>") == "broken");
  CHECK(imports_of("require('a') }") == "require a; broken");
  CHECK(imports_of("`${ a") == "broken");
  CHECK(imports_of("f(") == "broken");
  CHECK(imports_of("") == "");
}

TEST_CASE("js imports: hostile texts take linear time") {
  std::string imports, opens, slashes, requires_, comments, lines;
  for (int i = 0; i < 200'000; ++i) {
    imports += "import {a as b, ";
    opens += "(";
    slashes += "=/[";
    requires_ += "require(`";
    comments += "import/*";
    lines += "//\r";
  }
  CHECK(!read_js_module(imports).whole);
  CHECK(!read_js_module(opens).whole);
  CHECK(!read_js_module(opens + opens + opens + opens + opens + opens).whole);
  read_js_module(slashes);
  read_js_module(requires_);
  read_js_module(comments);
  CHECK(read_js_module(lines).whole);
}

TEST_CASE("js imports: what is loaded whenever the module is") {
  const auto always = [](std::string_view text) {
    std::string all;
    for (const JsImport& one : read_js_module(text).imports)
      if (one.always) all += (all.empty() ? "" : " ") + one.specifier;
    return all;
  };
  CHECK(
      always("import a from 'a'; export * from 'b'\nconst c = require('c')\nlet {d} = require('d').x\nrequire('e')") ==
      "a b c d e");
  CHECK(always("__export(require('a'), exports); module.exports = {a: require('b'), c: [require('d')]}; "
               "f(`${require('e')}`)") == "a b d e");
  CHECK(always("'use strict'; function f(a) { require('x') } const a = require('a'); if (a) { require('x') } "
               "require('b')") == "a b");
  CHECK(always("if (p) require('x'); require('a'); if (p) require('x')\nelse require('y'); const b = require('b')") ==
        "a b");
  for (const char* text : {"try { require('x') } catch {}",
                           "const a = p && require('x')",
                           "a = p ? require('x') : require('y')",
                           "const a = () => require('x')",
                           "const a = {get b() { return require('x') }}",
                           "a(function () { require('x') })",
                           "if (p)\n  var a = require('x')",
                           "for (;;) require('x')",
                           "while (p) require('x')",
                           "p || require('x')",
                           "a = p ?? require('x')",
                           "class A { x = require('x') }",
                           "import('x')",
                           "require.resolve('x')",
                           "(function () { require('x') })()",
                           "define(['require'], require => require('x'))",
                           "async () => { require('x') }",
                           "a = p ? function () {} : require('x')",
                           "a = p && {b: require('x')}",
                           "switch (p) { case 1: require('x') }",
                           "if (p) a\nelse if (q) require('x')",
                           "a = p || q\nrequire('x')",
                           "l: require('x')",
                           "a = {b: p ? 1 : require('x')}",
                           "function f(a = require('x')) {}",
                           "do require('x'); while (p)"})
    CHECK_MESSAGE(always(text) == "", text);
}
