// Follows scripts from the one that Lambda starts to the programs that they start; see start_order.h.
//
// All programs of the package must be started with the same order, for sure, or the order is in doubt: then nothing may
// be dropped because of it, and what seems to be missing may be found after all.
#include "plan/start_order.h"

#include <algorithm>

#include <fmt/format.h>

#include "links/file_view.h"
#include "links/shell_script.h"
#include "package/layers.h"
#include "plan/bundle_program.h"

namespace lambdapack {
namespace {

constexpr std::uint64_t kScriptBytes = 256 << 10;
constexpr std::size_t kScripts = 32;  // that start each other

bool is_shell(std::string_view shebang) {
  for (const std::string_view shell : {"sh", "bash", "dash", "ash"})
    for (std::size_t at = shebang.find(shell); at != std::string_view::npos; at = shebang.find(shell, at + 1)) {
      const bool starts = at == 0 || shebang[at - 1] == '/' || shebang[at - 1] == ' ';
      const std::size_t end = at + shell.size();
      if (starts && (end == shebang.size() || shebang[end] == ' ' || shebang[end] == '\t')) return true;
    }
  return false;
}

bool is_loader(const PackageFile& file, const ElfInfo& elf) {
  const std::string_view name = file_name_of(file.path);
  const bool named = name.starts_with("ld-linux") || name.starts_with("ld-musl") || name.starts_with("ld-2.") ||
                     name.starts_with("ld.so") || elf.soname.starts_with("ld-linux");
  return named && elf.needed.empty();
}

std::vector<std::string> split_path(std::string_view text, std::string_view separators, const std::string& folder) {
  std::vector<std::string> entries;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(separators, start), text.size());
    std::string entry(text.substr(start, end - start));
    if (!entry.starts_with('/') && !entry.starts_with('$')) entry = absolute_path(entry, folder);
    entries.push_back(std::move(entry));
    start = end + 1;
  }
  return entries;
}

// Names are searched for, paths are opened.
std::vector<std::string> split_preload(std::string_view value, const std::string& folder) {
  std::vector<std::string> names;
  for (std::size_t start = 0; start <= value.size();) {
    const std::size_t end = std::min(value.find_first_of(": ", start), value.size());
    std::string name(value.substr(start, end - start));
    if (name.contains('/') && !name.starts_with('$')) name = absolute_path(name, folder);
    if (!name.empty()) names.push_back(std::move(name));
    start = end + 1;
  }
  return names;
}

// One program that a script starts.
struct Process {
  std::optional<std::vector<std::string>> library_path;  // nothing: LD_LIBRARY_PATH is not set
  std::vector<std::string> preload;
  std::string loader;  // of the package
  auto operator<=>(const Process&) const = default;
};

class Follower {
 public:
  Follower(const Package& package, const Inventory& inventory, const FunctionTarget& target,
           const LoaderProfile& profile, Process usual)
      : package_(package),
        inventory_(inventory),
        target_(target),
        usual_(std::move(usual)),
        mount_(target.is_layer ? "/opt" : "/var/task"),
        files_(package, profile, mount_) {}

  Result<StartOrder> run(const std::string& path, std::map<std::string, ShellValue> environment) {
    LP_CHECK(follow(path, std::move(environment), mount_, true));
    if (!order_.doubt.empty() || !process_ || *process_ == usual_) return std::move(order_);
    order_.library_path = process_->library_path.value_or(std::vector<std::string>{});
    order_.preload = std::move(process_->preload);
    order_.loader = std::move(process_->loader);
    return std::move(order_);
  }

 private:
  void doubt(const std::string& script, int line, std::string_view what) {
    if (order_.doubt.empty()) order_.doubt = fmt::format("{} {} (line {})", script, what, line);
  }

  std::optional<std::size_t> file_at(const std::string& path) const {
    const Location location = files_.locate(path);
    return location.what == Located::file ? std::optional(location.file) : std::nullopt;
  }

  Result<std::optional<std::string>> text_of(std::size_t file) const {
    if (package_.files[file].size() > kScriptBytes) return std::nullopt;
    LP_TRY(const auto bytes, package_.files[file].content.slice(0, kScriptBytes));
    return std::string(as_text(bytes));
  }

  Result<void> follow(const std::string& path, std::map<std::string, ShellValue> environment, const std::string& folder,
                      bool certain) {
    const auto file = file_at(path);
    if (!file) return {};
    const std::string& name = package_.files[*file].path;
    if (order_.scripts.size() >= kScripts || std::ranges::find(order_.scripts, name) != order_.scripts.end()) {
      doubt(name, 1, "is started again and again");
      return {};
    }
    order_.scripts.push_back(name);
    LP_TRY(const auto text, text_of(*file));
    if (!text) {
      doubt(name, 1, "is too long to be read");
      return {};
    }
    ShellContext context{path, std::move(environment), folder, machine(), {}};
    context.read = [this](const std::string& other) -> std::optional<std::string> {
      const auto found = file_at(other);
      if (!found || inventory_.files[*found].elf) return std::nullopt;
      const auto content = text_of(*found);
      return content ? *content : std::nullopt;
    };
    const ShellReading reading = read_shell_script(*text, context);
    for (const ShellDoubt& found : reading.doubts) doubt(name, found.line, found.what);
    for (const ShellStart& start : reading.starts) LP_CHECK(take(name, start, certain && start.certain));
    return {};
  }

  std::string machine() const { return target_.arch == Arch::arm64 ? "aarch64" : "x86_64"; }

  // Where the program of a start lies; nothing when that is not known or not a path.
  static std::optional<std::string> program_path(const ShellStart& start, const ShellValue& word) {
    if (!word.known || !word.text.contains('/')) return std::nullopt;
    if (!word.text.starts_with('/') && !start.folder.known) return std::nullopt;
    return absolute_path(word.text, start.folder.text);
  }

  // A name without "/" is searched on PATH.
  std::optional<std::string> on_path(const ShellStart& start, const std::string& name) const {
    const auto path = start.environment.find("PATH");
    if (path == start.environment.end() || !path->second.known) return std::nullopt;
    for (const std::string& folder :
         split_path(path->second.text, ":", start.folder.known ? start.folder.text : mount_))
      if (file_at(folder + "/" + name)) return folder + "/" + name;
    return std::nullopt;
  }

  Result<void> take(const std::string& script, const ShellStart& start, bool certain) {
    if (start.words.empty() || start.of_arguments) {
      add_process(script, start, certain, {});
      return {};
    }
    std::size_t program = 0;
    // "bash script": the script is what counts.
    if (start.words[0].known && is_shell(file_name_of(start.words[0].text))) {
      while (++program < start.words.size() && start.words[program].known && start.words[program].text.starts_with('-'))
        if (start.words[program].text.contains('c')) doubt(script, start.line, "runs text (sh -c)");
      if (program >= start.words.size()) return {};
    }
    auto path = program_path(start, start.words[program]);
    if (!path && start.words[program].known) path = on_path(start, start.words[program].text);
    const auto file = path ? file_at(*path) : std::nullopt;
    if (!file) {
      // A program of the runtime, unless it is not known at all: that may be one of the package.
      if (!start.words[program].known) add_process(script, start, certain, {});
      return {};
    }
    const FileRecord& record = inventory_.files[*file];
    if (record.elf && is_loader(package_.files[*file], *record.elf)) {
      take_loader(script, start, certain, package_.files[*file].path);
      return {};
    }
    if (program > 0 || (record.type == FileType::script && is_shell(record.shebang))) {
      if (!start.folder.known) doubt(script, start.line, "starts a script in a folder that is not known");
      return follow(*path, start.environment, start.folder.known ? start.folder.text : mount_, certain);
    }
    add_process(script, start, certain, {});
    return {};
  }

  // LOADER [options] PROGRAM, as ld.so(8) has them.
  void take_loader(const std::string& script, const ShellStart& start, bool certain, const std::string& loader) {
    Process process;
    process.loader = loader;
    bool has_path = false;
    for (std::size_t i = 1; i < start.words.size(); ++i) {
      const ShellValue& word = start.words[i];
      if (!word.known) return doubt(script, start.line, "gives the loader an argument that is not known");
      if (!word.text.starts_with("--")) break;
      const bool takes_value = word.text == "--library-path" || word.text == "--preload" || word.text == "--argv0" ||
                               word.text == "--inhibit-rpath" || word.text == "--audit" ||
                               word.text == "--glibc-hwcaps-prepend" || word.text == "--glibc-hwcaps-mask";
      if (word.text != "--inhibit-cache" && !takes_value)
        return doubt(script, start.line, fmt::format("gives the loader the option {}", printable(word.text)));
      if (!takes_value) continue;
      if (++i >= start.words.size() || !start.words[i].known)
        return doubt(script, start.line, fmt::format("gives the loader a {} that is not known", word.text));
      if (word.text == "--library-path" || word.text == "--preload") {
        if (!start.folder.known) return doubt(script, start.line, "starts a loader in a folder that is not known");
        const bool is_path = word.text == "--library-path";
        const std::string& value = start.words[i].text;
        if (is_path)
          process.library_path = split_path(value, ":;", start.folder.text), has_path = true;
        else
          process.preload = split_preload(value, start.folder.text);
      } else if (word.text != "--argv0") {
        return doubt(script, start.line, fmt::format("gives the loader the option {}", word.text));
      }
    }
    add_process(script, start, certain, std::move(process), has_path);
  }

  void add_process(const std::string& script, const ShellStart& start, bool certain, Process process,
                   bool has_path = false) {
    const auto variable = [&](const char* name) -> std::optional<std::string> {
      const auto found = start.environment.find(name);
      if (found == start.environment.end()) return std::nullopt;
      if (!found->second.known) doubt(script, start.line, fmt::format("starts a program with an unknown {}", name));
      return found->second.text;
    };
    const auto library_path = variable("LD_LIBRARY_PATH"), preload = variable("LD_PRELOAD");
    if (!start.folder.known && (library_path || preload))
      doubt(script, start.line, "starts a program in a folder that is not known");
    if (!has_path && library_path && !library_path->empty())
      process.library_path = split_path(*library_path, ":;", start.folder.text);
    if (preload)
      for (std::string& name : split_preload(*preload, start.folder.text)) process.preload.push_back(std::move(name));
    if (!certain && process != usual_) doubt(script, start.line, "starts a program in a condition");
    if (process_ && *process_ != process) doubt(script, start.line, "starts programs with different search paths");
    process_ = std::move(process);
  }

  const Package& package_;
  const Inventory& inventory_;
  const FunctionTarget& target_;
  Process usual_;
  std::string mount_;
  FileView files_;
  StartOrder order_;
  std::optional<Process> process_;  // the last one
};

// What Lambda sets for the process that it starts; other variables are not known.
std::map<std::string, ShellValue> lambda_variables(const FunctionTarget& target, const LoaderProfile& profile,
                                                   const std::map<std::string, std::string>& env) {
  std::map<std::string, ShellValue> variables;
  for (const auto& [name, value] : env) variables[name] = {value, true};
  variables["LAMBDA_TASK_ROOT"] = {"/var/task", true};
  variables["LAMBDA_RUNTIME_DIR"] = {"/var/runtime", true};
  variables["PWD"] = {"/var/task", true};
  variables["PATH"] = {fmt::format("{}", fmt::join(target.runtime.program_path, ":")), true};
  if (const auto path = env.find("PATH"); path != env.end()) variables["PATH"] = {path->second, true};
  variables["LD_LIBRARY_PATH"] = {fmt::format("{}", fmt::join(profile.library_path, ":")), true};
  if (!target.handlers.empty()) variables["_HANDLER"] = {target.handlers.front(), target.handlers.size() == 1};
  return variables;
}

// Where Lambda begins: the first bootstrap that is there, or the wrapper; nothing when no script can come first.
std::optional<std::string> first_program(const FunctionTarget& target, const LoaderProfile& profile,
                                         const FileView& files, const std::map<std::string, std::string>& env) {
  if (target.runtime.family == "provided") {  // OS-only runtimes have no wrappers
    const auto there = std::ranges::find_if(
        profile.bootstraps, [&](const std::string& path) { return files.locate(path).what == Located::file; });
    return there == profile.bootstraps.end() ? std::nullopt : std::optional(*there);
  }
  const auto wrapper = env.find("AWS_LAMBDA_EXEC_WRAPPER");
  if (wrapper == env.end() || wrapper->second.empty()) return std::nullopt;
  return wrapper->second;
}

}  // namespace

Result<StartOrder> read_start_order(const Package& package, const Inventory& inventory, const FunctionTarget& target,
                                    const LoaderProfile& profile, const std::map<std::string, std::string>& env) {
  StartOrder order;
  if (target.is_layer) return order;
  const FileView files(package, profile, "/var/task");
  auto variables = lambda_variables(target, profile, env);
  Process usual;
  if (const std::string& path = variables["LD_LIBRARY_PATH"].text; !path.empty())
    usual.library_path = split_path(path, ":;", "/var/task");
  if (const auto preload = env.find("LD_PRELOAD"); preload != env.end())
    usual.preload = split_preload(preload->second, "/var/task");
  if (const auto entry = first_program(target, profile, files, env)) {
    const Location location = files.locate(*entry);
    if (location.what == Located::file && is_shell(inventory.files[location.file].shebang)) {
      LP_TRY(order, Follower(package, inventory, target, profile, usual).run(*entry, variables));
    } else if (target.runtime.family != "provided") {
      order.doubt = fmt::format("AWS_LAMBDA_EXEC_WRAPPER names {}, which is no shell script of the package{}",
                                printable(*entry), entry->starts_with("/opt/") ? " or of a --layer" : "");
    }
  }
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    if (!is_extension(package.files[i].path, target.is_layer) || !is_shell(inventory.files[i].shebang)) continue;
    LP_TRY(const StartOrder own, Follower(package, inventory, target, profile, usual).run(files.path_of(i), variables));
    if (own.doubt.empty() && !own.library_path)
      order.extension_scripts.insert(order.extension_scripts.end(), own.scripts.begin(), own.scripts.end());
  }
  return order;
}

void apply_start_order(const StartOrder& order, FunctionTarget& target, LoaderProfile& profile) {
  target.search_path_doubt = order.doubt;
  target.start_scripts = order.extension_scripts;
  if (order.doubt.empty())
    target.start_scripts.insert(target.start_scripts.end(), order.scripts.begin(), order.scripts.end());
  if (!order.doubt.empty() || !order.library_path) return;
  if (!order.loader.empty()) use_own_libc(target, profile, *order.library_path);
  profile.library_path = *order.library_path;
  profile.preload = order.preload;
}

std::optional<Finding> start_order_finding(const StartOrder& order) {
  if (!order.doubt.empty())
    return Finding{
        "start-script-not-understood",
        Severity::info,
        order.scripts.empty() ? std::string() : order.scripts.front(),
        {},
        fmt::format("the order of libraries is not known: {}; libraries that only the order decides about stay",
                    order.doubt),
        "set LD_LIBRARY_PATH and LD_PRELOAD in plain lines of the script, or pass --keep"};
  if (!order.library_path) return std::nullopt;
  const std::string how = order.loader.empty() ? "LD_LIBRARY_PATH" : order.loader + " and --library-path";
  std::string message = fmt::format("starts the function with {} {}", how, fmt::join(*order.library_path, ":"));
  if (!order.preload.empty()) message += fmt::format(", preloading {}", fmt::join(order.preload, ":"));
  return Finding{"start-script-order", Severity::info,
                 order.scripts.back(), {},
                 std::move(message),   "nothing: this order is what was checked"};
}

}  // namespace lambdapack
