// See shell_values.h. POSIX sh, "Word Expansions".
#include "links/shell_values.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "links/shell_words.h"

namespace lambdapack {
namespace {

constexpr int kDepth = 16;
constexpr std::size_t kLongest = 64 << 10;  // of a value: what doubles itself in every line is cut off as unknown

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

void append(ShellValue& value, const ShellValue& more) {
  value.known = value.known && more.known && value.text.size() + more.text.size() <= kLongest;
  if (value.known) value.text += more.text;
}

const ShellValue kUnknown{"", false};

std::optional<ShellValue> expand_at(std::string_view word, const ShellState& state, int depth);

class Expander {
 public:
  Expander(const ShellState& state, int depth) : state_(state), depth_(depth) {}

  void expand(std::string_view word, bool in_quotes) {
    for (std::size_t i = 0; i < word.size();) {
      const char c = word[i];
      const bool special = c == '"' || c == '`' || c == '$' || c == '\\' || (c == '\'' && !in_quotes);
      if (!special) {
        if (!in_quotes && (c == '*' || c == '?' || c == '[')) value_.known = false;  // file names
        append(value_, {std::string(1, c), true});
        ++i;
        continue;
      }
      const std::size_t length = length_of_quoted(word.substr(i));
      if (length == 0) {
        value_.known = false;
        return;
      }
      expand_part(word.substr(i, length), in_quotes);
      i += length;
    }
  }

  bool quoted() const { return quoted_; }
  const ShellValue& value() const { return value_; }

 private:
  void expand_part(std::string_view part, bool in_quotes) {
    switch (part[0]) {
      case '\'':
        quoted_ = true;
        append(value_, {std::string(part.substr(1, part.size() - 2)), true});
        return;
      case '"':
        quoted_ = true;
        expand(part.substr(1, part.size() - 2), true);
        return;
      case '\\':
        if (part.size() < 2) return;
        // In quotes it only quotes what would else be special.
        if (in_quotes && !std::string_view("$`\"\\").contains(part[1])) append(value_, {"\\", true});
        append(value_, {std::string(1, part[1]), true});
        return;
      case '`': split(substitute(part.substr(1, part.size() - 2)), in_quotes); return;
      default: break;
    }
    if (part.size() > 1 && part[1] == '(') {
      const std::string_view inner = part.substr(2, part.size() - 3);
      split(inner.starts_with('(') ? kUnknown : substitute(inner), in_quotes);
    } else if (part.size() > 1 && part[1] == '{') {
      split(parameter(part.substr(2, part.size() - 3)), in_quotes);
    } else if (part.size() > 1) {
      split(parameter(part.substr(1)), in_quotes);
    } else {
      append(value_, {"$", true});
    }
  }

  // An unquoted value with blanks becomes several words, which is not followed.
  void split(const ShellValue& value, bool in_quotes) {
    const bool splits = !in_quotes && value.text.find_first_of(" \t\n*?[") != std::string::npos;
    append(value_, splits ? kUnknown : value);
  }

  ShellValue variable(std::string_view name) const {
    if (name == "0") return {state_.path, true};
    const auto found = state_.variables.find(std::string(name));
    if (found != state_.variables.end()) return found->second;
    // That the function's configuration sets these is asked for with --env.
    if (name == "LD_LIBRARY_PATH" || name == "LD_PRELOAD") return {};
    return kUnknown;
  }

  ShellValue expanded(std::string_view word) const {
    if (depth_ >= kDepth) return kUnknown;
    return expand_at(word, state_, depth_ + 1).value_or(ShellValue{});
  }

  ShellValue parameter(std::string_view inner) const {
    std::size_t end = 0;
    while (end < inner.size() && is_name_char(inner[end])) ++end;
    std::string_view rest = inner.substr(end);
    const std::string_view name = inner.substr(0, end);
    if (name == "BASH_SOURCE" && (rest.empty() || rest.starts_with("[0]"))) {
      rest.remove_prefix(std::min<std::size_t>(rest.size(), 3));
      return modified({state_.path, true}, rest);
    }
    if (name.empty()) return kUnknown;  // $@, $#, ${!X}
    return modified(variable(name), rest);
  }

  ShellValue modified(const ShellValue& value, std::string_view rest) const {
    if (rest.empty() || !value.known) return rest.empty() ? value : kUnknown;
    if (rest == "%/*") {
      const std::size_t slash = value.text.rfind('/');
      return slash == std::string::npos ? value : ShellValue{value.text.substr(0, slash), true};
    }
    if (rest == "##*/") return {value.text.substr(value.text.rfind('/') + 1), true};
    if (rest.starts_with(':')) rest.remove_prefix(1);  // unset and empty are told apart by nobody here
    if (rest.starts_with('-') || rest.starts_with('=')) return value.text.empty() ? expanded(rest.substr(1)) : value;
    if (rest.starts_with('+')) return value.text.empty() ? ShellValue{} : expanded(rest.substr(1));
    if (rest.starts_with('?')) return value;
    return kUnknown;
  }

  static ShellValue folder_of(const ShellValue& path) {
    if (!path.known) return kUnknown;
    std::string_view text = path.text;
    while (text.size() > 1 && text.ends_with('/')) text.remove_suffix(1);
    const std::size_t slash = text.rfind('/');
    if (slash == std::string_view::npos) return {".", true};
    return {slash == 0 ? "/" : std::string(text.substr(0, slash)), true};
  }

  ShellValue in_folder(const ShellValue& path, const ShellValue& folder) const {
    if (!path.known || (!path.text.starts_with('/') && !folder.known)) return kUnknown;
    return {absolute_path(path.text, folder.text), true};
  }

  // $(…): the few that start scripts find themselves with.
  ShellValue substitute(std::string_view script) const {
    if (depth_ >= kDepth) return kUnknown;
    ShellTokens tokens = split_shell(script);
    if (!tokens.complete) return kUnknown;
    std::vector<std::vector<ShellValue>> commands(1);
    for (const ShellToken& token : tokens.tokens) {
      if (token.kind == ShellTokenKind::word) {
        if (auto word = expand_at(token.text, state_, depth_ + 1)) commands.back().push_back(*std::move(word));
      } else if (token.text == "&&" || token.text == ";") {
        commands.emplace_back();
      } else if (token.text != "\n") {
        return kUnknown;
      }
    }
    ShellValue folder = state_.folder;
    for (std::size_t i = 0; i + 1 < commands.size(); ++i) {
      std::vector<ShellValue>& command = commands[i];
      std::erase_if(command,
                    [](const ShellValue& word) { return word.known && (word.text == "--" || word.text == "-P"); });
      if (command.size() != 2 || !command[0].known || command[0].text != "cd") return kUnknown;
      folder = in_folder(command[1], folder);
    }
    return output_of(commands.back(), folder);
  }

  ShellValue output_of(std::vector<ShellValue> command, const ShellValue& folder) const {
    if (command.empty() || !command[0].known) return kUnknown;
    const std::string name = command[0].text;
    std::vector<ShellValue> arguments;
    for (std::size_t i = 1; i < command.size(); ++i)
      if (!command[i].known || !command[i].text.starts_with('-')) arguments.push_back(command[i]);
    const auto option = [&](std::string_view text) {
      return std::ranges::any_of(command, [&](const ShellValue& word) { return word.known && word.text == text; });
    };
    if (name == "pwd") return folder;
    if (name == "uname" && command.size() == 2 && option("-m") && !state_.machine.empty())
      return {state_.machine, true};
    if (arguments.size() != 1) return kUnknown;
    if (name == "dirname") return folder_of(arguments[0]);
    if (name == "basename" && arguments[0].known)
      return {arguments[0].text.substr(arguments[0].text.rfind('/') + 1), true};
    if (name == "realpath" || (name == "readlink" && (option("-f") || option("-e") || option("-m"))))
      return in_folder(arguments[0], folder);
    if (name == "echo") return arguments[0];
    return kUnknown;
  }

  const ShellState& state_;
  int depth_;
  ShellValue value_;
  bool quoted_ = false;
};

std::optional<ShellValue> expand_at(std::string_view word, const ShellState& state, int depth) {
  Expander expander(state, depth);
  expander.expand(word, false);
  const ShellValue& value = expander.value();
  if (value.known && value.text.empty() && !expander.quoted()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<ShellValue> expand_word(std::string_view word, const ShellState& state) {
  return expand_at(word, state, 0);
}

bool is_all_arguments(std::string_view word) {
  for (const std::string_view all : {"\"$@\"", "$@", "${@}", "\"${@}\"", "$*", "\"$*\""})
    if (word == all) return true;
  return false;
}

std::string absolute_path(std::string_view path, std::string_view folder) {
  std::string whole = path.starts_with('/') ? std::string(path) : std::string(folder) + "/" + std::string(path);
  std::vector<std::string_view> parts;
  const std::string_view text = whole;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('/', start), text.size());
    const std::string_view part = text.substr(start, end - start);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    start = end + 1;
  }
  std::string result;
  for (const std::string_view part : parts) result.append("/").append(part);
  return result.empty() ? "/" : result;
}
}  // namespace lambdapack
