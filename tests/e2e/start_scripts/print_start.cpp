// What lambdapack expects of a package that a script starts: the order of libraries, and what a program then loads.
//
//   print_start FOLDER PROGRAM ARGUMENTS...
//
// FOLDER is the package, PROGRAM a path in it. Each further argument is --family NAME, --default FOLDER (of the host's
// loader), --outside FOLDER (of which the names are known), or NAME=VALUE of --env. Prints "doubt TEXT", or "usual" or
// "order FOLDERS", then "object PATH" per loaded file.
#include <filesystem>
#include <iostream>
#include <map>
#include <string>

#include <fmt/format.h>

#include "links/link_graph.h"
#include "package/read_package.h"
#include "plan/start_order.h"

namespace {

using namespace lambdapack;
namespace fs = std::filesystem;

struct Question {
  FunctionTarget target;
  std::map<std::string, std::string> env;
  std::vector<std::string> default_path, outside;
};

void add_names(LoaderProfile& profile, const std::string& folder) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    if (entry.is_regular_file(error)) profile.outside[folder].insert(entry.path().filename());
}

Question read_question(int argc, char** argv) {
  Question question;
  Runtime& runtime = question.target.runtime;
  runtime.id = "test";
  runtime.family = "provided";
  runtime.glibc = "2.37";  // without the older hwcaps folders, as the host's
  runtime.loader = "/lib64/ld-linux-x86-64.so.2";
  runtime.library_path = {"/var/lang/lib",    "/lib64",    "/usr/lib64",    "/var/runtime",
                          "/var/runtime/lib", "/var/task", "/var/task/lib", "/opt/lib"};
  runtime.program_path = {"/usr/bin", "/bin"};
  for (int i = 3; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--family")
      runtime.family = argv[++i];
    else if (argument == "--default")
      question.default_path.emplace_back(argv[++i]);
    else if (argument == "--outside")
      question.outside.emplace_back(argv[++i]);
    else
      question.env[argument.substr(0, argument.find('='))] = argument.substr(argument.find('=') + 1);
  }
  return question;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::cerr << "usage: print_start FOLDER PROGRAM ARGUMENTS...\n", 2;
  Question question = read_question(argc, argv);
  LoaderProfile profile = lambda_profile(question.target.runtime, question.env);
  profile.default_path = question.default_path;
  for (const std::string& folder : question.outside) add_names(profile, folder);
  const auto package = read_package(argv[1], {});
  if (!package) return std::cerr << to_string(package.error()) << "\n", 2;
  Progress progress(false);
  const auto inventory = take_inventory(*package, 1, progress);
  if (!inventory) return std::cerr << to_string(inventory.error()) << "\n", 2;
  const auto order = read_start_order(*package, *inventory, question.target, profile, question.env);
  if (!order) return std::cerr << to_string(order.error()) << "\n", 2;
  if (!order->doubt.empty()) return std::cout << "doubt " << order->doubt << "\n", 0;
  apply_start_order(*order, question.target, profile);
  std::cout << (order->library_path ? fmt::format("order {}", fmt::join(*order->library_path, ":")) : "usual") << "\n";
  for (std::size_t i = 0; i < package->files.size(); ++i) {
    if (package->files[i].path != argv[2]) continue;
    for (const LoadedObject& object : trace_load(*package, *inventory, profile, Mount{}, i).objects)
      std::cout << "object " << object.path << "\n";
  }
}
