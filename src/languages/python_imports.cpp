// One pass over the bytes of a Python file; see python_imports.h.
//
// `import` and `from` begin an import only where a statement begins: on a new line outside of brackets and strings,
// after ";", or after the ":" of a compound statement on one line. So the scan jumps from one byte that matters (quote,
// bracket, comment, line end, ";", ":") to the next and looks at words only where a statement begins. f-strings hold
// code, which may hold strings of the same quote again (PEP 701): a stack says in which of them the scan is.
#include "languages/python_imports.h"

#include <algorithm>
#include <array>
#include <utility>

#include "languages/python_calls.h"
#include "languages/python_tokens.h"

namespace lambdapack {

using namespace python;

namespace {

constexpr std::size_t kLongestWords = 256;  // bytes of a constant; what is longer and without blanks is data
constexpr std::size_t kLongestCode = 1 << 16;
constexpr std::size_t kLongestCommand = 512;

constexpr std::array<bool, 256> bytes_that_matter() {
  std::array<bool, 256> bytes{};
  for (const char c : std::string_view("\n\r'\"#()[]{}\\;:")) bytes[static_cast<unsigned char>(c)] = true;
  return bytes;
}
constexpr std::array<bool, 256> kMatters = bytes_that_matter();

// The first word, and those behind "&&", "||", "|", ";" and "-m".
void add_commands(std::string_view constant, std::vector<std::string_view>& commands) {
  if (constant.size() > kLongestCommand || !constant.contains(' ')) return;
  bool is_next = true;
  for (std::size_t at = 0; at < constant.size();) {
    const std::size_t end = std::min(constant.find(' ', at), constant.size());
    const std::string_view word = constant.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    if (is_next) commands.push_back(word.substr(word.rfind('/') + 1));
    is_next = word == "&&" || word == "||" || word == "|" || word.ends_with(';') || word == "-m";
  }
}

struct FString {
  char quote = 0;
  bool triple = false, raw = false;
  std::size_t depth = 0;   // of brackets around it, in the code that it stands in
  std::size_t fields = 0;  // open "{": more than one in a format spec, f"{x:{width}}"
};

class Scanner {
 public:
  // code: a copy of the text in which comments and strings are made blank; may be null.
  explicit Scanner(std::string_view text, bool in_string = false, std::string* code = nullptr)
      : text_(text), in_string_(in_string), code_(code) {}

  PythonSource run() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    source_.complete = has_ascii_encoding(text_.substr(at_));
    begin_line();
    while (at_ < text_.size()) {
      if (!kMatters[static_cast<unsigned char>(text_[at_])])
        ++at_;
      else
        step();
    }
    if (depth_ > 0 || !open_.empty()) source_.complete = false;
    return std::move(source_);
  }

 private:
  void step() {
    const char c = text_[at_];
    switch (c) {
      case '#': blank_to(line_end(text_, at_)); break;
      case '\n':
      case '\r':
        at_ = after_line_end(text_, at_);
        if (between_statements()) begin_line();
        break;
      case '\\':
        at_ = at_ + 1 < text_.size() && is_line_end(text_[at_ + 1]) ? after_line_end(text_, at_ + 1) : at_ + 1;
        break;
      case '\'':
      case '"': read_string(false); break;
      case '(':
        if (auto call = call_at(text_, at_)) source_.calls.push_back(*call);
        [[fallthrough]];
      case '[':
      case '{':
        ++depth_;
        ++at_;
        break;
      case ';':
        ++at_;
        if (between_statements()) begin_statement(true);
        break;
      case ':':
        ++at_;
        if (between_statements())
          begin_statement(false);  // of a compound statement; or of a lambda or annotation, where no import is
        else if (depth_ == 0)
          read_formatted();  // the format spec of a field
        break;
      default: close_bracket(c); break;
    }
  }

  // On to `end`, past what is no code.
  void blank_to(std::size_t end) {
    for (std::size_t i = at_; code_ != nullptr && i < end; ++i)
      if (!is_line_end((*code_)[i])) (*code_)[i] = ' ';
    at_ = end;
  }

  bool between_statements() const { return depth_ == 0 && open_.empty(); }

  void close_bracket(char c) {
    ++at_;
    if (depth_ > 0) {
      --depth_;
    } else if (c == '}' && !open_.empty()) {
      --open_.back().fields;
      read_formatted();
    } else {
      source_.complete = false;
    }
  }

  // A new line that is no continuation: the end of a TYPE_CHECKING block shows in its indentation.
  void begin_line() {
    std::size_t column = 0;
    for (; at_ < text_.size() && is_blank(text_[at_]); ++at_)
      column = text_[at_] == '\t' ? (column / 8 + 1) * 8 : text_[at_] == '\f' ? 0 : column + 1;
    if (at_ >= text_.size() || text_[at_] == '#' || is_line_end(text_[at_])) return;
    if (block_ && column <= *block_) block_.reset();
    if (!block_ && is_type_checking()) block_ = column;
    begin_statement(true);
  }

  // "if TYPE_CHECKING:", "elif typing.TYPE_CHECKING:"
  bool is_type_checking() const {
    if (text_[at_] != 'i' && text_[at_] != 'e') return false;
    const std::string_view keyword = name_at(text_, at_);
    if (keyword != "if" && keyword != "elif") return false;
    std::size_t at = skip_blanks(text_, at_ + keyword.size());
    const bool bracket = at < text_.size() && text_[at] == '(';
    if (bracket) at = skip_blanks(text_, at + 1, true);
    const auto test = dotted_name_at(text_, at, bracket);
    if (!test || (test->name != "TYPE_CHECKING" && !test->name.ends_with(".TYPE_CHECKING"))) return false;
    at = skip_blanks(text_, test->end, bracket);
    if (bracket && at < text_.size() && text_[at] == ')') at = skip_blanks(text_, at + 1);
    return at < text_.size() && text_[at] == ':';
  }

  void begin_statement(bool may_be_docstring) {
    at_ = skip_blanks(text_, at_);
    if (at_ >= text_.size()) return;
    const char c = text_[at_];
    if (c == 'i' || c == 'f') {
      const std::string_view word = name_at(text_, at_);
      if (word == "import") read_import();
      if (word == "from") read_from();
    } else if (may_be_docstring) {
      std::size_t quote = at_;
      while (quote < text_.size() && quote < at_ + 2 && is_name_byte(text_[quote])) ++quote;
      if (quote >= text_.size() || (text_[quote] != '"' && text_[quote] != '\'')) return;
      at_ = quote;
      read_string(true);
    }
  }

  // Whether a statement may end here; and that the text is an import statement and not prose that begins like one.
  bool ends_statement(std::size_t at) const {
    at = skip_blanks(text_, at);
    return at >= text_.size() || is_line_end(text_[at]) || text_[at] == ';' || text_[at] == '#';
  }

  // Past "as name", or where it was.
  std::size_t skip_alias(std::size_t at, bool lines) const {
    if (name_at(text_, at) != "as") return at;
    const std::size_t alias = skip_blanks(text_, at + 2, lines);
    return skip_blanks(text_, alias + name_at(text_, alias).size(), lines);
  }

  void add(std::vector<PythonImport> imports, std::size_t end) {
    at_ = end;
    for (PythonImport& import : imports) {
      import.type_checking = block_.has_value();
      source_.imports.push_back(std::move(import));
    }
  }

  void read_import() {
    std::vector<PythonImport> imports;
    std::size_t at = at_ + std::string_view("import").size();
    for (;;) {
      const auto module = dotted_name_at(text_, skip_blanks(text_, at));
      if (!module) return;
      imports.push_back({module->name, {}, 0, false});
      at = skip_alias(skip_blanks(text_, module->end), false);
      if (at >= text_.size() || text_[at] != ',') break;
      ++at;
    }
    if (ends_statement(at)) add(std::move(imports), at);
  }

  void read_from() {
    PythonImport import;
    std::size_t at = skip_blanks(text_, at_ + std::string_view("from").size());
    for (; at < text_.size() && text_[at] == '.'; at = skip_blanks(text_, at + 1)) ++import.level;
    if (name_at(text_, at) != "import" || import.level == 0) {
      auto module = dotted_name_at(text_, at);
      if (!module) return;
      import.module = std::move(module->name);
      at = skip_blanks(text_, module->end);
    }
    if (name_at(text_, at) != "import") return;
    at = skip_blanks(text_, at + std::string_view("import").size());
    if (at >= text_.size()) return;
    const bool bracket = text_[at] == '(';
    if (text_[at] == '*') {
      import.names.emplace_back("*");
      ++at;
    } else {
      at = read_names(bracket ? at + 1 : at, bracket, import.names);
      if (bracket && at < text_.size() && text_[at] == ')')
        ++at;
      else if (bracket)
        return;
    }
    if (!import.names.empty() && ends_statement(at)) add({std::move(import)}, at);
  }

  std::size_t read_names(std::size_t at, bool lines, std::vector<std::string>& names) const {
    for (;;) {
      at = skip_blanks(text_, at, lines);
      const std::string_view name = name_at(text_, at);
      if (name.empty()) return at;
      names.emplace_back(name);
      at = skip_alias(skip_blanks(text_, at + name.size(), lines), lines);
      if (at >= text_.size() || text_[at] != ',') return at;
      ++at;
    }
  }

  // The string whose quote is at at_. A string that is a whole statement is a docstring.
  void read_string(bool begins_statement) {
    const char quote = text_[at_];
    const StringPrefix prefix = string_prefix_before(text_, at_);
    const bool triple = is_triple(text_, at_);
    blank_to(at_ + (triple ? 3 : 1));
    if (prefix.formatted) {
      open_.push_back({quote, triple, prefix.raw, depth_, 0});
      depth_ = 0;
      read_formatted();
      return;
    }
    const std::size_t first = at_;
    const StringEnd string = find_string_end(text_, first, quote, triple);
    blank_to(string.end);
    if (!string.closed) {
      source_.complete = false;
    } else if (!prefix.bytes && !(begins_statement && ends_statement(at_))) {
      note_constant(text_.substr(first, at_ - first - (triple ? 3 : 1)));
    }
  }

  void note_constant(std::string_view constant) {
    note_text(constant);
    if (in_string_ || constant.size() > kLongestCode || !constant.contains("import ")) return;
    // "import x\nimport y" as it stands in the source: line ends are written.
    std::string code;
    for (std::size_t i = 0; i < constant.size(); ++i) {
      const bool line_end = constant[i] == '\\' && i + 1 < constant.size() && constant[i + 1] == 'n';
      code += line_end ? '\n' : constant[i];
      i += line_end ? 1 : 0;
    }
    for (PythonImport& import : Scanner(code, true).run().imports) source_.in_strings.push_back(std::move(import));
  }

  void note_text(std::string_view text) {
    add_words(text, source_.words);
    add_commands(text, source_.commands);
  }

  // The text of an f-string from `first` to where the scan is.
  void note_formatted(std::size_t first) {
    note_text(text_.substr(first, at_ - first));
    const std::size_t end = at_;
    at_ = first;
    blank_to(end);
  }

  // The text of the innermost f-string, up to its end or to the code of its next field.
  void read_formatted() {
    FString& string = open_.back();
    std::size_t first = at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool spec = string.fields > 0;
      if (c == string.quote && (!string.triple || is_triple(text_, at_))) {
        end_formatted(first, string.triple ? 3 : 1, !spec);
        return;
      }
      if ((c == '{' || c == '}') && !spec && at_ + 1 < text_.size() && text_[at_ + 1] == c) {
        at_ += 2;
      } else if (c == '{') {
        note_formatted(first);
        ++string.fields;
        ++at_;
        return;
      } else if (c == '}') {
        if (spec) --string.fields;
        first = ++at_;
      } else if (c == '\\') {
        skip_escape(string.raw);
      } else if (is_line_end(c) && !string.triple) {
        if (!spec) end_formatted(first, 0, false);
        return;  // from a spec back to the field's code
      } else {
        ++at_;
      }
    }
  }

  void end_formatted(std::size_t first, std::size_t quotes, bool closed) {
    note_formatted(first);
    blank_to(at_ + quotes);
    depth_ = open_.back().depth;
    open_.pop_back();
    if (!closed) source_.complete = false;
  }

  // A backslash in an f-string. "\{" is a backslash and a field, "\N{DASH}" a character.
  void skip_escape(bool raw) {
    const std::size_t next = at_ + 1;
    if (next >= text_.size()) {
      at_ = next;
    } else if (is_line_end(text_[next])) {
      at_ = after_line_end(text_, next);
    } else if (text_[next] == '{' || text_[next] == '}') {
      at_ = next;
    } else if (!raw && text_[next] == 'N' && next + 1 < text_.size() && text_[next + 1] == '{') {
      at_ = next + 2;
      while (at_ < text_.size() && (is_name_byte(text_[at_]) || text_[at_] == ' ' || text_[at_] == '-')) ++at_;
      if (at_ < text_.size() && text_[at_] == '}') ++at_;
    } else {
      at_ = next + 1;
    }
  }

  std::string_view text_;
  bool in_string_;  // the text is itself a string constant of a file
  std::string* code_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;             // open brackets of the code that at_ is in: the file's, or a field's
  std::vector<FString> open_;         // f-strings around at_
  std::optional<std::size_t> block_;  // the indentation of the `if TYPE_CHECKING:` whose block at_ is in
  PythonSource source_;
};

}  // namespace

void add_words(std::string_view constant, std::vector<std::string_view>& words) {
  if (constant.empty() || constant.size() > kLongestWords) return;
  if (std::ranges::any_of(constant, [](char c) { return static_cast<unsigned char>(c) <= ' '; })) return;
  if (constant.starts_with("http://") || constant.starts_with("https://")) return;
  const auto is_word = [](char c) { return is_name_byte(c) || c == '.' || c == '-' || c == '/'; };
  for (std::size_t at = 0; at < constant.size();) {
    std::size_t end = at;
    while (end < constant.size() && is_word(constant[end])) ++end;
    if (end > at) words.push_back(constant.substr(at, end - at));
    at = end + 1;
  }
}

PythonSource scan_python(std::string_view text) {
  return Scanner(text).run();
}

std::string python_code(std::string_view text) {
  std::string code(text);
  Scanner(text, false, &code).run();
  return code;
}

}  // namespace lambdapack
