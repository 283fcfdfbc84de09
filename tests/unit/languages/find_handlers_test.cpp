#include "languages/find_handlers.h"

#include <doctest/doctest.h>

#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

TEST_CASE("a Python handler is a function or a name at module level") {
  CHECK(defines_in_python("import x\n\ndef handler(event, context):\n", "handler"));
  CHECK(defines_in_python("async def handler(event, context):\n", "handler"));
  CHECK(defines_in_python("handler = Mangum(app)\n", "handler"));
  CHECK(defines_in_python("handler: Callable = f\n", "handler"));
  CHECK_FALSE(defines_in_python("class A:\n    def handler(self):\n", "handler"));
  CHECK_FALSE(defines_in_python("def handler_of(x):\n", "handler"));
  CHECK_FALSE(defines_in_python("handler == 1\n", "handler"));
  CHECK_FALSE(defines_in_python("# def handler(event)\n", "handler"));
  CHECK_FALSE(defines_in_python("def lambda_handler(e, c):\n", "handler"));
}

TEST_CASE("a JavaScript handler is recognised in every common way of exporting it") {
  for (const char* source :
       {"exports.handler = async (event) => {}", "module.exports.handler = f", "export const handler = async () => {}",
        "export async function handler(event) {}", "module.exports = { other, handler };", "export { f as handler };",
        "export { handler, other }", "__export(index_exports, { handler: () => handler });",
        "0&&(module.exports={handler})"})
    CHECK_MESSAGE(exports_handler(source), source);
  for (const char* source : {"const handler = 1", "exports.handlers = {}", "module.exports = { errorhandler }",
                             "export { handlers }", "module.exports = f; // { }\nhandler"})
    CHECK_MESSAGE(!exports_handler(source), source);
}

TEST_CASE("only files directly in the package folder can be handlers") {
  const TestPackage made = MakePackage()
                               .file("app.py", "def handler(e, c): pass\ndef lambda_handler(e, c): pass\n")
                               .file("pkg/mod.py", "def handler(e, c): pass\n")
                               .file("index.mjs", "export const handler = 1")
                               .make();
  CHECK(find_python_handlers(made.package).value() == std::vector<std::string>{"app.handler", "app.lambda_handler"});
  CHECK(find_node_handlers(made.package).value() == std::vector<std::string>{"index.handler"});
}
