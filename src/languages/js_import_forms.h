// The forms in which JavaScript asks for a module, each read from its first word.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "languages/js_imports.h"
#include "languages/js_text.h"

namespace lambdapack {

struct JsWord {
  std::size_t begin = 0;
  std::string_view text;
  std::string_view before;  // the word just before it, when nothing is between them
  bool member = false;      // it stands after "." or "#"
  bool top_level = false;   // in no bracket
  bool always = false;      // as JsImport has it

  std::size_t end() const { return begin + text.size(); }
};

class JsImportForms {
 public:
  explicit JsImportForms(std::string_view text) : text_(text) {}

  // Whether it is worth to call read: nearly no word is.
  bool may_begin_one(std::string_view word) const {
    if (word.size() == made_.size() && word == made_) return true;
    return word.size() >= 6 && (word.back() == 'e' || word.back() == '_' || word == "import" || word == "export");
  }

  // The end of the literal when the text up to there is settled by it; 0: go on behind the word.
  std::size_t read(const JsWord& word);

  void see_assigned(std::string_view word) { assigned_ = word; }  // before "="
  void read_call_of_made(std::size_t at);                         // behind createRequire(…)
  void forget_method(std::size_t at);  // behind import(…): it was a method of that name when "{" comes

  std::vector<JsImport> take() { return std::move(imports_); }  // in the order of the text

 private:
  void add(JsImportKind kind, std::size_t at, const js::Literal& literal, bool always = false);
  std::size_t take_literal(JsImportKind kind, const JsWord& word, const js::Literal& literal);
  std::pair<js::Literal, bool> first_argument(std::size_t from) const;
  void read_require(const JsWord& word);
  void read_plain_require(const JsWord& word);
  void read_other(const JsWord& word);
  std::size_t read_import(const JsWord& word);
  std::size_t read_from(JsImportKind kind, const JsWord& word, std::size_t at);

  std::string_view text_;
  std::vector<JsImport> imports_;
  std::string_view assigned_;  // the last word that was given a value
  std::string_view made_;      // a name for what createRequire returned
};

}  // namespace lambdapack
