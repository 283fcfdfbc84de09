// Which services does kept code name, and could it name one that nobody sees? See aws_services.h.
#include "plan/aws_services.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "languages/package_paths.h"
#include "plan/client_references.h"

namespace lambdapack {
namespace {

// What botocore's own credential providers make clients of (botocore/credentials.py, botocore/tokens.py).
constexpr std::array kOwnServices = {"sts", "sso", "sso-oidc", "signin"};

constexpr std::array kSdks = {"boto3", "botocore", "aiobotocore", "aioboto3"};

// The one alias that botocore has, of sagemaker-runtime (SERVICE_NAME_ALIASES in botocore/handlers.py).
constexpr std::string_view kAlias = "runtime.sagemaker";

constexpr std::string_view kData = "botocore/data/";

const Distribution* find_botocore(const LanguageView& languages) {
  for (const Distribution& one : languages.distributions)
    if (one.name == "botocore" && !is_layer_file(one.info)) return &one;
  return nullptr;
}

// Files by service.
std::map<std::string, std::vector<std::size_t>> list_services(const Package& package, const Distribution& botocore) {
  std::map<std::string, std::vector<std::size_t>> services;
  const std::string prefix = join_path(botocore.folder, kData);
  const auto [first, last] = files_with_prefix(package, prefix);
  for (std::size_t i = first; i < last; ++i) {
    const std::string_view rest = std::string_view(package.files[i].path).substr(prefix.size());
    const std::size_t slash = rest.find('/');
    if (slash != std::string_view::npos && std::ranges::binary_search(botocore.files, i))
      services[std::string(rest.substr(0, slash))].push_back(i);
  }
  return services;
}

class ServiceUse {
 public:
  explicit ServiceUse(const PythonCode& code)
      : code_(code),
        input_(code.input),
        languages_(input_.languages),
        all_(languages_.distributions),
        sources_(code.sources),
        idle_(code.idle) {
    for (const Distribution& one : all_)
      requires_sdk_.push_back(std::ranges::any_of(
          kSdks, [&](const char* sdk) { return std::ranges::binary_search(one.requires_, std::string(sdk)); }));
    knows_sdk_ = requires_sdk_;
    for (const PythonFile& source : sources_)
      if (const auto owner = languages_.distribution_of[source.file]; owner && imports_sdk(source))
        knows_sdk_[*owner] = true;
  }

  // Names in string constants: "s3", "s3.amazonaws.com", "s3://bucket".
  std::set<std::string, std::less<>> named() const {
    std::set<std::string, std::less<>> names(kOwnServices.begin(), kOwnServices.end());
    for (const PythonFile& source : sources_) {
      if (idle_[source.file] || (is_sdk_code(source.file) && !makes_credentials(source.file))) continue;
      for (const std::string& word : source.words) {
        names.insert(word);
        for (std::string_view rest = word; !rest.empty();) {
          const std::size_t end = std::min(rest.find_first_of("./"), rest.size());
          names.emplace(rest.substr(0, end));
          rest.remove_prefix(std::min(end + 1, rest.size()));
        }
      }
    }
    if (names.contains(kAlias)) names.insert("sagemaker-runtime");
    return names;
  }

  // Why a service may be used whose name is nowhere; empty when it cannot.
  Result<std::string> doubt() const {
    for (std::size_t i = 0; i < input_.package.files.size(); ++i)
      if (may_call_compiled(i) && is_compiled(i))
        return fmt::format("{} is compiled, and which services it uses does not show", path(i));
    LP_TRY(std::string unscanned, unscanned_doubt());
    if (!unscanned.empty()) return unscanned;
    for (const PythonFile& source : sources_) {
      if (idle_[source.file] || !may_call(source.file)) continue;
      if (!source.complete) return fmt::format("{} cannot be read to its end", path(source.file));
      for (const FileCall& call : source.calls)
        if (call.name.empty() && is_of_client(call, source))
          return fmt::format("{} calls {}() with a computed name", path(source.file), call.function);
      LP_TRY(const std::string reference, reference_in(source.file));
      if (!reference.empty()) return fmt::format("{} uses {}", path(source.file), reference);
    }
    return code_.unknown_layers ? "layers that are not known here may use more services" : std::string();
  }

 private:
  const std::string& path(std::size_t file) const { return input_.package.files[file].path; }

  // Whether the call may make a client. A name without an object in front of it is the SDK's when it is imported from
  // there; what else it may be was passed on somewhere, which client_reference finds.
  static bool is_of_client(const FileCall& call, const PythonFile& source) {
    if (call.function == "import_module" || call.function == "__import__") return false;
    return call.is_attribute || call.function == "create_client" ||
           std::ranges::any_of(source.imports, [&](const PythonImport& import) {
             return is_of_sdk(import.module) && std::ranges::any_of(import.names, [&](const std::string& name) {
                      return name == call.function || name == "*";
                    });
           });
  }

  static bool is_of_sdk(std::string_view module) {
    return std::ranges::find(kSdks, module.substr(0, module.find('.'))) != kSdks.end();
  }

  // Also by import_module: a name that is computed may be any that the source has.
  static bool imports_sdk(const PythonFile& source) {
    const bool computes = std::ranges::any_of(source.calls, [](const FileCall& call) {
      return call.name.empty() && (call.function == "import_module" || call.function == "__import__");
    });
    return std::ranges::any_of(
               source.imports,
               [](const PythonImport& import) { return import.level == 0 && is_of_sdk(import.module); }) ||
           std::ranges::any_of(source.calls, [](const FileCall& call) { return is_of_sdk(call.name); }) ||
           (computes && std::ranges::any_of(source.words, is_of_sdk));
  }

  // Archives, start scripts, .pth files and programs of the function's own that name an SDK.
  Result<std::string> unscanned_doubt() const {
    std::vector<std::size_t> files = find_unscanned_code(code_);
    std::erase_if(files, [&](std::size_t file) { return !may_call_compiled(file); });
    LP_TRY(const auto mentions,
           find_names(input_.package, input_.inventory, files, {kSdks.begin(), kSdks.end()}, code_.threads));
    if (mentions.empty()) return std::string();
    return fmt::format("{} names {}, and which services it uses does not show", path(mentions.front().file),
                       kSdks.at(mentions.front().needle));
  }

  bool is_sdk_code(std::size_t file) const {
    const auto owner = languages_.distribution_of[file];
    return owner && (all_[*owner].name == "boto3" || all_[*owner].name == "botocore");
  }

  bool makes_credentials(std::size_t file) const {
    return path(file).ends_with("botocore/credentials.py") || path(file).ends_with("botocore/tokens.py");
  }

  // Code of the function itself, of layers, and of distributions that know the SDK.
  bool may_call(std::size_t file) const {
    const auto owner = languages_.distribution_of[file];
    return !owner || (knows_sdk_[*owner] && !is_sdk_code(file) && all_[*owner].name != "s3transfer");
  }

  // The optional use of an SDK, as pandas has it, is in Python.
  bool may_call_compiled(std::size_t file) const {
    const auto owner = languages_.distribution_of[file];
    return may_call(file) && (!owner || requires_sdk_[*owner]);
  }

  bool is_compiled(std::size_t file) const {
    if (is_bytecode_without_source(input_.package, file)) return true;
    const auto& elf = input_.inventory.files[file].elf;
    return elf && std::ranges::any_of(elf->entry_points,
                                      [](const std::string& entry) { return entry.starts_with("PyInit_"); });
  }

  Result<std::string> reference_in(std::size_t file) const {
    thread_local std::vector<std::uint8_t> buffer;
    const Content& content = input_.package.files[file].content;
    LP_TRY(const Bytes bytes, content.read_once(buffer));
    std::string found = client_reference(as_text(bytes));
    content.release();
    return found;
  }

  const PythonCode& code_;
  const PlanInput& input_;
  const LanguageView& languages_;
  const std::vector<Distribution>& all_;
  const std::vector<PythonFile>& sources_;
  const std::vector<bool>& idle_;
  std::vector<bool> requires_sdk_, knows_sdk_;  // by distribution; knows: requires or imports
};

}  // namespace

void add_service_words(const Package& package, const LanguageView& languages, WordSet& words) {
  const Distribution* const botocore = find_botocore(languages);
  if (botocore == nullptr) return;
  words.add(kAlias);
  for (const char* sdk : kSdks) words.add(sdk);
  for (const auto& [service, files] : list_services(package, *botocore)) words.add(service);
}

Result<std::vector<ProposedDrop>> drop_unused_services(const PythonCode& code) {
  const Package& package = code.input.package;
  const Distribution* const botocore = find_botocore(code.input.languages);
  if (botocore == nullptr) return std::vector<ProposedDrop>();
  const ServiceUse use(code);
  const auto named = use.named();
  LP_TRY(const std::string doubt, use.doubt());
  std::vector<ProposedDrop> drops;
  for (const auto& [service, files] : list_services(package, *botocore)) {
    if (named.contains(service)) continue;
    for (const std::size_t file : files)
      drops.push_back({file, "drop-unused-aws-service",
                       fmt::format("no string constant of the code names the service {}{}{}", service,
                                   doubt.empty() ? "" : "; but ", doubt),
                       doubt.empty() ? Confidence::likely : Confidence::possible});
  }
  std::ranges::sort(drops, {}, &ProposedDrop::file);
  return drops;
}

}  // namespace lambdapack
