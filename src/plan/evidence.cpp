// Looking for names in the text of files; see evidence.h.
#include "plan/evidence.h"

#include <algorithm>
#include <set>

#include "languages/package_paths.h"
#include "plan/text_search.h"

namespace lambdapack {
namespace {

constexpr std::size_t kShortestStem = 3;
constexpr std::size_t kLongestImmediate = 8;  // bytes; MOV r64, imm64 (Intel SDM volume 2, MOV)

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

NameSet::NameSet(const std::vector<std::string>& names, const std::vector<std::string>& folders)
    : names_(names), all_(joined(names, folders)) {
  std::vector<std::string> few;
  const auto add_short = [&](const std::vector<std::string>& from, std::size_t first, std::size_t longest) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (from[i].size() > longest) continue;
      short_names_.push_back(first + i);
      few.push_back(from[i]);
    }
  };
  add_short(names, 0, kLongestImmediate);
  add_short(folders, names.size(), kLongestImmediate - 2);  // with a slash or the like on either side
  if (!few.empty()) short_.emplace(std::move(few));
}

const CutNames& NameSet::cut_names() const {
  std::call_once(cut_once_, [&] { cut_ = std::make_unique<CutNames>(names_); });
  return *cut_;
}

std::vector<std::size_t> NameSet::find_in(const TextPart& part, const std::vector<MoveText>& moves) const {
  std::vector<std::size_t> found;
  if (part.text) {
    found = all_.find_in(part.bytes, part.wide);
  } else if (short_) {
    found = short_->find_in(part.bytes);
    for (std::size_t& name : found) name = short_names_[name];
  }
  std::vector<std::size_t> cut;
  if (!moves.empty()) cut = cut_names().find_in(moves);
  if (part.opener && !part.code) cut = cut_names().find_in_constants(part.bytes, part.offset);
  if (cut.empty()) return found;
  found.insert(found.end(), cut.begin(), cut.end());
  std::ranges::sort(found);
  const auto repeated = std::ranges::unique(found);
  found.erase(repeated.begin(), repeated.end());
  return found;
}

Result<std::vector<Mention>> find_mentions(const Package& package, const Inventory& inventory,
                                           const std::vector<std::size_t>& files,
                                           const std::vector<std::string>& needles, unsigned threads) {
  return TextSearch(package, inventory, threads).find(files, needles);
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
