// What does the text of an error look for? A traceback, a loader's message or a log line names a module, a library, a
// symbol version or a file; the report of the pack says what became of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lambdapack {

enum class Sought {
  python_module,
  python_distribution,
  npm_package,
  library,
  symbol_version,
  symbol,
  aws_service,
  file
};

struct Complaint {
  Sought sought = Sought::file;
  std::string name;      // "pandas.io.excel", "tabulate", "@scope/name/sub", "libfoo.so.1", "GLIBC_2.38", "data/x.csv"
  std::string by;        // the file that asked for it; "" when the text does not say
  std::string provider;  // symbol_version: the library that lacks it; else ""

  bool operator==(const Complaint&) const = default;
};

// In the order of the text, each once. Paths lose /var/task/ and /opt/ in front. Understands CPython,
// importlib.metadata, Node.js, glibc's ld.so, musl's, the JVM and JNA, botocore. At most 100.
std::vector<Complaint> read_error_text(std::string_view text);

}  // namespace lambdapack
