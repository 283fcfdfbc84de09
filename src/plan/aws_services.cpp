// Which services does kept code name, and could it name one that nobody sees? See aws_services.h.
#include "plan/aws_services.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "languages/package_paths.h"

namespace lambdapack {
namespace {

// What botocore's own credential providers make clients of (botocore/credentials.py, botocore/tokens.py).
constexpr std::array kOwnServices = {"sts", "sso", "sso-oidc", "signin"};

constexpr std::array kSdks = {"boto3", "botocore", "aiobotocore", "aioboto3"};

// Functions that take or list any service, by a name that calls need not have in plain text.
constexpr std::array kLoaders = {"get_available_services", "list_available_services", "load_service_model",
                                 "get_service_model",      "get_service_data",        "get_waiter_model",
                                 "get_paginator_model",    "determine_latest_version"};

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
  ServiceUse(const PlanInput& input, const std::vector<PythonFile>& sources, const std::vector<bool>& idle)
      : input_(input),
        languages_(input.languages),
        all_(input.languages.distributions),
        sources_(sources),
        idle_(idle) {
    for (const Distribution& one : all_)
      requires_sdk_.push_back(std::ranges::any_of(
          kSdks, [&](const char* sdk) { return std::ranges::binary_search(one.requires_, std::string(sdk)); }));
    knows_sdk_ = requires_sdk_;
    for (const PythonFile& source : sources)
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
    for (const PythonFile& source : sources_) {
      if (idle_[source.file] || !may_call(source.file)) continue;
      for (const FileCall& call : source.calls)
        if (call.name.empty() && call.function != "import_module" && call.function != "__import__")
          return fmt::format("{} calls {}() with a computed name", path(source.file), call.function);
      LP_TRY(const std::string reference, find_reference(source.file));
      if (!reference.empty()) return fmt::format("{} uses {}", path(source.file), reference);
    }
    return std::string();
  }

 private:
  const std::string& path(std::size_t file) const { return input_.package.files[file].path; }

  static bool imports_sdk(const PythonFile& source) {
    return std::ranges::any_of(source.imports, [](const PythonImport& import) {
      const std::string_view top = std::string_view(import.module).substr(0, import.module.find('.'));
      return import.level == 0 && std::ranges::find(kSdks, top) != kSdks.end();
    });
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

  // A function that makes clients and is passed on, or one of kLoaders.
  Result<std::string> find_reference(std::size_t file) const {
    thread_local std::vector<std::uint8_t> buffer;
    LP_TRY(const Bytes bytes, input_.package.files[file].content.read_once(buffer));
    const std::string_view text = as_text(bytes);
    std::string found;
    for (const char* loader : kLoaders)
      if (text.contains(loader)) found = loader;
    for (const std::string_view maker : {"boto3.client", "boto3.resource", "ession.client", "ession.resource",
                                         "ession().client", "ession().resource", "create_client"})
      for (std::size_t at = text.find(maker); at != std::string_view::npos; at = text.find(maker, at + 1)) {
        const std::size_t next = text.find_first_not_of(" \t", at + maker.size());
        const char c = next == std::string_view::npos ? '\0' : text[next];
        if (c == ',' || c == ')' || c == '\n' || c == '\r' || c == ']' || c == '}' || c == '\0')
          found = fmt::format("{} without a call", maker.starts_with("ession") ? "s" + std::string(maker) : maker);
      }
    input_.package.files[file].content.release();
    return found;
  }

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
  for (const auto& [service, files] : list_services(package, *botocore)) words.add(service);
}

Result<std::vector<ProposedDrop>> drop_unused_services(const PlanInput& input, const std::vector<PythonFile>& sources,
                                                       const std::vector<bool>& idle, bool unknown_layers) {
  const Distribution* const botocore = find_botocore(input.languages);
  if (botocore == nullptr) return std::vector<ProposedDrop>();
  const ServiceUse use(input, sources, idle);
  const auto named = use.named();
  LP_TRY(std::string doubt, use.doubt());
  if (doubt.empty() && unknown_layers) doubt = "layers that are not known here may use more services";
  std::vector<ProposedDrop> drops;
  for (const auto& [service, files] : list_services(input.package, *botocore)) {
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
