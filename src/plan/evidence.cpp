// Looking for names in the text of files; see evidence.h.
#include "plan/evidence.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "base/parallel.h"
#include "languages/package_paths.h"
#include "plan/file_texts.h"

namespace lambdapack {
namespace {

constexpr std::size_t kShortestStem = 3;

// Runs see(i, part) over the texts of files[i], in parallel over files.
Result<void> visit_all(const Package& package, const Inventory& inventory, const std::vector<std::size_t>& files,
                       unsigned threads, const std::function<void(std::size_t, const TextPart&)>& see) {
  std::vector<std::optional<Error>> errors(files.size());
  parallel_for(files.size(), threads, [&](std::size_t i) {
    const auto read = visit_texts(package, inventory, files[i], [&](const TextPart& part) { see(i, part); });
    if (!read) errors[i] = read.error();
  });
  for (std::optional<Error>& error : errors)
    if (error) return std::unexpected(*std::move(error));
  return {};
}

std::vector<Mention> sorted_mentions(const std::vector<std::set<std::size_t>>& found,
                                     const std::vector<std::size_t>& files) {
  std::vector<Mention> mentions;
  for (std::size_t i = 0; i < files.size(); ++i)
    for (const std::size_t needle : found[i]) mentions.push_back({needle, files[i]});
  std::ranges::sort(mentions, {}, [](const Mention& m) { return std::pair(m.needle, m.file); });
  return mentions;
}

}  // namespace

Result<std::vector<Mention>> find_mentions(const Package& package, const Inventory& inventory,
                                           const std::vector<std::size_t>& files,
                                           const std::vector<std::string>& needles, unsigned threads) {
  if (needles.empty() || files.empty()) return std::vector<Mention>{};
  const StringSet set(needles);
  std::vector<std::set<std::size_t>> found(files.size());
  LP_CHECK(visit_all(package, inventory, files, threads, [&](std::size_t i, const TextPart& part) {
    for (const std::size_t needle : set.find_in(part.bytes, part.wide)) found[i].insert(needle);
  }));
  return sorted_mentions(found, files);
}

Result<std::vector<std::size_t>> names_in(const Package& package, const Inventory& inventory, std::size_t file,
                                          const StringSet& set) {
  std::set<std::size_t> found;
  LP_CHECK(visit_texts(package, inventory, file, [&](const TextPart& part) {
    for (const std::size_t name : set.find_in(part.bytes, part.wide)) found.insert(name);
  }));
  return std::vector<std::size_t>(found.begin(), found.end());
}

Result<Evidence> find_evidence(const Package& package, const Inventory& inventory,
                               const std::vector<std::size_t>& files, const std::vector<std::string>& needles,
                               const std::vector<std::string>& folders, unsigned threads) {
  Evidence evidence;
  if (needles.empty() || files.empty()) return evidence;
  std::vector<std::string> both = needles;
  both.insert(both.end(), folders.begin(), folders.end());
  const StringSet set(std::move(both));
  std::vector<std::set<std::size_t>> names(files.size()), places(files.size());
  std::vector<std::set<NamePattern>> patterns(files.size());
  LP_CHECK(visit_all(package, inventory, files, threads, [&](std::size_t i, const TextPart& part) {
    for (const std::size_t found : set.find_in(part.bytes, part.wide)) {
      if (found < needles.size())
        names[i].insert(found);
      else if (const std::size_t folder = found - needles.size(); names_folder(as_text(part.bytes), folders[folder]))
        places[i].insert(folder);
    }
    for (NamePattern& pattern : name_patterns(as_text(part.bytes))) patterns[i].insert(std::move(pattern));
  }));
  evidence.names = sorted_mentions(names, files);
  evidence.folders = sorted_mentions(places, files);
  for (std::size_t i = 0; i < files.size(); ++i)
    for (const NamePattern& pattern : patterns[i]) evidence.patterns.push_back({pattern, files[i]});
  return evidence;
}

std::string_view library_stem(std::string_view path) {
  const std::string_view name = base_name(path);
  std::string_view stem = name.substr(0, name.find(".so"));
  if (stem.starts_with("lib")) stem.remove_prefix(3);
  // auditwheel appends a hash to the names of the libraries it bundles: "libgfortran-8a9d7f1c.so.5".
  if (const std::size_t dash = stem.rfind('-'); dash != std::string_view::npos && stem.size() - dash == 9)
    stem = stem.substr(0, dash);
  return stem;
}

std::vector<std::string> library_needles(std::string_view path) {
  const std::string_view name = base_name(path), stem = library_stem(path);
  if (stem.size() >= kShortestStem && stem != name) return {std::string(name), std::string(stem)};
  const std::size_t mark = name.find(".so");
  return {std::string(mark == std::string_view::npos ? name : name.substr(0, mark + 3))};
}

}  // namespace lambdapack
