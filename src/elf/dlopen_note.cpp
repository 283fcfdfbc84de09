// A scanner for the JSON in .note.dlopen notes: as much of JSON as such a note can hold, of any depth up to a small
// limit. The notes come from untrusted files and JSON libraries belong to other folders, so this one is small and
// strict.
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <system_error>

#include "elf/read_notes.h"

namespace lambdapack {

namespace {

class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  bool failed() const { return failed_; }

  // Consumes `wanted` if it is next.
  bool take(char wanted) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  void expect(char wanted) {
    if (!take(wanted)) failed_ = true;
  }

  bool at_end() {
    skip_space();
    return at_ == text_.size();
  }

  std::string string() {
    expect('"');
    std::string value;
    while (!failed_) {
      if (at_ >= text_.size()) {
        failed_ = true;
        break;
      }
      const char c = text_[at_++];
      if (c == '"') break;
      value += c == '\\' ? escape() : std::string(1, c);
    }
    return value;
  }

  // One value of any kind that nobody asks for.
  void skip_value(int depth = 0) {
    skip_space();
    if (depth > 16 || at_ >= text_.size()) {
      failed_ = true;
    } else if (text_[at_] == '"') {
      string();
    } else if (take('[')) {
      if (take(']')) return;
      do skip_value(depth + 1);
      while (!failed_ && take(','));
      expect(']');
    } else if (take('{')) {
      if (take('}')) return;
      do {
        string();
        expect(':');
        skip_value(depth + 1);
      } while (!failed_ && take(','));
      expect('}');
    } else {
      const std::size_t end = text_.find_first_not_of("+-.0123456789aeEflnrstu", at_);  // numbers, true, false, null
      if (end == at_) failed_ = true;
      at_ = std::min(end, text_.size());
    }
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }

  std::string escape() {
    const char c = at_ < text_.size() ? text_[at_++] : '\0';
    switch (c) {
      case '"':
      case '\\':
      case '/': return std::string(1, c);
      case 'n': return "\n";
      case 't': return "\t";
      case 'r': return "\r";
      case 'b': return "\b";
      case 'f': return "\f";
      case 'u': return unicode_escape();
      default: failed_ = true; return {};
    }
  }

  // No soname has characters beyond ASCII; others become "?".
  std::string unicode_escape() {
    const std::string_view digits = text_.substr(at_, 4);
    unsigned code = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (digits.size() < 4 || error != std::errc() || end != digits.data() + 4) {
      failed_ = true;
      return {};
    }
    at_ += 4;
    return code < 0x80 ? std::string(1, static_cast<char>(code)) : "?";
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

DlopenNote parse_object(JsonScanner& json) {
  DlopenNote note;
  json.expect('{');
  if (json.take('}')) return note;
  do {
    const std::string key = json.string();
    json.expect(':');
    if (json.failed()) break;
    if (key == "soname") {
      json.expect('[');
      if (json.take(']')) continue;
      do note.sonames.push_back(json.string());
      while (!json.failed() && json.take(','));
      json.expect(']');
    } else if (key == "feature") {
      note.feature = json.string();
    } else if (key == "priority") {
      note.priority = json.string();
    } else {
      json.skip_value();
    }
  } while (!json.failed() && json.take(','));
  json.expect('}');
  return note;
}

}  // namespace

std::optional<std::vector<DlopenNote>> parse_dlopen_note(std::string_view text) {
  JsonScanner json(text);
  std::vector<DlopenNote> notes;
  json.expect('[');
  if (!json.failed() && !json.take(']')) {
    do notes.push_back(parse_object(json));
    while (!json.failed() && json.take(','));
    json.expect(']');
  }
  if (json.failed() || !json.at_end()) return std::nullopt;
  std::erase_if(notes, [](const DlopenNote& note) { return note.sonames.empty(); });
  // The specification's default.
  for (DlopenNote& note : notes)
    if (note.priority.empty()) note.priority = "recommended";
  return notes;
}

}  // namespace lambdapack
