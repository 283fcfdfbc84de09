// What lambdapack expects a dynamic loader to do, as lines that the truth test compares with what that loader did.
//
//   print_links [--bindings] PROFILE FOLDER [START...]
//
// PROFILE describes a host's loader (below), FOLDER is the package, START a path in it (all ELF files when none is
// given). Per start: "start PATH", then "object NAME PATH" in the order of symbol lookup, then "edge FROM NEEDED HOW
// STATE TARGET" in the order in which the loader is expected to ask. With --bindings, instead: "binding FROM TARGET
// SYMBOL VERSION" for each symbol that is bound, and "unbound FROM STATE SYMBOL VERSION" for each that is not; a START
// is then the main program, unless PROFILE names a bootstrap that opens it. Fields are separated by tabs.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "elf/read_elf.h"
#include "links/bindings.h"
#include "links/link_graph.h"
#include "package/read_package.h"

namespace {

using namespace lambdapack;
namespace fs = std::filesystem;

// The names of the libraries in a folder outside the package. root: where that file system is on this host.
void add_outside(LoaderProfile& profile, const std::string& root, const std::string& folder) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(root + folder, error))
    if (entry.is_regular_file(error)) profile.outside[folder].insert(entry.path().filename());
}

// What the libraries outside say of themselves, as far as anything in the package leads to them; and their bytes.
std::map<std::string, Content> read_outside(LoaderProfile& profile, const std::string& root,
                                            const Inventory& inventory) {
  std::map<std::string, Content> contents;
  std::vector<std::string> names(profile.preload);
  names.push_back(profile.loader);
  for (const FileRecord& record : inventory.files)
    if (record.elf) names.insert(names.end(), record.elf->needed.begin(), record.elf->needed.end());
  std::set<std::string> seen;
  while (!names.empty()) {
    const std::string name = fs::path(names.back()).filename();
    names.pop_back();
    if (!seen.insert(name).second) continue;
    for (const auto& [folder, files] : profile.outside) {
      if (!files.contains(name)) continue;
      std::error_code error;
      const fs::path real = fs::canonical(root + folder + "/" + name, error);  // contents are not read through links
      const Content content = Content::from_file(real, fs::file_size(real, error));
      const auto bytes = content.read();
      if (!bytes || !has_elf_magic(*bytes)) continue;
      const ElfInfo elf = read_elf(*bytes);
      names.insert(names.end(), elf.needed.begin(), elf.needed.end());
      profile.outside_elf[folder + "/" + name] = elf;
      contents.emplace(folder + "/" + name, content);
    }
  }
  return contents;
}

// One setting per line, "KEY VALUE"; a key may come more than once, and "root" before "outside".
LoaderProfile read_profile(const std::string& path, Mount& mount, std::string& root) {
  LoaderProfile profile;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t space = line.find(' ');
    const std::string key = line.substr(0, space), value = space == std::string::npos ? "" : line.substr(space + 1);
    if (key == "machine")
      profile.machine = static_cast<std::uint16_t>(std::stoul(value));
    else if (key == "lib")
      profile.lib = value;
    else if (key == "platform")
      profile.platform = value;
    else if (key == "hwcaps")
      profile.hwcaps.push_back(value);
    else if (key == "library_path")
      profile.library_path.push_back(value);
    else if (key == "cached")
      profile.cached_path.push_back(value);
    else if (key == "default")
      profile.default_path.push_back(value);
    else if (key == "loader")
      profile.loader = value;
    else if (key == "loaded")
      profile.loaded.insert(value);
    else if (key == "preload")
      profile.preload.push_back(value);
    else if (key == "working_folder")
      profile.working_folder = value;
    else if (key == "program_folder")
      profile.program_folder = value;
    else if (key == "bootstrap")
      profile.bootstraps.push_back(value);
    else if (key == "mount")
      mount.folder = value;
    else if (key == "root")
      root = value;
    else if (key == "outside")
      add_outside(profile, root, value);
    else if (!key.empty())
      std::cerr << "print_links: unknown key " << key << "\n", std::exit(2);
  }
  return profile;
}

void print_start(const Package& package, const Inventory& inventory, const LoaderProfile& profile, const Mount& mount,
                 std::size_t start) {
  const LoadTrace trace = trace_load(package, inventory, profile, mount, start);
  std::cout << "start\t" << package.files[start].path << "\n";
  for (const LoadedObject& object : trace.objects)
    std::cout << "object\t" << object.name << "\t" << object.path << "\n";
  for (const Edge& edge : trace.edges) {
    const std::string target = edge.target ? mount.folder + "/" + package.files[*edge.target].path : edge.outside;
    std::cout << "edge\t" << mount.folder << "/" << package.files[edge.from].path << "\t" << edge.needed << "\t"
              << to_string(edge.how) << "\t" << to_string(edge.state) << (edge.optional ? "?" : "") << "\t"
              << edge.folder << "\t" << target << "\n";
  }
}

bool print_bindings(const Package& package, const Inventory& inventory, const LoaderProfile& profile,
                    const Mount& mount, std::size_t start, const std::map<std::string, Content>& outside) {
  const auto bindings =
      trace_bindings({package, inventory, profile, mount, {{start, profile.bootstraps.empty()}}, outside, 1});
  if (!bindings) {
    std::cerr << "print_links: " << to_string(bindings.error()) << "\n";
    return false;
  }
  std::cout << "start\t" << package.files[start].path << "\n";
  for (const TracedBinding& binding : *bindings) {
    const bool bound = !binding.target.empty();
    std::cout << (bound ? "binding" : "unbound") << "\t" << binding.from << "\t"
              << (bound ? std::string_view(binding.target) : to_string(binding.to)) << "\t" << binding.symbol << "\t"
              << binding.version << "\n";
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const bool bindings = argc > 1 && std::string_view(argv[1]) == "--bindings";
  if (bindings) --argc, ++argv;
  if (argc < 3) {
    std::cerr << "usage: print_links [--bindings] PROFILE FOLDER [START...]\n";
    return 2;
  }
  Mount mount;
  std::string root;
  LoaderProfile profile = read_profile(argv[1], mount, root);
  const auto package = read_package(argv[2], {});
  if (!package) {
    std::cerr << "print_links: " << to_string(package.error()) << "\n";
    return 2;
  }
  Progress progress(false);
  const auto inventory = take_inventory(*package, 1, progress);
  if (!inventory) {
    std::cerr << "print_links: " << to_string(inventory.error()) << "\n";
    return 2;
  }
  const std::map<std::string, Content> outside = read_outside(profile, root, *inventory);
  for (std::size_t i = 0; i < package->files.size(); ++i) {
    const bool asked = argc == 3 || std::find(argv + 3, argv + argc, package->files[i].path) != argv + argc;
    if (!asked || !inventory->files[i].elf) continue;
    if (!bindings)
      print_start(*package, *inventory, profile, mount, i);
    else if (!print_bindings(*package, *inventory, profile, mount, i, outside))
      return 2;
  }
}
