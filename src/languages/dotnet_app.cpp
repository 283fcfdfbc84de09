// Formats: github.com/dotnet/sdk documentation/specs/runtime-configuration-file.md. RIDs: .NET 8 and later know the
// portable ones only ("RID graph", learn.microsoft.com/dotnet/core/compatibility/deployment/8.0/rid-asset-list).
#include "languages/dotnet_app.h"

#include <nlohmann/json.hpp>

#include "languages/package_paths.h"

namespace lambdapack {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMostBytes = 16 << 20;
constexpr std::string_view kRuntimes = "runtimes/", kNative = "/native/";

const json* member(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found == object.end() ? nullptr : &*found;
}

std::string text_at(const json& object, const char* key) {
  const json* const value = member(object, key);
  const auto* const text = value == nullptr ? nullptr : value->get_ptr<const json::string_t*>();
  return text == nullptr ? std::string() : *text;
}

std::optional<DotnetConfig> parse_config(const json& root) {
  const json* const options = member(root, "runtimeOptions");
  if (options == nullptr || !options->is_object()) return std::nullopt;
  DotnetConfig config;
  config.roll_forward = text_at(*options, "rollForward");
  const auto add = [&](const json& framework) {
    if (std::string name = text_at(framework, "name"); !name.empty())
      config.frameworks.push_back({std::move(name), text_at(framework, "version")});
  };
  if (const json* const one = member(*options, "framework")) add(*one);
  if (const json* const several = member(*options, "frameworks"); several != nullptr && several->is_array())
    for (const json& each : *several) add(each);
  return config;
}

std::optional<DotnetPublish> parse_publish(const json& root) {
  const json* const target = member(root, "runtimeTarget");
  if (target == nullptr) return std::nullopt;
  // ".NETCoreApp,Version=v8.0/linux-x64"; a plain string in files of .NET Core 1.
  const auto* const plain = target->get_ptr<const json::string_t*>();
  const std::string name = plain != nullptr ? *plain : text_at(*target, "name");
  const std::size_t slash = name.find('/');
  return DotnetPublish{0, slash == std::string::npos ? std::string() : name.substr(slash + 1)};
}

}  // namespace

Result<DotnetApp> read_dotnet_app(const Package& package) {
  DotnetApp app;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const PackageFile& file = package.files[i];
    if (file.kind != FileKind::regular) continue;
    if (const auto rid = native_rid(file.path)) app.natives[std::string(base_name(file.path))].insert(*rid);
    const bool is_config = file.path.ends_with(".runtimeconfig.json"), is_publish = file.path.ends_with(".deps.json");
    if ((!is_config && !is_publish) || file.path.contains('/') || file.size() > kMostBytes) continue;
    LP_TRY(const Bytes bytes, file.content.read());
    const json root = json::parse(as_text(bytes), nullptr, false);
    file.content.release();
    if (auto config = is_config ? parse_config(root) : std::nullopt) {
      config->file = i;
      app.configs.push_back(*std::move(config));
    }
    if (auto publish = is_publish ? parse_publish(root) : std::nullopt) {
      publish->file = i;
      app.publishes.push_back(*std::move(publish));
    }
  }
  return app;
}

std::vector<std::string> rids_on_lambda(Arch arch) {
  const std::string cpu = arch == Arch::x86_64 ? "x64" : "arm64";
  return {"linux-" + cpu, "unix-" + cpu, "linux", "unix", "any"};
}

std::optional<std::string> native_rid(std::string_view path) {
  std::size_t at = path.find(kRuntimes);
  while (at != std::string_view::npos && at != 0 && path[at - 1] != '/') at = path.find(kRuntimes, at + 1);
  if (at == std::string_view::npos) return std::nullopt;
  path.remove_prefix(at + kRuntimes.size());
  const std::size_t end = path.find('/');
  if (end == std::string_view::npos || !path.substr(end).starts_with(kNative)) return std::nullopt;
  return std::string(path.substr(0, end));
}

}  // namespace lambdapack
