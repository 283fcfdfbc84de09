// Follows a start script line by line; see shell_script.h.
#include "links/shell_script.h"

#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>

#include "links/shell_values.h"
#include "links/shell_words.h"

namespace lambdapack {
namespace {

constexpr int kSourced = 32;       // scripts that read scripts
constexpr std::size_t kMost = 64;  // starts and doubts that are kept

bool is_search_variable(std::string_view name) {
  return name == "LD_LIBRARY_PATH" || name == "LD_PRELOAD";
}

bool mentions_search(std::string_view text) {
  return text.contains("LD_LIBRARY_PATH") || text.contains("LD_PRELOAD") || text.contains("ld-linux") ||
         text.contains("ld-musl") || text.contains("LD_AUDIT");
}

// "NAME" of NAME=value or NAME+=value; empty when the word is no assignment.
std::string_view assigned_name(std::string_view word) {
  std::size_t end = 0;
  while (end < word.size() && (std::isalnum(static_cast<unsigned char>(word[end])) || word[end] == '_')) ++end;
  if (end == 0 || std::isdigit(static_cast<unsigned char>(word[0]))) return {};
  if (word.substr(end).starts_with('=') || word.substr(end).starts_with("+=")) return word.substr(0, end);
  return {};
}

class Shell {
 public:
  explicit Shell(const ShellContext& context) : context_(context) {
    state_.path = context.path;
    state_.variables = context.variables;
    state_.folder.text = context.folder;
    state_.machine = context.machine;
    for (const auto& [name, value] : context.variables) exported_.insert(name);
  }

  ShellReading run(std::string_view script) {
    read(script);
    return std::move(reading_);
  }

 private:
  using Words = std::vector<ShellToken>;

  void doubt(int line, std::string what) {
    if (reading_.doubts.size() < kMost) reading_.doubts.push_back({line, std::move(what)});
  }

  void read(std::string_view script) {
    const ShellTokens tokens = split_shell(script);
    if (!tokens.complete) doubt(1, "has a quote or bracket that is not understood");
    Words words;
    std::string before = "\n";
    for (std::size_t i = 0; i < tokens.tokens.size() && !ended_; ++i) {
      const ShellToken& token = tokens.tokens[i];
      if (token.kind == ShellTokenKind::word) {
        words.push_back(token);
        continue;
      }
      if (case_pattern_ && (words.empty() || words.front().text != "esac")) {
        if (!words.empty() && words.front().text == "case") command(std::move(words), before);
        words.clear();
        if (token.text == ")") case_pattern_ = false;
        before = token.text;
        continue;
      }
      if (token.text == "(" && words.size() == 1 && assigned_name(words[0].text).empty()) {
        i = skip_function(tokens.tokens, i, words[0].line);
        words.clear();
        continue;
      }
      if (token.text == "(" && !words.empty()) {  // NAME=(…)
        taint(assigned_name(words.back().text), token.line);
        words.pop_back();
        while (i + 1 < tokens.tokens.size() && tokens.tokens[i].text != ")") ++i;
        continue;
      }
      if (!words.empty() && words.front().text == "case") case_pattern_ = token.text != ")";
      if (token.text == ";;") case_pattern_ = true;
      command(std::move(words), before);
      words.clear();
      if (token.text == "(") ++subshells_;
      if (token.text == ")" && subshells_ > 0) --subshells_;
      before = token.text;
    }
    if (!ended_) command(std::move(words), before);
  }

  // name() { … }: nothing of it runs here. Returns the index of its last token.
  std::size_t skip_function(const std::vector<ShellToken>& tokens, std::size_t at, int line) {
    int level = 0;
    bool searched = false;
    for (; at < tokens.size(); ++at) {
      const std::string& text = tokens[at].text;
      if (text == "{") ++level;
      searched = searched || mentions_search(text) || text == "exec";
      if (text == "}" && --level <= 0) break;
    }
    if (searched) doubt(line, "has a function that starts a program or changes the search path");
    return std::min(at, tokens.size() - 1);
  }

  bool in_condition() const { return conditions_ > 0 || subshells_ > 0 || !sure_; }

  void taint(std::string_view name, int line) {
    if (name.empty()) return;
    state_.variables[std::string(name)] = {"", false};
    if (is_search_variable(name)) doubt(line, fmt::format("sets {} in a way that is not understood", name));
  }

  // Keywords stand before commands; what is left is one.
  void command(Words words, const std::string& before) {
    if (before == "\n" || before == ";" || before == "&") sure_ = true;
    if (before == "||") sure_ = false;
    static const std::set<std::string, std::less<>> opens{"if", "while", "until", "for", "case", "select"},
        closes{"fi", "done", "esac"}, between{"then", "else", "elif", "do", "{", "}", "!", "time"};
    while (!words.empty()) {
      const std::string& first = words.front().text;
      if (first == "esac") case_pattern_ = false;
      if (closes.contains(first)) {
        conditions_ = std::max(0, conditions_ - 1);
      } else if (opens.contains(first)) {
        ++conditions_;
        if (first == "for" || first == "case" || first == "select") {
          if (first != "case" && words.size() > 1) taint(words[1].text, words[1].line);
          return;
        }
      } else if (first == "function") {
        doubt(words.front().line, "has a function");
        return;
      } else if (!between.contains(first)) {
        break;
      }
      words.erase(words.begin());
    }
    if (!words.empty()) simple(words);
  }

  void simple(const Words& words) {
    std::size_t at = 0;
    while (at < words.size() && !assigned_name(words[at].text).empty()) ++at;
    if (at == words.size()) {
      for (const ShellToken& word : words) assign(word, false);
      return;
    }
    const std::string& name = words[at].text;
    const Words rest(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
    if (name == "export" || name == "declare" || name == "typeset" || name == "readonly" || name == "local") {
      declare(rest, name == "export");
    } else if (name == "unset") {
      for (const ShellToken& word : rest) unset(word);
    } else if (name == "cd" || name == "pushd") {
      change_folder(rest);
    } else if (name == "." || name == "source") {
      source(rest);
    } else if (name == "eval" || name == "trap") {
      if (name == "eval" || std::ranges::any_of(rest, [](const ShellToken& w) { return mentions_search(w.text); }))
        doubt(words[at].line, fmt::format("runs text ({})", name));
    } else if (name == "read" || name == "mapfile" || name == "getopts" || name == "printf") {
      for (const ShellToken& word : rest)
        if (!word.text.starts_with('-')) taint(word.text, word.line);
    } else if (name == "shift" || (name == "set" && std::ranges::any_of(rest, [](const ShellToken& w) {
                                     return w.text == "--" || !w.text.starts_with('-');
                                   }))) {
      arguments_changed_ = true;
    } else if (name == "exit" || name == "return") {
      if (!in_condition()) ended_ = true;
    } else if (name == "[" || name == "test" || name == "[[" || name == "((") {
      sure_ = false;
    } else if (!is_quiet(name)) {
      start(words);
    }
  }

  // Builtins that change nothing here.
  static bool is_quiet(std::string_view name) {
    static const std::set<std::string_view> quiet{":",        "true",   "false", "set",  "shopt",
                                                  "umask",    "ulimit", "echo",  "wait", "break",
                                                  "continue", "kill",   "jobs",  "popd", "hash"};
    return quiet.contains(name);
  }

  void assign(const ShellToken& word, bool exports) {
    const std::string name(assigned_name(word.text));
    const bool appends = word.text[name.size()] == '+';
    ShellValue value =
        expand_word(std::string_view(word.text).substr(name.size() + (appends ? 2 : 1)), state_).value_or(ShellValue{});
    if (appends) {
      const auto old = state_.variables.find(name);
      if (old == state_.variables.end() && !is_search_variable(name)) value.known = false;
      if (old != state_.variables.end()) value = {old->second.text + value.text, old->second.known && value.known};
    }
    if (in_condition()) value.known = false;
    if (is_search_variable(name) && !value.known)
      doubt(word.line,
            fmt::format("sets {} {}", name, in_condition() ? "in a condition" : "to a value that is not known"));
    if (exports) exported_.insert(name);
    state_.variables[name] = std::move(value);
  }

  void declare(const Words& words, bool exports) {
    for (const ShellToken& word : words) {
      if (word.text == "-x") exports = true;
      if (word.text == "-n" &&
          std::ranges::any_of(words, [](const ShellToken& w) { return is_search_variable(w.text); }))
        doubt(word.line, "takes a variable of the search path out of the environment");
      if (word.text.starts_with('-')) continue;
      if (!assigned_name(word.text).empty()) {
        assign(word, exports);
      } else if (exports) {
        if (is_search_variable(word.text) && in_condition())
          doubt(word.line, fmt::format("exports {} in a condition", word.text));
        exported_.insert(word.text);
      }
    }
  }

  void unset(const ShellToken& word) {
    if (word.text.starts_with('-')) return;
    if (in_condition()) {
      taint(word.text, word.line);
      return;
    }
    state_.variables[word.text] = {};  // empty: for the loader the same as not set
    exported_.erase(word.text);
  }

  void change_folder(const Words& words) {
    ShellValue to{"", false};
    for (const ShellToken& word : words)
      if (!word.text.starts_with('-')) to = expand_word(word.text, state_).value_or(ShellValue{"", false});
    const bool known = to.known && !in_condition() && (to.text.starts_with('/') || state_.folder.known);
    state_.folder = known ? ShellValue{absolute_path(to.text, state_.folder.text), true} : ShellValue{"", false};
  }

  void source(const Words& words) {
    if (words.empty()) return;
    const auto path = expand_word(words[0].text, state_);
    const bool known = path && path->known && (path->text.starts_with('/') || state_.folder.known) && !in_condition();
    std::optional<std::string> text;
    if (known && sourced_++ < kSourced) text = context_.read(absolute_path(path->text, state_.folder.text));
    if (!text) {
      doubt(words[0].line, "reads another script that is not known");
      return;
    }
    read(*text);
  }

  // [NAME=value…] [exec] [env …] program arguments…
  void start(const Words& words) {
    ShellStart start;
    start.line = words.front().line;
    start.folder = state_.folder;
    start.certain = !in_condition();
    for (const std::string& name : exported_)
      if (const auto known = state_.variables.find(name); known != state_.variables.end())
        start.environment.insert(*known);
    std::size_t at = 0;
    while (at < words.size() && !assigned_name(words[at].text).empty()) set_for(start, words[at++]);
    bool replaces = false;
    for (; at < words.size(); ++at) {
      const std::string& word = words[at].text;
      if (word == "exec") {
        replaces = true;
        if (at + 2 < words.size() && words[at + 1].text == "-a") at += 2;
        if (at + 1 < words.size() && words[at + 1].text == "--") ++at;
      } else if (word == "env" || word == "/usr/bin/env" || word == "/bin/env") {
        at = read_env(words, at, start);
      } else if (word != "command" && word != "nohup" && word != "builtin") {
        break;
      }
    }
    if (at == words.size()) return;  // "exec >file"
    start.of_arguments = is_all_arguments(words[at].text) && !arguments_changed_;
    if (is_all_arguments(words[at].text) && arguments_changed_) start.words.push_back({"", false});
    for (; at < words.size(); ++at) {
      if (is_all_arguments(words[at].text)) continue;
      if (auto word = expand_word(words[at].text, state_)) start.words.push_back(*std::move(word));
    }
    if (reading_.starts.size() < kMost)
      reading_.starts.push_back(std::move(start));
    else
      doubt(words.front().line, "starts more programs than are followed");
    if (replaces && !in_condition()) ended_ = true;
    if (!replaces) sure_ = false;  // what follows "&&" depends on it
  }

  void set_for(ShellStart& start, const ShellToken& word) {
    const std::string name(assigned_name(word.text));
    ShellValue value = expand_word(std::string_view(word.text).substr(name.size() + 1), state_).value_or(ShellValue{});
    if (word.text[name.size()] == '+') value.known = false;
    if (is_search_variable(name) && !value.known)
      doubt(word.line, fmt::format("sets {} to a value that is not known", name));
    start.environment[name] = std::move(value);
  }

  // The index of the last word that is env's own.
  std::size_t read_env(const Words& words, std::size_t at, ShellStart& start) {
    while (at + 1 < words.size()) {
      const std::string& word = words[at + 1].text;
      if (word == "-i" || word == "-" || word == "--ignore-environment") {
        start.environment.clear();
      } else if (word == "-u" && at + 2 < words.size()) {
        ++at;
        start.environment.erase(words[at + 1].text);
      } else if (!assigned_name(word).empty()) {
        set_for(start, words[at + 1]);
      } else if (word.starts_with('-') && word != "--") {
        doubt(words[at + 1].line, "gives env an option that is not understood");
      } else if (word != "--") {
        return at;
      }
      ++at;
    }
    return at;
  }

  const ShellContext& context_;
  ShellState state_;
  std::set<std::string, std::less<>> exported_;
  ShellReading reading_;
  int sourced_ = 0, conditions_ = 0, subshells_ = 0;
  bool sure_ = true;                // the command runs whatever those before it on the line returned
  bool case_pattern_ = false;       // what comes next in a case is a pattern
  bool arguments_changed_ = false;  // by set or shift
  bool ended_ = false;              // exec or exit: nothing after it runs
};

}  // namespace

ShellReading read_shell_script(std::string_view script, const ShellContext& context) {
  return Shell(context).run(script);
}

}  // namespace lambdapack
