// Tokens in a row, with just enough memory of what came before to answer the one hard question of JavaScript's lexical
// grammar: does "/" divide or begin a regular expression?
//
// A regular expression stands where an operand may begin. After a word, number or string that is settled; after ")" it
// depends on what was before the matching "(" (`if (a) /re/.test(b)`), after "}" on whether the matching "{" opened a
// block or an object. So brackets lie on a stack with what they are. `a++ /b/ c` divides, since "++" leaves the
// question as it was. Where this is wrong (a class expression that is divided, `yield` as a variable's name) the text
// up to the next "/" of that line is skipped, or a regular expression is read as code; imports in it are then missed or
// made up, and lexing goes on as if nothing had happened. Only when a quote or bracket is left over does anyone notice:
// `whole` says so, and the caller falls back to searching. How rare that is, tests/e2e/js_truth measures.
#include "languages/js_imports.h"

#include <algorithm>
#include <cstdint>

#include "languages/js_import_forms.h"
#include "languages/js_text.h"

namespace lambdapack {
namespace {

using js::skip_space;

constexpr std::size_t kDeepest = 1 << 20;  // brackets: no compiler takes a text that is nested like this
constexpr std::size_t kLongestSpecifier = 512;

enum class Before : std::uint8_t { start, punctuator, word, operand, paren, brace };
enum class Opened : std::uint8_t {
  top,
  paren,
  keyword_paren,
  import_paren,
  create_require,
  square,
  block,
  object,
  substitution
};

struct Bracket {
  Opened kind = Opened::top;
  std::uint32_t conditionals = 0;  // "?" without its ":" yet
};

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// Keywords that an operand follows.
bool expects_operand(std::string_view word) {
  return is_one_of(word, {"return", "typeof", "instanceof", "in", "new", "delete", "void", "throw", "case", "do",
                          "else", "yield", "await", "default"});
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text), forms_(text) {
    brackets_.reserve(64);
    brackets_.push_back({});
  }

  JsModule run() {
    if (text_.starts_with("\uFEFF")) at_ = 3;
    if (text_.substr(at_).starts_with("#!")) at_ = std::min(text_.find('\n', at_), text_.size());
    while (at_ < text_.size() && module_.whole) token();
    if (brackets_.size() != 1) module_.whole = false;
    module_.imports = forms_.take();
    return std::move(module_);
  }

 private:
  void token() {
    const char c = text_[at_];
    const std::uint8_t kind = js::kind_of(c);
    if (kind & js::kSpace) {
      ++at_;
    } else if (kind & js::kWord) {
      if (const std::size_t space = js::space_length(text_, at_))
        at_ += space;
      else
        word_or_number();
    } else if (kind & js::kQuote) {
      string();
    } else if (c == '`') {
      ++at_;
      template_text();
    } else if (c == '/') {
      slash();
    } else {
      punctuator(c);
    }
  }

  void word_or_number() {
    const std::size_t begin = at_;
    if (text_[begin] >= '0' && text_[begin] <= '9') {
      number();
      return;
    }
    at_ = js::word_end(text_, begin);
    const bool member = before_ == Before::punctuator && (last_ == '.' || last_ == '#');
    before_word_ = before_ == Before::word ? word_ : std::string_view();
    const bool statement_may_begin = before_ != Before::paren || closed_ != Opened::keyword_paren;
    before_ = Before::word;
    word_ = text_.substr(begin, at_ - begin);
    member_ = member;
    if (blocks_ == 0 && !member) see_keyword(statement_may_begin);
    if (!forms_.may_begin_one(word_)) return;
    if (const std::size_t end =
            forms_.read({begin, word_, before_word_, member, brackets_.size() == 1, blocks_ == 0 && !branches_})) {
      at_ = end;
      before_ = Before::operand;
    }
  }

  // Of what runs always: where a statement begins for sure, and what may keep a part of it from running.
  void see_keyword(bool statement_may_begin) {
    if (word_ == "const" || word_ == "let") {
      if (brackets_.size() == 1 && statement_may_begin) branches_ = false;
    } else if (is_one_of(word_, {"if", "else", "for", "while", "do", "with", "function", "class", "return", "throw"})) {
      branches_ = true;
    }
  }

  // As far as the "/" after it is concerned: 0x1F, 1_000n, 1.5, 1e3 are one operand.
  void number() {
    at_ = js::word_end(text_, at_);
    while (at_ < text_.size() && text_[at_] == '.') at_ = js::word_end(text_, at_ + 1);
    before_ = Before::operand;
  }

  void string() {
    const js::StringEnd string = js::string_end(text_, at_);
    if (!string.closed) {
      module_.whole = false;
      return;
    }
    if (string.kinds && !string.escaped) note(text_.substr(at_ + 1, string.end - at_ - 2), module_.strings);
    at_ = string.end;
    before_ = Before::operand;
  }

  static void note(std::string_view text, std::vector<std::string_view>& list) {
    if (!text.empty() && text.size() <= kLongestSpecifier) list.push_back(text);
  }

  // From the place after "`", or after the "}" of a substitution.
  void template_text() {
    const std::size_t begin = at_;
    const bool head = begin > 0 && text_[begin - 1] == '`';
    std::uint8_t kinds = js::kSpecifier;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '`') {
        if (head && kinds) note(text_.substr(begin, at_ - begin), module_.strings);
        ++at_;
        before_ = Before::operand;
        return;
      }
      if (c == '\\') {
        ++at_;
      } else if (c == '$' && at_ + 1 < text_.size() && text_[at_ + 1] == '{') {
        if (head && kinds) note(text_.substr(begin, at_ - begin), module_.heads);
        at_ += 2;
        open(Opened::substitution);
        return;
      }
      kinds &= js::kind_of(c);
    }
    at_ = text_.size();
    module_.whole = false;
  }

  bool operand_may_begin() const {
    switch (before_) {
      case Before::start:
      case Before::punctuator: return true;
      case Before::word:
        return !member_ &&
               (expects_operand(word_) || (word_ == "of" && brackets_.back().kind == Opened::keyword_paren));
      case Before::operand: return false;
      case Before::paren: return closed_ == Opened::keyword_paren;
      case Before::brace: return closed_ == Opened::block;
    }
    return true;
  }

  void slash() {
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (next == '/' || next == '*') {
      at_ = skip_space(text_, at_);
      return;
    }
    if (operand_may_begin()) {
      const js::RegexEnd regex = js::regex_end(text_, at_);
      if (regex.closed) {
        at_ = js::word_end(text_, regex.end);
        before_ = Before::operand;
        return;
      }
      // Then it divides after all. No script does this to us often; a hostile one could on every "/" of a long line.
      searched_in_vain_ += regex.end - at_;
      if (searched_in_vain_ > text_.size()) module_.whole = false;
    }
    ++at_;
    punctuated('/');
  }

  void punctuated(char c) {
    before_ = Before::punctuator;
    last_ = c;
  }

  void punctuator(char c) {
    switch (c) {
      case '(': open_paren(); return;
      case '[':
        ++at_;
        open(Opened::square);
        return;
      case '{': {
        const Opened kind = what_brace_opens();
        ++at_;
        open(kind);
        return;
      }
      case ')':
      case ']':
      case '}': close(c); return;
      case '?': question(); return;
      case ';':
        if (brackets_.size() == 1) branches_ = false;
        break;
      case '&':
      case '|': branches_ = true; break;
      case ':':
        branches_ = branches_ || brackets_.back().kind != Opened::object;
        after_label_ = brackets_.back().conditionals == 0 && is_block(brackets_.back().kind);
        if (brackets_.back().conditionals > 0) --brackets_.back().conditionals;
        break;
      case '+':
      case '-':
        if (text_.substr(at_ + 1).starts_with(c)) {  // a++ stays an operand, ++a is none yet
          at_ += 2;
          if (operand_may_begin()) punctuated(c);
          return;
        }
        break;
      case '.':
        if (text_.substr(at_, 3) == "...") {
          at_ += 3;
          punctuated('*');
          return;
        }
        break;
      case '=':
        if (text_.substr(at_ + 1).starts_with('>')) {
          at_ += 2;
          punctuated('>');
          arrow_ = true;
          branches_ = true;
          return;
        }
        if (before_ == Before::word && !member_) forms_.see_assigned(word_);
        break;
      default: break;
    }
    ++at_;
    arrow_ = false;
    punctuated(c);
  }

  void question() {
    branches_ = true;
    const std::string_view next = text_.substr(at_ + 1, 2);
    if (next.starts_with('?')) {
      at_ += 2;
      punctuated('?');
    } else if (next.starts_with('.') && !(next.size() == 2 && next[1] >= '0' && next[1] <= '9')) {
      at_ += 2;
      punctuated('.');
    } else {
      ++at_;
      ++brackets_.back().conditionals;
      punctuated('?');
    }
  }

  void open_paren() {
    Opened kind = Opened::paren;
    if (before_ == Before::word && word_ == "createRequire") {
      kind = Opened::create_require;
    } else if (before_ == Before::word && !member_) {
      if (is_one_of(word_, {"if", "while", "for", "with"}) || (word_ == "await" && before_word_ == "for"))
        kind = Opened::keyword_paren;
      else if (word_ == "import")
        kind = Opened::import_paren;
    }
    ++at_;
    open(kind);
  }

  void open(Opened kind) {
    if (brackets_.size() == kDeepest) {
      module_.whole = false;
      return;
    }
    brackets_.push_back({.kind = kind, .conditionals = 0});
    if (kind == Opened::block) ++blocks_;
    punctuated(kind == Opened::block ? '{' : '(');
  }

  static bool is_block(Opened kind) { return kind == Opened::block || kind == Opened::top; }

  Opened what_brace_opens() const {
    switch (before_) {
      case Before::word:
        if (member_ || word_ == "do" || word_ == "else") return Opened::block;
        return expects_operand(word_) ? Opened::object : Opened::block;
      case Before::punctuator:
        if (last_ == ';' || last_ == '{' || (last_ == '>' && arrow_)) return Opened::block;
        return last_ == ':' && after_label_ ? Opened::block : Opened::object;
      default: return Opened::block;
    }
  }

  void close(char c) {
    const Opened kind = brackets_.back().kind;
    const bool paren = kind == Opened::paren || kind == Opened::keyword_paren || kind == Opened::import_paren ||
                       kind == Opened::create_require;
    const bool brace = kind == Opened::block || kind == Opened::object || kind == Opened::substitution;
    if (c == ')' ? !paren : c == ']' ? kind != Opened::square : !brace) {
      module_.whole = false;
      return;
    }
    brackets_.pop_back();
    if (kind == Opened::block && --blocks_ == 0 && brackets_.size() == 1) branches_ = false;
    ++at_;
    closed_ = kind;
    if (kind == Opened::substitution) {
      template_text();
      return;
    }
    before_ = c == ')' ? Before::paren : c == '}' ? Before::brace : Before::operand;
    if (kind == Opened::create_require) forms_.read_call_of_made(at_);
    if (kind == Opened::import_paren) forms_.forget_method(at_);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  JsModule module_;
  JsImportForms forms_;
  std::vector<Bracket> brackets_;
  Before before_ = Before::start;
  char last_ = ';';                   // the punctuator, when one was before
  bool arrow_ = false;                // and it was "=>"
  bool after_label_ = false;          // and it was ":" of a label or `case`
  std::string_view word_;             // the last word
  bool member_ = false;               // it stands after "." or "#"
  Opened closed_ = Opened::top;       // by the last ")" or "}"
  std::string_view before_word_;      // the word just before it
  std::size_t blocks_ = 0;            // open ones
  bool branches_ = false;             // in no block: what comes next may not run, or only later
  std::size_t searched_in_vain_ = 0;  // bytes, for the end of regular expressions
};

}  // namespace

JsModule read_js_module(std::string_view text) {
  return Lexer(text).run();
}

}  // namespace lambdapack
