// Which files did a Python package manager install, and for which distribution?
//
// RECORD is the authority: what it does not name is the user's own and is never dropped as part of a distribution. A
// distribution without RECORD owns only its dist-info folder, because a folder that happens to have the same name as a
// distribution may hold the user's code. Bytecode is not in RECORD when it was compiled later: it belongs to its
// source.

#include "languages/distributions.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "base/parallel.h"
#include "languages/package_paths.h"
#include "languages/python_extension.h"

namespace lambdapack {

namespace {

// Real METADATA headers end within 100 KB; the description after them may be any length and is not read.
constexpr std::size_t kMetadataBytes = 1 << 20;
// The longest RECORDs (botocore, ansible) have some MB.
constexpr std::uint64_t kRecordBytes = 64 << 20;

bool is_info_name(std::string_view name) {
  return (name.ends_with(".dist-info") && name.size() > 10) || (name.ends_with(".egg-info") && name.size() > 9);
}

// Paths of the dist-info folders and egg-info folders or files, sorted.
std::set<std::string, std::less<>> info_paths(const Package& package) {
  std::set<std::string, std::less<>> paths;
  for (const PackageFile& file : package.files) {
    if (file.kind == FileKind::directory) continue;
    std::size_t begin = 0;
    const std::string_view path = file.path;
    while (begin <= path.size()) {
      const std::size_t end = std::min(path.find('/', begin), path.size());
      if (is_info_name(path.substr(begin, end - begin))) {
        paths.emplace(path.substr(0, end));
        break;
      }
      begin = end + 1;
    }
  }
  return paths;
}

// The text of a file, "" when there is none; longer files are cut.
Result<std::string> text_of(const Package& package, std::string_view path, std::uint64_t limit) {
  const auto index = file_at(package, path);
  if (!index || package.files[*index].kind != FileKind::regular) return std::string();
  const Content& content = package.files[*index].content;
  LP_TRY(const auto bytes, content.slice(0, static_cast<std::size_t>(std::min(content.size(), limit))));
  return std::string(as_text(bytes));
}

// x.py -> __pycache__/x.cpython-312.pyc, …/x.cpython-312.opt-1.pyc, and x.pyc beside it.
std::vector<std::size_t> bytecode_of(const Package& package, std::size_t source) {
  const std::string_view path = package.files[source].path;
  if (!path.ends_with(".py")) return {};
  std::vector<std::size_t> files;
  const std::string_view stem = base_name(path.substr(0, path.size() - 3));
  const std::string prefix = join_path(parent_folder(path), fmt::format("__pycache__/{}.", stem));
  const auto [first, last] = files_with_prefix(package, prefix);
  for (std::size_t i = first; i < last; ++i) {
    std::string_view tag = std::string_view(package.files[i].path).substr(prefix.size());
    if (!tag.ends_with(".pyc")) continue;
    tag.remove_suffix(4);
    const std::size_t dot = tag.find('.');
    if (dot == std::string_view::npos || tag.substr(dot).starts_with(".opt-")) files.push_back(i);
  }
  for (const char* suffix : {"c", "o"})
    if (const auto beside = file_at(package, std::string(path) + suffix)) files.push_back(*beside);
  return files;
}

// Importable names of the files: "six" of six.py, "dateutil" of dateutil/__init__.py, "_cffi_backend" of its .so.
std::set<std::string> top_level_names(const Package& package, const Distribution& distribution) {
  std::set<std::string> names;
  const std::size_t skip = distribution.folder.empty() ? 0 : distribution.folder.size() + 1;
  for (const std::size_t index : distribution.files) {
    std::string_view path = package.files[index].path;
    if (path.size() <= skip || !path.starts_with(distribution.folder)) continue;
    path.remove_prefix(skip);
    const std::size_t slash = path.find('/');
    const bool code = path.ends_with(".py") || path.ends_with(".so") || path.ends_with(".pyc");
    if (slash != std::string_view::npos) {
      const std::string_view top = path.substr(0, slash);
      const bool is_package = top.find_first_of(".-") == std::string_view::npos && top != "__pycache__" && top != "bin";
      if (code && is_package) names.emplace(top);
    } else if (path.ends_with(".py")) {
      names.emplace(path.substr(0, path.size() - 3));
    } else if (const auto extension = parse_python_extension(path)) {
      names.insert(extension->module);
    }
  }
  return names;
}

std::vector<std::size_t> sorted_unique(std::vector<std::size_t> values) {
  std::ranges::sort(values);
  values.erase(std::ranges::unique(values).begin(), values.end());
  return values;
}

// The files that RECORD (or an egg-info's installed-files.txt) names, as far as the package has them.
Result<std::vector<std::size_t>> recorded_files(const Package& package, const Distribution& distribution) {
  std::vector<std::size_t> files;
  LP_TRY(const auto record, read_record(package, distribution));
  for (const RecordEntry& entry : record)
    if (const auto index = recorded_file(package, distribution.folder, entry.path)) files.push_back(*index);
  if (!distribution.info.ends_with(".egg-info")) return files;
  LP_TRY(const std::string installed, text_of(package, distribution.info + "/installed-files.txt", kRecordBytes));
  for (const std::string_view line : non_empty_lines(installed))
    if (const auto index = recorded_file(package, distribution.info, line)) files.push_back(*index);
  return files;
}

Result<Distribution> read_distribution(const Package& package, const std::string& info) {
  Distribution distribution;
  distribution.info = info;
  distribution.folder = parent_folder(info);

  const bool one_file = file_at(package, info).has_value();  // Debian's and old distutils' form of an egg-info
  const bool egg = info.ends_with(".egg-info");
  const std::string metadata_path = one_file ? info : info + (egg ? "/PKG-INFO" : "/METADATA");
  LP_TRY(const std::string metadata_text, text_of(package, metadata_path, kMetadataBytes));
  PythonMetadata metadata = parse_python_metadata(metadata_text);
  distribution.name = normalise_distribution_name(metadata.name);
  distribution.version = metadata.version;
  distribution.requirements = std::move(metadata.requirements);
  if (egg && !one_file) {
    LP_TRY(const std::string requires_text, text_of(package, info + "/requires.txt", kMetadataBytes));
    std::ranges::move(parse_egg_requires(requires_text), std::back_inserter(distribution.requirements));
  }
  std::set<std::string> names;
  for (const Requirement& requirement : distribution.requirements) names.insert(requirement.name);
  distribution.requires_ = {names.begin(), names.end()};

  LP_TRY(distribution.files, recorded_files(package, distribution));
  const std::size_t recorded = distribution.files.size();
  for (std::size_t i = 0; i < recorded; ++i)
    std::ranges::copy(bytecode_of(package, distribution.files[i]), std::back_inserter(distribution.files));
  if (one_file) distribution.files.push_back(*file_at(package, info));
  const auto [first, last] = files_below(package, info);
  for (std::size_t i = first; i < last; ++i) distribution.files.push_back(i);
  distribution.files = sorted_unique(std::move(distribution.files));

  LP_TRY(const std::string wheel, text_of(package, info + "/WHEEL", kMetadataBytes));
  distribution.tags = parse_wheel_tags(wheel);
  LP_TRY(const std::string top_level, text_of(package, info + "/top_level.txt", kMetadataBytes));
  std::set<std::string> importable = top_level_names(package, distribution);
  for (const std::string_view line : non_empty_lines(top_level)) importable.emplace(line);
  distribution.top_level = {importable.begin(), importable.end()};
  LP_TRY(const std::string entry_points, text_of(package, info + "/entry_points.txt", kMetadataBytes));
  distribution.entry_points = parse_entry_points(entry_points);
  return distribution;
}

// "boto3-1.40.0.dist-info" says name and version as well.
Distribution named_after_folder(Distribution distribution) {
  std::string_view stem = base_name(distribution.info);
  stem = stem.substr(0, stem.rfind('.'));
  const std::size_t dash = stem.find('-');
  distribution.name = normalise_distribution_name(stem.substr(0, dash));
  if (distribution.version.empty() && dash != std::string_view::npos) {
    const std::string_view version = stem.substr(dash + 1);
    distribution.version = version.substr(0, version.find("-py"));
  }
  return distribution;
}

}  // namespace

std::optional<std::size_t> recorded_file(const Package& package, std::string_view folder, std::string_view path) {
  if (path.empty() || path.starts_with('/')) return std::nullopt;
  const auto is_file = [&](std::optional<std::size_t> index) {
    return index && package.files[*index].kind != FileKind::directory;
  };
  if (!path.contains("./")) {
    const auto index = file_at(package, join_path(folder, path));
    return is_file(index) ? index : std::nullopt;
  }
  if (const auto normal = normalise_path(join_path(folder, path)))
    if (const auto index = file_at(package, *normal); is_file(index)) return index;
  // pip --target installs into lib/python of a temporary folder and then moves bin/ and share/ beside the modules, but
  // leaves
  // "../../bin/x" in RECORD: https://github.com/pypa/pip/blob/main/src/pip/_internal/commands/install.py
  if (path.starts_with("../../") && !path.substr(6).contains("../"))
    if (const auto index = file_at(package, join_path(folder, path.substr(6))); is_file(index)) return index;
  return std::nullopt;
}

Result<std::vector<RecordEntry>> read_record(const Package& package, const Distribution& distribution) {
  LP_TRY(const std::string text, text_of(package, distribution.info + "/RECORD", kRecordBytes));
  return parse_record(text);
}

Result<Distributions> read_distributions(const Package& package, unsigned threads) {
  const auto paths = info_paths(package);
  const std::vector<std::string> infos(paths.begin(), paths.end());
  std::vector<Result<Distribution>> read(infos.size());
  parallel_for(infos.size(), threads, [&](std::size_t i) { read[i] = read_distribution(package, infos[i]); });

  Distributions distributions;
  for (auto& result : read) {
    LP_TRY(Distribution distribution, std::move(result));
    if (distribution.name.empty()) {
      distribution = named_after_folder(std::move(distribution));
      distributions.findings.push_back(
          {.code = "bad-dist-info",
           .severity = Severity::info,
           .path = distribution.info,
           .detail = {},
           .message = "has no METADATA with a name; taken for " + printable(distribution.name),
           .help = "install the distribution again with pip"});
    }
    distributions.found.push_back(std::move(distribution));
  }
  return distributions;
}

}  // namespace lambdapack
