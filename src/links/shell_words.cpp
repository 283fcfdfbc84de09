// POSIX sh, "Token Recognition", as far as finding the ends of words takes; see shell_words.h.
#include "links/shell_words.h"

#include <algorithm>
#include <cctype>

namespace lambdapack {
namespace {

constexpr int kNesting = 64;  // of substitutions in substitutions; a script that has more is not understood

std::size_t quoted_length(std::string_view text, int depth);

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// To the bracket that closes the one before text[0]; npos when there is none.
std::size_t closing(std::string_view text, char open, char close, int depth) {
  int level = 1;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '\'' || c == '"' || c == '`' || c == '\\' || c == '$') {
      const std::size_t length = quoted_length(text.substr(i), depth + 1);
      if (length == 0) return std::string_view::npos;
      i += length;
      continue;
    }
    if (c == open) ++level;
    if (c == close && --level == 0) return i;
    ++i;
  }
  return std::string_view::npos;
}

std::size_t double_quoted_length(std::string_view text, int depth) {
  for (std::size_t i = 1; i < text.size();) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\' || text[i] == '$' || text[i] == '`') {
      const std::size_t length = quoted_length(text.substr(i), depth + 1);
      if (length == 0) return 0;
      i += length;
    } else {
      ++i;
    }
  }
  return 0;
}

std::size_t quoted_length(std::string_view text, int depth) {
  if (depth > kNesting) return 0;
  switch (text[0]) {
    case '\\': return std::min<std::size_t>(2, text.size());
    case '\'': {
      const std::size_t end = text.find('\'', 1);
      return end == std::string_view::npos ? 0 : end + 1;
    }
    case '`': {
      const std::size_t end = text.find('`', 1);
      return end == std::string_view::npos ? 0 : end + 1;
    }
    case '"': return double_quoted_length(text, depth);
    default: break;
  }
  if (text.size() < 2) return 1;
  if (text[1] != '(' && text[1] != '{') {
    std::size_t end = 1;
    while (end < text.size() && is_name_char(text[end])) ++end;
    return end > 1 || !std::string_view("@*#?$!-").contains(text[1]) ? end : 2;
  }
  const char open = text[1];
  const std::size_t end = closing(text.substr(2), open, open == '(' ? ')' : '}', depth);
  return end == std::string_view::npos ? 0 : end + 3;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  ShellTokens run() {
    while (at_ < text_.size() && result_.complete) step();
    return std::move(result_);
  }

 private:
  void step() {
    const char c = text_[at_];
    if (is_blank(c)) {
      ++at_;
    } else if (c == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') {
      at_ += 2;
      ++line_;
    } else if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == '\n') {
      add(ShellTokenKind::separator, "\n");
      ++at_;
      ++line_;
      skip_here_documents();
    } else if (c == '<' || c == '>') {
      redirection();
    } else if (std::string_view(";&|()").contains(c)) {
      separator();
    } else {
      word();
    }
  }

  void add(ShellTokenKind kind, std::string text) { result_.tokens.push_back({kind, std::move(text), line_}); }

  void separator() {
    if (text_.substr(at_).starts_with("&>")) {
      ++at_;
      redirection();
      return;
    }
    for (const std::string_view two : {"&&", "||", ";;"}) {
      if (!text_.substr(at_).starts_with(two)) continue;
      add(ShellTokenKind::separator, std::string(two));
      at_ += 2;
      return;
    }
    add(ShellTokenKind::separator, std::string(1, text_[at_]));
    ++at_;
  }

  // ">", ">>", ">&", "<", "<<", "<<-", "<<<" and the word after it, which is no argument.
  void redirection() {
    const std::size_t start = at_;
    while (at_ < text_.size() && std::string_view("<>&|").contains(text_[at_])) ++at_;
    const bool here = text_.substr(start, at_ - start) == "<<";
    if (at_ < text_.size() && text_[at_] == '(') {  // process substitution
      result_.complete = false;
      return;
    }
    if (here && at_ < text_.size() && text_[at_] == '-') ++at_;
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    std::string target = take_word();
    std::erase_if(target, [](char c) { return c == '\'' || c == '"' || c == '\\'; });
    if (here) here_documents_.push_back(std::move(target));
  }

  void skip_here_documents() {
    for (const std::string& end : here_documents_) {
      bool found = false;
      while (!found && at_ < text_.size()) {
        const std::size_t stop = std::min(text_.find('\n', at_), text_.size());
        std::string_view line = text_.substr(at_, stop - at_);
        while (line.starts_with('\t')) line.remove_prefix(1);
        found = line == end;
        at_ = std::min(stop + 1, text_.size());
        ++line_;
      }
    }
    here_documents_.clear();
  }

  std::string take_word() {
    std::string word;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_blank(c) || c == '\n' || std::string_view(";&|()<>").contains(c)) break;
      std::size_t length = 1;
      if (c == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') {
        at_ += 2;
        ++line_;
        continue;
      }
      if (std::string_view("'\"`$\\").contains(c)) length = quoted_length(text_.substr(at_), 0);
      if (length == 0) {
        result_.complete = false;
        at_ = text_.size();
        break;
      }
      word += text_.substr(at_, length);
      line_ += static_cast<int>(std::ranges::count(text_.substr(at_, length), '\n'));
      at_ += length;
    }
    return word;
  }

  void word() {
    const int line = line_;
    std::string text = take_word();
    // "2>" redirects: the number is no word.
    const bool number = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (number && at_ < text_.size() && (text_[at_] == '<' || text_[at_] == '>')) return;
    result_.tokens.push_back({ShellTokenKind::word, std::move(text), line});
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  ShellTokens result_;
  std::vector<std::string> here_documents_;
};

}  // namespace

std::size_t length_of_quoted(std::string_view text) {
  return quoted_length(text, 0);
}

ShellTokens split_shell(std::string_view script) {
  return Splitter(script).run();
}

}  // namespace lambdapack
