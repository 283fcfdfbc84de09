// What a Python file imports, and which names its string constants hold.
//
// Found by reading tokens, not by searching text: a name in a comment, or the "import" of a docstring's example, is no
// import. Nothing is parsed beyond that, so the answer costs one pass over the bytes, and a file that no Python would
// compile still has one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambdapack {

struct PythonImport {
  std::string module;              // "os.path"; empty in "from . import x"
  std::vector<std::string> names;  // of "from module import names", "*" included; empty in "import module"
  std::size_t level = 0;           // leading dots
  bool type_checking = false;      // in the block of an `if TYPE_CHECKING:`, which does not run
  bool operator==(const PythonImport&) const = default;
};

// A call of import_module, __import__, client, resource or create_client, with an argument.
struct PythonCall {
  std::string_view function;
  std::optional<std::string_view> name;  // the first argument, when it is a plain string; nothing: it is computed
  bool is_attribute = false;             // boto3.client(…), not client(…)
  // Of a computed name: what is known of its beginning, up to the last dot ("pkg.sub." of f"pkg.sub.{name}"); "." when
  // it is relative to the file's own package (__name__, __package__).
  std::string_view within = {};
};

// The views point into the text that was scanned.
struct PythonSource {
  std::vector<PythonImport> imports;     // as they stand in the file
  std::vector<PythonImport> in_strings;  // of code in string constants: exec("import x")
  std::vector<PythonCall> calls;
  // Of string constants without blanks: runs of letters, digits, "_", ".", "-" and "/" ("a.b:c" has two, "a>=1.2" too).
  // Not of docstrings, byte strings and web addresses. In the order of the file, repeated as they are there.
  std::vector<std::string_view> words;
  // Of string constants with blanks: what a shell would run, "pip" of "cd /tmp && python -m pip install x" and its
  // "python", with the file's first word, whatever it is. Not of docstrings and byte strings.
  std::vector<std::string_view> commands;
  // False: a string or bracket is not closed, or the encoding is one in which ASCII bytes mean something else. Some
  // imports may be missing then.
  bool complete = true;
};

// Any bytes; time and memory linear in them. Strings as Python 3.14 reads them, which is a superset of all versions of
// Python 3: f"{x["a"]}", t"{x}".
PythonSource scan_python(std::string_view text);

// The text without comments and string constants: blanks stand in their place.
std::string python_code(std::string_view text);

// Adds the words of one string constant, as PythonSource::words has them.
void add_words(std::string_view constant, std::vector<std::string_view>& words);

}  // namespace lambdapack
