// What does a program need on Lambda that is not there?
//
// Breadth first over needed names, as the loader goes. A name that the runtime has is left to the runtime: its copy is
// found first (docs/decisions/0006) and is in memory already, where a bundled one is read cold at every start. With
// --bundle-libc it is the other way round: everything comes along, because the runtime's libraries were built for the
// runtime's libc and nothing is known of what they need of it.
#include "plan/bundle_program.h"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <memory>

#include <fmt/format.h>

#include "base/find_strings.h"
#include "base/units.h"
#include "links/file_view.h"
#include "links/host_libraries.h"
#include "package/add_files.h"
#include "plan/launcher.h"
#include "plan/version_misfit.h"

namespace lambdapack {
namespace {

constexpr std::size_t kMostLibraries = 4096;  // a closure that is larger was made to be

bool is_musl(const ElfInfo& elf) {
  return elf.interpreter.contains("ld-musl") || std::ranges::any_of(elf.needed, [](const std::string& name) {
           return name == "libc.so" || name.starts_with("libc.musl-");
         });
}

bool imports(const ElfInfo& elf, std::initializer_list<std::string_view> symbols) {
  return std::ranges::any_of(elf.undefined_symbols, [&](const std::string& versioned) {
    const std::string_view name = std::string_view(versioned).substr(0, versioned.find('@'));
    return std::ranges::find(symbols, name) != symbols.end();
  });
}

// "/home/ada/build/function" for the path that the user gave; "function" for standard input.
std::string program_on_this_machine(const std::string& source) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(source.c_str(), nullptr), &std::free);
  return real == nullptr ? "function" : real.get();
}

class Bundler {
 public:
  Bundler(Package package, const Inventory& inventory, const FunctionTarget& target, const BundleOptions& options)
      : inventory_(inventory), target_(target), options_(options) {
    bundle_.package = std::move(package);
  }

  Result<Bundle> run() {
    const PackageFile* const file = bundle_.package.find("bootstrap");
    program_ = *inventory_.files[static_cast<std::size_t>(file - bundle_.package.files.data())].elf;
    LP_TRY(system_, read_host_system(options_.sysroot, program_.machine));
    const std::string host_path = program_on_this_machine(bundle_.package.source);
    const std::string origin(folder_name_of(host_path));
    follow(program_, "bootstrap", origin, false, {});
    if (is_musl(program_) && !options_.bundle_libc)
      return fail(printable(bundle_.package.source), fmt::format("is built for musl, {} has glibc", target_.runtime.id),
                  "link it statically (-static), build it for glibc, or pass --bundle-libc to ship musl with it");
    if (!misfits_.empty() && !options_.bundle_libc) return refuse();
    if (options_.bundle_libc && (is_musl(program_) || !misfits_.empty())) {
      LP_CHECK(bundle_libc(host_path, origin));
    } else {
      LP_CHECK(add_libraries({}));
      bundle_.reason =
          fmt::format("{} has all other libraries that it needs, in the versions that it needs", target_.runtime.id);
      if (options_.bundle_libc) say_libc_not_needed();
    }
    say_what_else();
    std::ranges::sort(bundle_.missing);
    return std::move(bundle_);
  }

 private:
  struct Waiting {
    const ElfInfo* elf = nullptr;
    std::string path;  // in the package
    HostAsker asker;
  };

  std::unexpected<Error> refuse() const {
    const bool only_cpp = std::ranges::all_of(misfits_, [](const VersionMisfit& misfit) {
      return misfit.version.starts_with("GLIBCXX") || misfit.version.starts_with("CXXABI");
    });
    const bool al2 = target_.runtime.os == "al2";
    std::string hint =
        fmt::format("build it on {} or with an older --sysroot", al2 ? "Amazon Linux 2" : "Amazon Linux 2023");
    if (only_cpp) hint += ", link with -static-libstdc++ -static-libgcc";
    if (al2) hint += ", choose --runtime provided.al2023";
    return fail(printable(bundle_.package.source), misfit_text(misfits_, target_.runtime),
                hint + ", or pass --bundle-libc: the package then brings its own C library, which costs cold start");
  }

  bool provided(const std::string& name) const {
    return !own_libc_ && (target_.runtime.folder_of(name).has_value() || options_.layer_libraries.contains(name));
  }

  // What --add brought is where LD_LIBRARY_PATH looks: at the top and in lib/.
  const ElfInfo* added(const std::string& name) const {
    for (const std::string& path : {name, "lib/" + name}) {
      const PackageFile* const file = bundle_.package.find(path);
      if (file == nullptr) continue;
      const auto& elf = inventory_.files[static_cast<std::size_t>(file - bundle_.package.files.data())].elf;
      if (elf) return &*elf;
    }
    return nullptr;
  }

  // Adds to found_ what elf and everything below it needs; notes misfits_ and bundle_.missing on the way.
  void follow(const ElfInfo& elf, const std::string& path, const std::string& origin, bool in_sysroot,
              const std::vector<std::string>& chain) {
    std::deque<Waiting> queue;
    const auto add = [&](const ElfInfo& next, const std::string& at, const HostAsker& asker) {
      if (!own_libc_) std::ranges::move(version_misfits(at, next, target_.runtime), std::back_inserter(misfits_));
      queue.push_back({&next, at, asker});
    };
    add(elf, path, host_asker(elf, origin, in_sysroot, chain));
    while (!queue.empty()) {
      const Waiting waiting = std::move(queue.front());
      queue.pop_front();
      for (const std::string& name : waiting.elf->needed) {
        if (name.contains('/') || !seen_.insert(name).second || provided(name)) continue;
        if (const ElfInfo* const here = added(name)) {
          add(*here, "lib/" + name, waiting.asker);
          continue;
        }
        auto library = found_.size() < kMostLibraries
                           ? find_host_library(system_, name, waiting.asker, program_.machine)
                           : std::nullopt;
        if (!library) {
          bundle_.missing.push_back(name);
          continue;
        }
        const HostLibrary& kept = found_.emplace_back(std::move(*library));
        needed_by_.push_back(waiting.path);
        add(kept.elf, "lib/" + name,
            host_asker(kept.elf, kept.origin, kept.in_sysroot,
                       waiting.asker.in_sysroot == kept.in_sysroot ? waiting.asker.rpath : std::vector<std::string>{}));
      }
    }
  }

  Result<void> add_libraries(std::vector<PackageFile> more) {
    std::vector<PackageFile> files;
    for (const PackageFile& file : bundle_.package.files)
      if (!own_libc_ || file.path != "bootstrap") files.push_back(file);
    std::ranges::move(more, std::back_inserter(files));
    for (std::size_t i = 0; i < found_.size(); ++i) {
      PackageFile file;
      file.path = "lib/" + found_[i].name;
      file.mode = 0755;
      file.content = found_[i].content;
      bundle_.libraries.push_back({file.path, found_[i].path, needed_by_[i], file.size()});
      files.push_back(std::move(file));
    }
    std::ranges::sort(bundle_.libraries, {}, &BundledLibrary::path);
    LP_TRY(bundle_.package, with_files(std::move(bundle_.package), std::move(files), options_.read));
    return {};
  }

  Result<void> bundle_libc(const std::string& host_path, const std::string& origin) {
    const std::string why = is_musl(program_) ? "it is built for musl" : misfit_text(misfits_, target_.runtime);
    const std::string program = "bin/" + std::string(file_name_of(host_path));
    bundle_.own_libc = own_libc_ = true;
    seen_.clear();
    found_.clear();
    needed_by_.clear();
    bundle_.missing.clear();

    auto loader = open_host_library(system_, program_.interpreter, program_.machine);
    if (!loader)
      return fail(printable(bundle_.package.source),
                  fmt::format("asks for the loader {}, which {} does not have", printable(program_.interpreter),
                              system_.sysroot.empty() ? "this machine" : system_.sysroot),
                  "pass --sysroot with the root that the program was built for");
    // musl's has known --library-path since 2011, compares its options inline, and has --argv0 only since 1.1.24.
    bool argv0 = false;
    if (!is_musl(program_)) {
      LP_TRY(const Bytes loader_bytes, loader->content.read());
      if (StringSet({"--library-path"}).find_in(loader_bytes).empty())
        return fail(printable(loader->path), "is a loader that does not know --library-path",
                    "link the program statically, or build it for glibc or musl");
      argv0 = !StringSet({"--argv0"}).find_in(loader_bytes).empty();
    }
    const std::string loader_name = loader->name;
    seen_.insert(loader_name);
    std::vector<PackageFile> more;
    if (is_musl(program_)) add_musl_names(loader_name, more);
    const HostLibrary& kept = found_.emplace_back(std::move(*loader));
    needed_by_.push_back(program);
    follow(kept.elf, "lib/" + loader_name, kept.origin, true, {});
    follow(program_, program, origin, false, {});
    follow_evidence(program);

    LP_TRY(std::vector<std::uint8_t> launcher,
           make_launcher(target_.arch, {"lib/" + loader_name, "lib", program, argv0}));
    PackageFile moved = *bundle_.package.find("bootstrap");
    PackageFile starter = moved;
    moved.path = program;
    starter.content = Content::from_bytes(std::move(launcher));
    more.push_back(std::move(moved));
    more.push_back(std::move(starter));
    LP_CHECK(add_libraries(std::move(more)));
    say_cost(why);
    return {};
  }

  // musl's libc is its loader, and answers to these names itself; the links are for whoever looks for a file.
  void add_musl_names(const std::string& loader_name, std::vector<PackageFile>& more) {
    for (const std::string& name : program_.needed) {
      if (name != "libc.so" && !name.starts_with("libc.musl-")) continue;
      seen_.insert(name);
      PackageFile link;
      link.path = "lib/" + name;
      link.kind = FileKind::symlink;
      link.mode = 0777;
      link.link_target = loader_name;
      if (name != loader_name) more.push_back(std::move(link));
    }
  }

  // What glibc opens by name: libgcc_s to end or unwind a thread; before 2.34 also the name service of files and DNS,
  // which are part of libc.so.6 since then (glibc's NEWS).
  void follow_evidence(const std::string& program) {
    if (is_musl(program_)) return;
    bool names = false, threads = false, built_in = false;
    const auto look = [&](const ElfInfo& elf) {
      names |= imports(elf, {"getaddrinfo", "gethostbyname", "gethostbyname_r", "getpwnam", "getpwnam_r", "getpwuid",
                             "getpwuid_r", "getgrnam", "getgrgid", "getservbyname"});
      threads |= imports(elf, {"pthread_cancel", "pthread_exit", "backtrace"});
      if (elf.soname == "libc.so.6") built_in = std::ranges::binary_search(elf.versions_defined, "GLIBC_2.34");
    };
    look(program_);
    for (const HostLibrary& library : found_)
      // libc's parts import from each other what a program may never call.
      if (!std::ranges::any_of(library.elf.versions_needed,
                               [](const VersionNeed& need) { return need.version == "GLIBC_PRIVATE"; }))
        look(library.elf);
      else if (library.elf.soname == "libc.so.6")
        built_in = std::ranges::binary_search(library.elf.versions_defined, "GLIBC_2.34");
    ElfInfo opened;
    opened.machine = program_.machine;
    if (threads) opened.needed.push_back("libgcc_s.so.1");
    if (names && !built_in) opened.needed.insert(opened.needed.end(), {"libnss_files.so.2", "libnss_dns.so.2"});
    std::vector<std::string> wanted;
    for (const std::string& name : opened.needed)
      if (!seen_.contains(name)) wanted.push_back(name);
    if (!opened.needed.empty()) follow(opened, program, "/", true, {});
    // Without them only what would have opened them fails: nobody needs them by an entry.
    std::erase_if(bundle_.missing,
                  [&](const std::string& name) { return std::ranges::find(wanted, name) != wanted.end(); });
    for (const HostLibrary& library : found_)
      if (std::ranges::find(wanted, library.name) != wanted.end()) opened_by_name_.push_back(library.name);
  }

  void note(std::string code, std::string message, std::string help) {
    bundle_.package.findings.push_back({std::move(code), Severity::info, {}, {}, std::move(message), std::move(help)});
  }

  void say_cost(const std::string& why) {
    std::uint64_t bytes = 0;
    for (const BundledLibrary& library : bundle_.libraries) bytes += library.bytes;
    bundle_.reason = why;
    std::string message = fmt::format(
        "brings its own loader, C library and all other libraries ({} files, {}), because {}. All of it is read cold "
        "at every cold start: in one measurement 59 ms instead of 21 ms against the runtime's libraries",
        bundle_.libraries.size(), format_bytes(bytes), why);
    if (!opened_by_name_.empty())
      message += fmt::format("; {} are opened by name, as its imports show", fmt::join(opened_by_name_, ", "));
    note("bundled-libc", std::move(message),
         target_.runtime.os == "al2"
             ? "choose --runtime provided.al2023, or build on the runtime's Amazon Linux"
             : "build on Amazon Linux 2023 or with an older --sysroot, and leave --bundle-libc out");
  }

  void say_libc_not_needed() {
    note("bundled-libc-not-needed",
         fmt::format("every version that it needs is in {}, so its own C library was left out", target_.runtime.id),
         "leave --bundle-libc out");
  }

  // What no needed entry says: certificates, character sets, and whatever is opened by name.
  void say_what_else() {
    bool opens = program_.calls_dlopen, converts = false;
    std::string certificates;
    const StringSet paths({"/etc/ssl/certs/ca-certificates.crt", "/usr/lib/ssl", "/etc/ssl/cert.pem"});
    for (const HostLibrary& library : found_) {
      const auto bytes = library.content.read();
      if (bytes && certificates.empty() && !paths.find_in(*bytes).empty()) certificates = library.name;
      library.content.release();
    }
    converts = own_libc_ && imports(program_, {"iconv_open"});
    if (!certificates.empty())
      note("bundled-certificates",
           fmt::format("lib/{} looks for CA certificates where this machine has them; Amazon Linux has them in "
                       "/etc/pki/tls/certs/ca-bundle.crt",
                       certificates),
           "set SSL_CERT_FILE=/etc/pki/tls/certs/ca-bundle.crt (or CURL_CA_BUNDLE) in the function's configuration");
    if (converts)
      note("bundled-libc-converts",
           "bootstrap's program calls iconv_open: without gconv modules the C library converts only between UTF-8, "
           "UTF-16, UCS-2, UCS-4 and ASCII",
           "add the modules with --add GCONV_FOLDER:lib/gconv and set GCONV_PATH=/var/task/lib/gconv");
    if (opens)
      note("bundle-opens-libraries", "the program calls dlopen: what it opens by name is in no needed entry",
           "add such libraries with --add FILE:lib/");
  }

  const Inventory& inventory_;
  const FunctionTarget& target_;
  const BundleOptions& options_;
  Bundle bundle_;
  HostSystem system_;
  ElfInfo program_;
  bool own_libc_ = false;
  std::set<std::string> seen_;
  std::deque<HostLibrary> found_;  // a deque: ElfInfo pointers into it stay valid
  std::vector<std::string> needed_by_;
  std::vector<std::string> opened_by_name_;
  std::vector<VersionMisfit> misfits_;
};

}  // namespace

bool is_single_program(const Package& package, const Inventory& inventory, const FunctionTarget& target) {
  if (package.kind != InputKind::elf || target.runtime.family != "provided") return false;
  const PackageFile* const file = package.find("bootstrap");
  if (file == nullptr) return false;
  const auto& elf = inventory.files[static_cast<std::size_t>(file - package.files.data())].elf;
  return elf && elf->machine == elf_machine(target.arch) && elf->is64;
}

Result<Bundle> bundle_program(Package package, const Inventory& inventory, const FunctionTarget& target,
                              const BundleOptions& options) {
  return Bundler(std::move(package), inventory, target, options).run();
}

void use_own_libc(FunctionTarget& target, LoaderProfile& profile, const std::vector<std::string>& folders) {
  target.brings_libc = true;
  target.runtime.libraries.clear();
  target.runtime.ceilings.clear();
  target.runtime.versions.clear();
  target.runtime.preloaded.clear();
  profile.loaded.clear();
  profile.library_path = folders;
  for (auto found = profile.outside.begin(); found != profile.outside.end();) {
    const bool searched = std::ranges::find(folders, found->first) != folders.end();
    found = searched || found->first.starts_with("/opt") ? std::next(found) : profile.outside.erase(found);
  }
}

}  // namespace lambdapack
