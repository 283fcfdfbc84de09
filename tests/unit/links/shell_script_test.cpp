// Start scripts are read for the order of libraries that they make; what is not understood is a doubt, never a guess.
#include <doctest/doctest.h>

#include "links/shell_script.h"
#include "links/shell_words.h"

using namespace lambdapack;

namespace {

ShellReading read(std::string_view script, std::map<std::string, ShellValue> more = {}) {
  ShellContext context;
  context.path = "/var/task/bootstrap";
  context.folder = "/var/task";
  context.machine = "x86_64";
  context.variables = {{"LAMBDA_TASK_ROOT", {"/var/task", true}}, {"LD_LIBRARY_PATH", {"/lib64:/var/task/lib", true}}};
  context.variables.merge(more);
  context.read = [](const std::string& path) -> std::optional<std::string> {
    if (path == "/var/task/again.sh") return std::string(". ./again.sh\n. ./again.sh\n. ./again.sh\n");
    if (path == "/var/task/env.sh") return "export LD_LIBRARY_PATH=/var/task/sourced\n";
    return std::nullopt;
  };
  return read_shell_script(script, context);
}

ShellStart last(const ShellReading& reading) {
  REQUIRE_FALSE(reading.starts.empty());
  return reading.starts.back();
}

// LD_LIBRARY_PATH of the last program; "?" when it is not known, "-" when it is not set.
std::string path_of(std::string_view script, const char* name = "LD_LIBRARY_PATH") {
  const ShellReading reading = read(script);
  const auto environment = last(reading).environment;
  const auto found = environment.find(name);
  if (found == environment.end()) return "-";
  return found->second.known ? found->second.text : "?";
}

std::string words_of(std::string_view script) {
  std::string text;
  const ShellStart start = last(read(script));
  for (const ShellValue& word : start.words) text += (text.empty() ? "" : " ") + (word.known ? word.text : "?");
  return text;
}

std::string doubt_of(std::string_view script) {
  const ShellReading reading = read(script);
  return reading.doubts.empty() ? "" : reading.doubts.front().what + "@" + std::to_string(reading.doubts.front().line);
}

}  // namespace

TEST_CASE("words end where the shell ends them") {
  const auto words = [](std::string_view script) {
    std::string text;
    for (const ShellToken& token : split_shell(script).tokens)
      text += "[" + (token.text == "\n" ? std::string("NL") : token.text) + "]";
    return text;
  };
  CHECK(words("a 'b c' \"d $(e \"f g\") h\" i\\ j") == "[a]['b c'][\"d $(e \"f g\") h\"][i\\ j]");
  CHECK(words("a # b\nc;d&&e||f|g&") == "[a][NL][c][;][d][&&][e][||][f][|][g][&]");
  CHECK(words("a >b 2>&1 <c >>\"d e\" f &>g") == "[a][f]");
  CHECK(words("a \\\n  b") == "[a][b]");
  CHECK(words("cat <<EOF\nexport X=1\nEOF\nb") == "[cat][NL][b]");
  CHECK(words("cat <<-'E'\n\tx\n\tE\nb") == "[cat][NL][b]");
  CHECK(words("x=${y:-\"a b\"}/c$(d)") == "[x=${y:-\"a b\"}/c$(d)]");
  CHECK_FALSE(split_shell("a 'b").complete);
  CHECK_FALSE(split_shell("a $(b").complete);
  CHECK_FALSE(split_shell("a \"b ${c\"").complete);
}

TEST_CASE("an exported LD_LIBRARY_PATH is what the program gets, the old value included") {
  CHECK(path_of("export LD_LIBRARY_PATH=$LAMBDA_TASK_ROOT/own:$LD_LIBRARY_PATH\nexec ./app") ==
        "/var/task/own:/lib64:/var/task/lib");
  CHECK(path_of("LD_LIBRARY_PATH=\"${LAMBDA_TASK_ROOT}/own\"; exec ./app") == "/var/task/own");
  CHECK(path_of("LD_LIBRARY_PATH=/a exec ./app") == "/a");
  CHECK(path_of("exec env LD_LIBRARY_PATH=/a ./app x") == "/a");
  CHECK(path_of("env -u LD_LIBRARY_PATH ./app") == "-");
  CHECK(path_of("env -i ./app") == "-");
  CHECK(path_of("unset LD_LIBRARY_PATH; exec ./app") == "-");
  CHECK(path_of("LD_LIBRARY_PATH+=:/a\nexec ./app") == "/lib64:/var/task/lib:/a");
  CHECK(path_of("X=/a\nexport LD_LIBRARY_PATH=${X:+$X:}$LD_LIBRARY_PATH\nexec ./app") == "/a:/lib64:/var/task/lib");
  CHECK(path_of("export LD_LIBRARY_PATH=/a${LD_LIBRARY_PATH:+:${LD_LIBRARY_PATH}}; ./app") ==
        "/a:/lib64:/var/task/lib");
  CHECK(path_of("exec ./app") == "/lib64:/var/task/lib");
}

TEST_CASE("a variable that is not exported does not reach the program") {
  CHECK(path_of("LD_PRELOAD=/a.so\nexec ./app", "LD_PRELOAD") == "-");
  CHECK(path_of("export LD_PRELOAD=/a.so${LD_PRELOAD:+:$LD_PRELOAD}\nexec ./app", "LD_PRELOAD") == "/a.so");
  CHECK(path_of("LD_PRELOAD=/a.so\nexport LD_PRELOAD\nexec ./app", "LD_PRELOAD") == "/a.so");
  CHECK(path_of("declare -x LD_PRELOAD=/a.so\nexec ./app", "LD_PRELOAD") == "/a.so");
}

TEST_CASE("a script finds itself") {
  CHECK(words_of("HERE=$(dirname \"$0\")\nexec \"$HERE/app\"") == "/var/task/app");
  CHECK(words_of("HERE=\"$(cd \"$(dirname \"$0\")\" && pwd)\"\nexec $HERE/app") == "/var/task/app");
  CHECK(words_of("HERE=$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" >/dev/null 2>&1; pwd -P)\n$HERE/app") ==
        "/var/task/app");
  CHECK(words_of("exec ${0%/*}/app") == "/var/task/app");
  CHECK(words_of("exec `dirname $0`/app") == "/var/task/app");
  CHECK(words_of("exec $(readlink -f \"$(dirname $0)/x/../app\")") == "/var/task/app");
  CHECK(words_of("exec ./app-$(uname -m)") == "./app-x86_64");
  CHECK(words_of("cd bin/../sbin && exec ./app \"a b\" 'c'") == "./app a b c");
  CHECK(last(read("cd bin/../sbin && exec ./app")).folder.text == "/var/task/sbin");
}

TEST_CASE("what the script was given as arguments is the program") {
  CHECK(last(read("export LD_PRELOAD=/x.so\nexec \"$@\"")).of_arguments);
  CHECK_FALSE(last(read("exec ./app \"$@\"")).of_arguments);
  CHECK_FALSE(last(read("shift\nexec \"$@\"")).of_arguments);
  CHECK_FALSE(last(read("set -- ./app \"$@\"\nexec \"$@\"")).of_arguments);
}

TEST_CASE("nothing after exec or exit runs") {
  CHECK(read("exec ./a\nexec ./b").starts.size() == 1);
  CHECK(read("./a\nexit 0\nexec ./b").starts.size() == 1);
  CHECK(read("if true; then exit 0; fi\nexec ./b").starts.size() == 1);
}

TEST_CASE("another script that is read counts as if it stood here") {
  CHECK(path_of(". ./env.sh\nexec ./app") == "/var/task/sourced");
  CHECK(path_of("source \"$LAMBDA_TASK_ROOT/env.sh\"; exec ./app") == "/var/task/sourced");
  CHECK(doubt_of(". /opt/unknown.sh\nexec ./app") == "reads another script that is not known@1");
}

TEST_CASE("what decides the order in a way that is not understood is a doubt with its line") {
  CHECK(doubt_of("#!/bin/bash\nif [ -d /opt/x ]; then\n  export LD_LIBRARY_PATH=/opt/x\nfi\nexec ./app") ==
        "sets LD_LIBRARY_PATH in a condition@3");
  CHECK(doubt_of("[ -d x ] && export LD_LIBRARY_PATH=/x\nexec ./app") == "sets LD_LIBRARY_PATH in a condition@1");
  CHECK(doubt_of("export LD_LIBRARY_PATH=$(find . -name lib)\nexec ./app") ==
        "sets LD_LIBRARY_PATH to a value that is not known@1");
  CHECK(doubt_of("export LD_LIBRARY_PATH=$SOME_SETTING\nexec ./app") ==
        "sets LD_LIBRARY_PATH to a value that is not known@1");
  CHECK(doubt_of("export LD_LIBRARY_PATH=/a/*\nexec ./app") == "sets LD_LIBRARY_PATH to a value that is not known@1");
  CHECK(doubt_of("run() {\n  LD_PRELOAD=x.so exec ./app\n}\nrun") ==
        "has a function that starts a program or changes the search path@1");
  CHECK(doubt_of("eval \"$X\"\nexec ./app") == "runs text (eval)@1");
  CHECK(doubt_of("read LD_PRELOAD\nexec ./app") == "sets LD_PRELOAD in a way that is not understood@1");
  CHECK(doubt_of("for d in a b; do LD_LIBRARY_PATH=$d:$LD_LIBRARY_PATH; done\nexec ./app") ==
        "sets LD_LIBRARY_PATH in a condition@1");
  CHECK(doubt_of("echo \"unclosed\nexec ./app") == "has a quote or bracket that is not understood@1");
  CHECK(doubt_of("(export LD_LIBRARY_PATH=/a)\nexec ./app") == "sets LD_LIBRARY_PATH in a condition@1");
}

TEST_CASE("what does not touch the order is no doubt") {
  CHECK(doubt_of(
            "set -euo pipefail\nlog() { echo \"$1\"; }\nif [ -n \"$DEBUG\" ]; then set -x; fi\nlog hi\nexec ./app") ==
        "");
  CHECK(doubt_of("case \"$(uname -m)\" in\n  x86_64) A=1 ;;\n  *) A=2 ;;\nesac\nexport A\nexec ./app") == "");
  CHECK(doubt_of("while read -r line; do echo $line; done < file\nexec ./app") == "");
  CHECK(doubt_of("cat <<EOF\nexport LD_LIBRARY_PATH=$(x)\nEOF\nexec ./app") == "");
  CHECK(last(read("for x in a b; do echo $x; done\nexec ./app")).certain);
  CHECK_FALSE(last(read("if [ -x app ]; then exec ./app; fi")).certain);
  CHECK_FALSE(last(read("test -x app && exec ./app")).certain);
  CHECK_FALSE(last(read("cd x || exec ./app")).certain);
  CHECK(last(read("cd x || exit 1\nexec ./app")).certain);
}

TEST_CASE("a value that grows without end, or brackets without end, end the reading and no more") {
  std::string doubling = "A=0123456789\n";
  for (int i = 0; i < 64; ++i) doubling += "A=$A$A$A$A\n";
  CHECK(words_of(doubling + "exec ./app$A") == "?");
  std::string nested;
  for (int i = 0; i < 10'000; ++i) nested += "$(";
  CHECK_FALSE(split_shell(nested).complete);
  CHECK(doubt_of(". ./again.sh\nexec ./app") == "reads another script that is not known@1");
}
