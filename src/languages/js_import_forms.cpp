// See js_import_forms.h. A form that is not as expected is none: the lexer then goes on behind its first word.
#include "languages/js_import_forms.h"

namespace lambdapack {

using js::read_literal;
using js::skip_space;

namespace {

constexpr int kMostParens = 4;

// function require(…) {
bool is_declared(const JsWord& word) {
  return word.before == "function";
}

}  // namespace

std::size_t JsImportForms::read(const JsWord& word) {
  if (word.text == made_ && word.text != "require") read_other(word);
  if (word.text == "import") return word.member ? 0 : read_import(word);
  if (word.text == "export") {
    if (word.member || !word.top_level) return 0;
    const std::size_t at = skip_space(text_, word.end());
    const bool clause = at < text_.size() && (text_[at] == '*' || text_[at] == '{');
    return clause ? read_from(JsImportKind::reexport, word, at) : 0;
  }
  read_require(word);
  return 0;
}

void JsImportForms::add(JsImportKind kind, std::size_t at, const js::Literal& literal, bool always) {
  imports_.push_back(
      {.kind = kind, .literal = literal.end != 0, .specifier = literal.value, .at = at, .always = always});
}

std::size_t JsImportForms::take_literal(JsImportKind kind, const JsWord& word, const js::Literal& literal) {
  add(kind, word.begin, literal, true);
  return literal.end;
}

void JsImportForms::forget_method(std::size_t at) {
  const std::size_t after = skip_space(text_, at);
  if (after < text_.size() && text_[after] == '{' && !imports_.empty() &&
      imports_.back().kind == JsImportKind::dynamic && !imports_.back().literal)
    imports_.pop_back();
}

// The literal that is the first of the arguments whose "(" comes next; nothing when no "(" comes, or a literal is only
// a part of the argument. The second value: whether there is a "(".
std::pair<js::Literal, bool> JsImportForms::first_argument(std::size_t from) const {
  std::size_t at = skip_space(text_, from);
  if (at >= text_.size() || text_[at] != '(') return {{}, false};
  at = skip_space(text_, at + 1);
  int parens = 0;  // require(("x")): what is left of /** @type {…} */ ("x")
  for (; parens < kMostParens && at < text_.size() && text_[at] == '('; ++parens) at = skip_space(text_, at + 1);
  js::Literal literal = read_literal(text_, at);
  if (literal.end == 0) return {{}, true};
  std::size_t after = skip_space(text_, literal.end);
  for (; parens > 0 && after < text_.size() && text_[after] == ')'; --parens) after = skip_space(text_, after + 1);
  if (parens == 0 && after < text_.size() && (text_[after] == ')' || text_[after] == ','))
    return {std::move(literal), true};
  return {{}, true};
}

// The word is `require`, or something that is called like it.
void JsImportForms::read_require(const JsWord& word) {
  if (word.text == "require" && !word.member) {
    read_plain_require(word);
  } else if (word.text == "createRequire") {
    if (!assigned_.empty()) made_ = assigned_;
  } else if ((word.text.ends_with("require") || word.text == "__non_webpack_require__") && !is_declared(word)) {
    read_other(word);
  }
}

void JsImportForms::read_plain_require(const JsWord& word) {
  if (is_declared(word)) return;
  if (const auto [literal, called] = first_argument(word.end()); called) {
    add(JsImportKind::require, word.begin, literal, word.always);
    return;
  }
  std::size_t at = skip_space(text_, word.end());
  if (at >= text_.size() || text_[at] != '.') return;
  at = skip_space(text_, at + 1);
  if (js::word_end(text_, at) != at + 7 || text_.substr(at, 7) != "resolve") return;
  if (const auto [literal, called] = first_argument(at + 7); called) add(JsImportKind::resolve, word.begin, literal);
}

void JsImportForms::read_other(const JsWord& word) {
  if (const auto [literal, called] = first_argument(word.end()); literal.end != 0)
    add(JsImportKind::other_require, word.begin, literal);
}

// createRequire(import.meta.url)("x")
void JsImportForms::read_call_of_made(std::size_t at) {
  if (const auto [literal, called] = first_argument(at); literal.end != 0)
    add(JsImportKind::other_require, at - 1, literal);
}

std::size_t JsImportForms::read_import(const JsWord& word) {
  std::size_t at = skip_space(text_, word.end());
  if (at >= text_.size()) return 0;
  if (text_[at] == '(') {
    add(JsImportKind::dynamic, word.begin, first_argument(at).first);
    return 0;
  }
  if (text_[at] == '.') {
    at = skip_space(text_, at + 1);
    const std::string_view member = text_.substr(at, js::word_end(text_, at) - at);
    if (member == "meta") {
      add(JsImportKind::meta, word.begin, {});
    } else if (member == "source" || member == "defer") {
      if (const auto [literal, called] = first_argument(at + member.size()); called)
        add(JsImportKind::dynamic, word.begin, literal);
    }
    return 0;
  }
  if (!word.top_level) return 0;
  if (const js::Literal literal = read_literal(text_, at); literal.end != 0 && text_[at] != '`')
    return take_literal(JsImportKind::import, word, literal);
  const bool clause = at > word.end() || text_[at] == '{' || text_[at] == '*';
  return clause ? read_from(JsImportKind::import, word, at) : 0;
}

// From a clause to the "x" after its `from`. Gives up at what no clause has, so that each place is looked at by one
// `import` only; the text is then read on from the keyword.
std::size_t JsImportForms::read_from(JsImportKind kind, const JsWord& keyword, std::size_t at) {
  bool in_braces = false;
  std::string_view word;
  while (at < text_.size()) {
    at = skip_space(text_, at);
    if (at >= text_.size()) return 0;
    if (const js::Literal literal = read_literal(text_, at); literal.end != 0) {
      if (!in_braces) return word == "from" ? take_literal(kind, keyword, literal) : 0;
      at = literal.end;  // { "any name" as b }
    } else if (const std::size_t end = js::word_end(text_, at); end != at) {
      word = text_.substr(at, end - at);
      if (word == "import" || word == "export") return 0;
      at = end;
    } else if (const char c = text_[at]; c == '{' || c == '}' || c == ',' || c == '*') {
      if (c == '{' ? in_braces : c == '}' && !in_braces) return 0;
      if (c == '{' || c == '}') in_braces = c == '{';
      word = {};
      ++at;
    } else {
      return 0;
    }
  }
  return 0;
}

}  // namespace lambdapack
