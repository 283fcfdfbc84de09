// Parse, run, print, exit code.
#include <malloc.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "cli/command_line.h"
#include "pipeline.h"

namespace {

// A terminal shows colours, unless told not to (no-color.org), and has a width; a file or a pipe always gets the same
// text.
void fit_to_terminal(lambdapack::CommandLine& command_line) {
  if (isatty(STDOUT_FILENO) == 0) return;
  const char* terminal = std::getenv("TERM");
  const char* no_colour = std::getenv("NO_COLOR");
  command_line.colour =
      terminal != nullptr && std::string_view(terminal) != "dumb" && (no_colour == nullptr || *no_colour == '\0');
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) command_line.width = size.ws_col;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace lambdapack;
  // Whole files are in buffers of their own. glibc would learn from the first one that is freed to take the next from
  // its heap (mallopt(3): the threshold grows to 32 MB), which keeps what is freed: 30 MB more at the peak for a 20 MB
  // program.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away (| head) is no error; writes then fail quietly
  auto parsed = parse_command_line(argc, argv);
  const auto report_error = [](const Error& error) {
    std::fprintf(stderr, "lambdapack: %s\n", to_string(error).c_str());
    return 2;
  };
  if (!parsed) return report_error(parsed.error());
  if (const auto* help = std::get_if<HelpText>(&*parsed)) {
    std::fputs(help->text.c_str(), stdout);
    return 0;
  }
  auto& command_line = std::get<CommandLine>(*parsed);
  fit_to_terminal(command_line);
  const auto result = run(command_line);
  if (!result) return report_error(result.error());
  std::fwrite(result->err.data(), 1, result->err.size(), stderr);
  std::fwrite(result->out.data(), 1, result->out.size(), stdout);
  return result->exit_code;
}
